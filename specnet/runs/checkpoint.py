"""A checkpoint is training at rest: arrays and a table, from which it goes on as if it had never stopped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from specnet.artifacts import decode_tensors, encode_tensors
from specnet.component.task import Position
from specnet.errors import ArtifactError, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Array

FORMAT = 1
_GROUPS = ("weights", "state", "scaling", "history", "best")


@dataclass(frozen=True)
class Checkpoint:
    """Everything that training holds between two steps. Its arrays are read-only once they come from a file."""

    epoch: int
    """The last that has ended."""
    position: Position
    weights: Mapping[str, Array]
    """Parameters and buffers, as `Weights.tensors` names them."""
    scaling: Mapping[str, Array]
    """What the scalers have learned, as in `model.safetensors`."""
    history: Mapping[str, Array]
    """The columns so far, all in float64."""
    spec: str
    """The digest of the spec, whatever its number of epochs."""
    looks: Mapping[str, Any] | None = None
    """What `[early_stopping]` has counted."""
    best: Mapping[str, Array] = field(default_factory=dict)
    """The weights of its best epoch, where those are wanted."""

    def encode(self) -> bytes:
        """One file of tensors, whose table has the digest of all the rest."""
        groups = (self.weights, self.position.state, self.scaling, self.history, self.best)
        tensors = {
            f"{group}/{name}": array
            for group, arrays in zip(_GROUPS, groups, strict=True)
            for name, array in arrays.items()
        }
        said = {"format": FORMAT, "epoch": self.epoch, "step": self.position.step, "spec": self.spec}
        return _sealed(tensors, {**said, "looks": self.looks})

    @classmethod
    def decode(cls, blob: bytes) -> Checkpoint:
        """What `encode` gave. Raises ArtifactError SN603 for anything else, be it by one bit."""
        tensors, meta = decode_tensors(blob)
        rest = {name: value for name, value in meta.items() if name != "sha256"}
        groups: dict[str, dict[str, Array]] = {group: {} for group in _GROUPS}
        for name, array in tensors.items():
            group, _, own = name.partition("/")
            groups.setdefault(group, {})[own] = array
        if not _is_ours(rest, groups) or _sealed(tensors, rest) != blob:
            raise ArtifactError(Finding("SN603", "not a checkpoint of this version of specnet, or it has changed"))
        return cls(
            epoch=meta["epoch"],
            position=Position(meta["step"], groups["state"]),
            weights=groups["weights"],
            scaling=groups["scaling"],
            history=groups["history"],
            spec=meta["spec"],
            looks=meta["looks"],
            best=groups["best"],
        )


def _is_ours(meta: Mapping[str, Any], groups: Mapping[str, Mapping[str, Array]]) -> bool:
    """What the rest of the program relies on; the digest alone proves nothing of a file from a stranger."""
    columns = groups["history"].values()
    return (
        meta.keys() == {"format", "epoch", "step", "spec", "looks"}
        and _is_count(meta["format"])
        and meta["format"] == FORMAT
        and all(map(_is_count, (meta["epoch"], meta["step"])))
        and (meta["looks"] is None or _are_looks(meta["looks"]))
        and list(groups) == list(_GROUPS)
        and all(column.ndim == 1 and column.dtype == "float64" for column in columns)
        and len({len(column) for column in columns}) == 1
    )


def _are_looks(looks: object) -> bool:
    if not (isinstance(looks, dict) and looks.keys() == {"best", "best_epoch", "waited"}):
        return False
    nothing = looks["best"] is None and looks["best_epoch"] is None
    return _is_count(looks["waited"]) and (
        nothing or (isinstance(looks["best"], float) and _is_count(looks["best_epoch"]))
    )


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _sealed(tensors: Mapping[str, Array], meta: Mapping[str, Any]) -> bytes:
    digest = hashlib.sha256(encode_tensors(tensors, meta)).hexdigest()
    return encode_tensors(tensors, {**meta, "sha256": digest})
