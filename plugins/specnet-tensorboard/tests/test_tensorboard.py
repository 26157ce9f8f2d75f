from __future__ import annotations

import json
import logging
import os
import re
import signal
import struct
import subprocess
import sys
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event

import specnet
from specnet.errors import DivergenceError

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = Path(__file__).parent.parent / "specs" / "curves.toml"
COMMAND = [sys.executable, "-m", "specnet", "run", str(SPEC), "--out", "run", "--track", "tensorboard"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def masked_crc(data: bytes) -> int:
    """CRC-32C (Castagnoli, reflected 0x82F63B78), rotated and shifted as TFRecord files have it, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(content: bytes, torn: bool) -> Iterator[bytes]:
    """The records of a TFRecord file: length, its checksum, data, its checksum; all little-endian.

    The last one may be cut where the writer was killed.
    """
    while len(content) >= (12 if torn else 1):
        (length, check) = struct.unpack("<QI", content[:12])
        assert check == masked_crc(content[:8])
        data, rest = content[12 : 12 + length], content[12 + length :]
        if torn and len(rest) < 4:
            return
        assert struct.unpack("<I", rest[:4]) == (masked_crc(data),)
        yield data
        content = rest[4:]


def read(path: Path, torn: bool = False) -> tuple[dict[str, list[tuple[int, float]]], dict[str, str]]:
    """(the curves, the texts) of the one event file of a run."""
    (file,) = (path / "tensorboard").iterdir()
    assert re.match(r"events\.out\.tfevents\.\d+\.", file.name)
    first, *events = [Event.FromString(data) for data in records(file.read_bytes(), torn)]
    assert first.file_version == "brain.Event:2"
    curves: dict[str, list[tuple[int, float]]] = {}
    texts: dict[str, str] = {}
    for event in events:
        for value in event.summary.value:
            if value.HasField("simple_value"):
                curves.setdefault(value.tag, []).append((event.step, value.simple_value))
            else:
                assert value.metadata.plugin_data.plugin_name == "text"
                texts[value.tag.removesuffix("/text_summary")] = value.tensor.string_val[0].decode()
    return curves, texts


def curves_of(run: specnet.Run) -> dict[str, list[tuple[int, float]]]:
    """What the history holds, in the float32 of event files."""
    epochs = run.history["epoch"].tolist()
    with np.errstate(over="ignore"):
        columns = {name: values.astype(np.float32).tolist() for name, values in run.history.items() if name != "epoch"}
    return {name: list(zip(epochs, values, strict=True)) for name, values in columns.items()}


def test_the_checksum_is_that_of_the_standard() -> None:
    assert masked_crc(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nobody closes a file that has failed
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_does_not_harm_the_run(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    alone = specnet.run(SPEC)
    monkeypatch.setattr("tensorboardX.record_writer.open_file", lambda _: FileIO("/dev/full", "w"))
    tracked = specnet.run(SPEC, track=["tensorboard"])
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage().startswith(
        "SN509 tracker 'tensorboard' (specnet-tensorboard 0.1.0) failed in specnet_run_started and is not called "
        "again: OSError: [Errno 28] "
    )
    for file in ("model.safetensors", "history.csv"):
        assert (tracked.path / file).read_bytes() == (alone.path / file).read_bytes()
    assert specnet.load_run(tracked.path).status == "finished"


def test_a_run_carries_its_curves() -> None:
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    run = specnet.load_run("run")  # the folder beside the sealed files is none of them
    assert run.manifest["trackers"] == {"specnet-tensorboard": "0.1.0"}
    curves, texts = read(run.path)
    assert curves == curves_of(run)
    assert len(curves["test.loss"]) == 101
    spec = re.fullmatch(r"```json\n(.*)\n```", texts["spec"], re.DOTALL)
    assert spec is not None
    assert json.loads(spec[1]) == json.loads(Path("run", "resolved.json").read_text())
    assert "| parameters | 51 |" in texts["run"]
    for line in (
        "| status | finished |",
        f"| test.loss | {run.metrics['test.loss']} |",
        "| expect test.loss | passed |",
    ):
        assert line in texts["end"].splitlines()


def test_a_diverged_run_has_its_curves() -> None:
    changes: dict[str, Any] = {"optimizer.learning_rate": 1e9, "training.log_every": 1}
    with pytest.raises(DivergenceError):
        specnet.run(SPEC, set=changes, track=["tensorboard"], out="run")
    curves, texts = read(Path("run"))
    assert curves == curves_of(specnet.load_run("run"))
    assert "| status | diverged |" in texts["end"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal for another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_has_its_curves(number: signal.Signals) -> None:
    changes = ["--set", "training.epochs=10000000", "--set", "training.log_every=100"]
    process = subprocess.Popen([*COMMAND, *changes], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if Path("run").exists() and any(file.stat().st_size > 4000 for file in Path("run").glob("tensorboard/*")):
            break
        assert line
    process.send_signal(number)
    process.communicate(timeout=60)
    curves, texts = read(Path("run"), torn=number == signal.SIGKILL)
    assert [step for step, _ in curves["train.loss"]][:3] == [1, 100, 200]
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "| status | interrupted |" in texts["end"]
        assert curves == curves_of(specnet.load_run("run"))


def test_nothing_heavy_is_imported_before_a_run_is_tracked() -> None:
    code = "import sys, specnet_tensorboard; print([m for m in ('numpy', 'tensorboardX') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
