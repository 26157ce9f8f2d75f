"""What the manifest says of the making of a run, and that it says it of this one."""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from importlib.metadata import EntryPoint
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import load_run, resume, run
from specnet.errors import ArtifactError
from specnet.registry import Plugin, Registry
from specnet.runs import Watcher
from specnet.runs.changes import warn_of_machine
from specnet.runs.fingerprint import digest_of_result
from specnet.runs.installed import files_of
from specnet.runs.receipt import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.component.task import Epoch

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "dataset": {"type": "arithmetic", "samples": 40},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
    "training": {"epochs": 3, "log_every": 1},
    "checkpoint": {"every_epochs": 1},
}
SOURCE = '''
from typing import Literal
from specnet.api import Activation, hookimpl

SPECNET_API = 1

class Double(Activation):
    """2 x."""
    type: Literal["double"] = "double"
    def value(self, x, xp):
        return 2 * x
    def slope(self, x, y, xp):
        return 2 * xp.ones_like(x)

@hookimpl
def specnet_components():
    return [Double]
'''


class Killed(Watcher):
    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 2:
            raise InterruptedError


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed distribution with a plugin, as pip leaves it."""
    site = tmp_path / "site"
    package, info = site / "acme_of_receipts", site / "acme_of_receipts-1.0.dist-info"
    for folder in (package, package / "__pycache__", info):
        folder.mkdir(parents=True)
    (package / "__init__.py").write_text(SOURCE)
    (package / "table.csv").write_text("1,2\n")
    (package / "__pycache__" / "x.pyc").write_bytes(b"1")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-of-receipts\nVersion: 1.0\n")
    (info / "INSTALLER").write_text("pip\n")
    listed = [f"{package.name}/{name}" for name in ("__init__.py", "table.csv", "__pycache__/x.pyc")]
    listed += [f"{info.name}/{name}" for name in ("METADATA", "INSTALLER", "RECORD")]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in listed))
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield site
    sys.modules.pop(package.name, None)


def registry() -> Registry:
    return Registry([Plugin("acme", "acme-of-receipts", "1.0", EntryPoint("acme", "acme_of_receipts", "specnet"))])


def with_plugin() -> dict[str, Any]:
    return {**SPEC, "layers": [{"type": "dense", "units": 3, "activation": "acme.double"}]}


# What is noticed


@pytest.mark.parametrize("name", ["__init__.py", "table.csv"])
def test_a_plugin_whose_files_are_others_under_the_same_version_is_refused(site: Path, name: str) -> None:
    with pytest.raises(InterruptedError):
        run(with_plugin(), out="out", registry=registry(), watcher=Killed())
    file = site / "acme_of_receipts" / name
    before = file.read_text()
    file.write_text(before + "\n")
    with pytest.raises(ArtifactError) as caught:
        resume("out", registry=registry())
    told = "the files of acme-of-receipts 1.0 are others than those that the run was made with"
    assert caught.value.findings[0].message == f"plugins: {told}"
    file.write_text(before)
    assert resume("out", registry=registry()).status == "finished"


def test_a_file_that_is_gone_or_new_is_another_content(site: Path) -> None:
    plugin = registry().plugins()[0]
    found = [files_of(plugin)]
    (site / "acme_of_receipts" / "more.py").write_text("x = 1\n")
    found.append(files_of(plugin))
    (site / "acme_of_receipts" / "table.csv").unlink()
    found.append(files_of(plugin))
    assert [entry["count"] for entry in found] == [3, 4, 4]
    assert len({entry["sha256"] for entry in found}) == 3


def test_what_is_compiled_or_written_by_the_installer_does_not_count(site: Path) -> None:
    plugin = registry().plugins()[0]
    before = files_of(plugin)
    (site / "acme_of_receipts" / "__pycache__" / "x.pyc").write_bytes(b"2")
    (site / "acme_of_receipts-1.0.dist-info" / "INSTALLER").write_text("uv\n")
    assert files_of(plugin) == before


def test_other_machines_are_told_and_older_manifests_are_not_blamed(caplog: pytest.LogCaptureFixture) -> None:
    here = machine()
    warn_of_machine({**here, "cpu": {"model": "other", "simd": []}}, Path("out"))
    assert "cpu was {'model': 'other', 'simd': []}, is" in caplog.text
    caplog.clear()
    warn_of_machine({name: value for name, value in here.items() if name != "cpu"}, Path("out"))
    assert caplog.text == ""


# What is written


def test_the_digests_of_a_manifest_by_hand() -> None:
    Path("s.json").write_text(json.dumps(SPEC, indent=1))
    result = run("s.json", out="out", registry=Registry([]))
    manifest = json.loads(Path("out/manifest.json").read_text())
    files = {
        name: hashlib.sha256(Path("out", name).read_bytes()).hexdigest() for name in ("spec.json", "resolved.json")
    }
    assert manifest["spec"]["sha256"] == files["spec.json"] == hashlib.sha256(Path("s.json").read_bytes()).hexdigest()
    assert manifest["spec"]["resolved"] == files["resolved.json"]
    assert (manifest["plugins"], manifest["plugin_files"]) == ({}, {})
    assert manifest["seed"] == result.spec.seed
    assert {"blas", "threads", "platform", "cpus", "cpu", "numpy", "python", "specnet"} <= manifest.keys()
    assert manifest["cpu"].keys() == {"model", "simd"}
    # the result, number by number
    digest = hashlib.sha256()
    for name, rows in (("layers.0.W", [3, 2]), ("layers.0.b", [3])):
        array = result.weights.tensors()[name]
        digest.update(json.dumps(["weights", name, "float64", rows]).encode())
        digest.update(struct.pack(f"<{array.size}d", *array.ravel().tolist()))
    for name in sorted(result.history):
        kind, letter = ("int64", "q") if name == "epoch" else ("float64", "d")
        digest.update(json.dumps(["history", name, kind, [3]]).encode())
        digest.update(struct.pack(f"<3{letter}", *result.history[name].tolist()))
    assert manifest["result"]["sha256"] == digest.hexdigest()


def test_a_plugin_stands_with_its_version_and_its_files(site: Path) -> None:
    result = run(with_plugin(), out="out", registry=registry())
    assert result.manifest["plugins"] == {"acme-of-receipts": "1.0"}
    files = result.manifest["plugin_files"]["acme-of-receipts"]
    names = ["acme_of_receipts-1.0.dist-info/METADATA", "acme_of_receipts/__init__.py", "acme_of_receipts/table.csv"]
    lines = (f"{name}\0{hashlib.sha256((site / name).read_bytes()).hexdigest()}\n" for name in names)
    assert files == {"count": 3, "sha256": hashlib.sha256("".join(lines).encode()).hexdigest()}


def test_the_result_digest_survives_the_disk_and_knows_one_bit() -> None:
    result = run(SPEC, out="out", registry=Registry([]))
    stored = load_run("out", Registry([]))
    wanted = stored.manifest["result"]["sha256"]
    assert digest_of_result(stored) == digest_of_result(result) == wanted
    stored.weights.flat[0] = np.nextafter(stored.weights.flat[0], 1)
    assert digest_of_result(stored) != wanted
    result.history["train.loss"][1] = np.nextafter(result.history["train.loss"][1], 1)
    assert digest_of_result(result) != wanted


def test_every_nan_is_one_and_zeros_are_two() -> None:
    result = run(SPEC, out="out", registry=Registry([]))
    digests = []
    for value in (nan, -nan, struct.unpack("<d", b"\x01" + b"\0" * 5 + b"\xf8\xff")[0], 0.0, -0.0):
        result.history["train.loss"][0] = value
        digests.append(digest_of_result(result))
    assert len(set(digests)) == 3
    assert len(set(digests[:3])) == 1


def test_a_resumption_digests_the_spec_that_it_goes_on_with() -> None:
    run(SPEC, out="out", registry=Registry([]))
    manifest = resume("out", epochs=5, registry=Registry([])).manifest
    assert manifest["spec"]["resolved"] == hashlib.sha256(Path("out/resolved.json").read_bytes()).hexdigest()
    assert load_run("out", Registry([])).manifest["result"]["sha256"] == digest_of_result(load_run("out", Registry([])))
