from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from specnet.artifacts import decode_tensors, encode_tensors
from specnet.component.task import Position
from specnet.errors import ArtifactError
from specnet.runs.checkpoint import Checkpoint


def checkpoint(**changes: Any) -> Checkpoint:
    fields: dict[str, Any] = {
        "epoch": 2,
        "position": Position(7, {"before": np.array([0.1, -0.0]), "optimizer.velocity": np.array([np.pi, 1e-310])}),
        "weights": {"layers.0.W": np.array([[0.1], [1 / 3]]), "a/b": np.zeros((0, 2)), "scalar": np.array(2.0)},
        "scaling": {"scaling/inputs.mean": np.array([1.0])},
        "history": {"epoch": np.array([1.0, 2.0]), "train.loss": np.array([0.5, np.nan])},
        "spec": "00ff",
        "looks": {"best": 0.1, "best_epoch": 1, "waited": 3},
        "best": {"layers.0.W": np.array([[1.0], [np.inf]])},
    }
    return Checkpoint(**fields | changes)


def forged(tensors: dict[str, Any], meta: dict[str, Any]) -> bytes:
    """A file whose digest is right, by somebody who knows how it is made."""
    digest = hashlib.sha256(encode_tensors(tensors, meta)).hexdigest()
    return encode_tensors(tensors, {**meta, "sha256": digest})


def taken_apart(blob: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    tensors, meta = decode_tensors(blob)
    return dict(tensors), {name: value for name, value in meta.items() if name != "sha256"}


# Refusals


def test_p52_no_truncation_is_read() -> None:
    blob = checkpoint().encode()
    for length in range(len(blob)):
        with pytest.raises(ArtifactError, match=r"^SN603 "):
            Checkpoint.decode(blob[:length])


def test_p52_no_flipped_bit_is_read() -> None:
    blob = checkpoint().encode()
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1 << place % 8
        with pytest.raises(ArtifactError, match=r"^SN603 "):
            Checkpoint.decode(bytes(changed))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"format": True},
        {"epoch": -1},
        {"epoch": 1.0},
        {"step": "7"},
        {"looks": []},
        {"looks": {}},
        {"looks": {"best": 1, "best_epoch": 1, "waited": 0}},
        {"looks": {"best": None, "best_epoch": 1, "waited": 0}},
        {"looks": {"best": 0.1, "best_epoch": 1, "waited": -1}},
        {"more": 1},
    ],
)
def test_a_table_that_says_something_else_is_refused(change: dict[str, Any]) -> None:
    tensors, meta = taken_apart(checkpoint().encode())
    with pytest.raises(ArtifactError) as caught:
        Checkpoint.decode(forged(tensors, meta | change))
    assert str(caught.value) == "SN603 not a checkpoint of this version of specnet, or it has changed"


@pytest.mark.parametrize("missing", ["format", "epoch", "step", "looks"])
def test_a_table_that_says_less_is_refused(missing: str) -> None:
    tensors, meta = taken_apart(checkpoint().encode())
    del meta[missing]
    with pytest.raises(ArtifactError, match="SN603"):
        Checkpoint.decode(forged(tensors, meta))


@pytest.mark.parametrize(
    "more",
    [
        {"other/x": np.zeros(1)},
        {"x": np.zeros(1)},
        {"history/test.loss": np.zeros(3)},
        {"history/test.loss": np.zeros((2, 1))},
        {"history/test.loss": np.zeros(2, np.float32)},
    ],
)
def test_arrays_that_belong_nowhere_are_refused(more: dict[str, Any]) -> None:
    tensors, meta = taken_apart(checkpoint().encode())
    with pytest.raises(ArtifactError, match="SN603"):
        Checkpoint.decode(forged(tensors | more, meta))


def test_another_tensor_file_is_no_checkpoint() -> None:
    with pytest.raises(ArtifactError, match="SN603"):
        Checkpoint.decode(encode_tensors({"layers.0.W": np.zeros(2)}, {"format": 1}))


# What is kept


def test_a_checkpoint_reads_back_bit_for_bit() -> None:
    first = checkpoint()
    again = Checkpoint.decode(first.encode())
    assert (again.epoch, again.position.step, again.spec, again.looks) == (2, 7, "00ff", first.looks)
    pairs = [
        (again.position.state, first.position.state),
        (again.weights, first.weights),
        (again.scaling, first.scaling),
        (again.history, first.history),
        (again.best, first.best),
    ]
    for got, wanted in pairs:
        assert got.keys() == wanted.keys()
        for name, array in wanted.items():
            assert (got[name].shape, got[name].dtype, got[name].tobytes()) == (
                array.shape,
                array.dtype,
                array.tobytes(),
            )
    assert again.encode() == first.encode()


def test_it_is_one_file_of_arrays_with_strict_json() -> None:
    blob = checkpoint().encode()
    length = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + length])
    assert list(header["__metadata__"]) == ["specnet"]
    said = json.loads(header["__metadata__"]["specnet"])
    assert list(said) == sorted(said) == ["epoch", "format", "looks", "sha256", "spec", "step"]


def test_without_looks_and_state() -> None:
    bare = checkpoint(position=Position(), looks=None, best={}, scaling={}, weights={})
    again = Checkpoint.decode(bare.encode())
    assert (again.looks, again.best, again.position) == (None, {}, Position())
