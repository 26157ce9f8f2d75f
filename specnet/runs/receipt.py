"""The receipt of a run: with what, on what and from what it was made."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import specnet
from specnet.artifacts import sha256_of
from specnet.artifacts.strict_json import to_json
from specnet.errors import ArtifactError, Finding, listed
from specnet.runs.installed import files_of
from specnet.runs.repository import repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from specnet.component import Data
    from specnet.registry import Plugin, Registry
    from specnet.spec import Document, Spec

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

_KEYS = {"blas", "cpus", "data", "numpy", "platform", "plugins", "python", "spec", "specnet", "started", "threads"}
"""What every receipt of format 1 has; what came later may be missing."""


def check_receipt(manifest: Mapping[str, Any], path: Path) -> None:
    """Raises ArtifactError SN605 for a manifest that is no receipt."""
    if missing := sorted(_KEYS - manifest.keys()):
        message = f"{path} is not a run directory: its manifest.json lacks {listed(missing)}"
        raise ArtifactError(Finding("SN605", message))
    if not (_is_made_of(manifest) and _is_resumed(manifest.get("resumed", []))):
        message = f"{path} is not a run directory: its manifest.json does not say what that of a run says"
        raise ArtifactError(Finding("SN605", message))


def _is_made_of(manifest: Mapping[str, Any]) -> bool:
    spec, data, plugins = (manifest[name] for name in ("spec", "data", "plugins"))
    rows, files = manifest.get("rows", {"sha256": ""}), manifest.get("plugin_files", {})
    return (
        all(isinstance(table, dict) for table in (spec, data, plugins, rows, files))
        and isinstance(spec.get("overrides"), dict)
        and all(isinstance(spec.get(name), str) for name in ("file", "folder"))
        and all(isinstance(entry, dict) and isinstance(entry.get("sha256"), str) for entry in (rows, *data.values()))
        and all(isinstance(version, str) for version in plugins.values())
    )


def _is_resumed(entries: object) -> bool:
    return isinstance(entries, list) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("at"), str)
        and type(entry.get("epoch")) is int
        and isinstance(entry.get("changed"), list)
        and all(isinstance(name, str) for name in entry["changed"])
        for entry in entries
    )


def receipt(
    document: Document,
    spec: Spec,
    overrides: Mapping[str, Any],
    registry: Registry,
    data: Data,
    started: datetime,
    trackers: Iterable[Plugin],
) -> dict[str, Any]:
    """The part of the manifest that is known before training."""
    plugins = [plugin for plugin in map(registry.origin, map(type, spec.components())) if plugin is not None]
    return {
        "format": 1,
        "name": spec.name,
        "started": started.isoformat(timespec="seconds"),
        "seed": spec.seed,
        "spec": {
            "file": document.source,
            "folder": str(document.folder),
            "overrides": dict(overrides),
            "sha256": hashlib.sha256(document.content).hexdigest(),
            "resolved": digest_of_meaning(spec),
        },
        **_repository(document.folder),
        "data": {str(file): {"sha256": sha256_of(file), "bytes": file.stat().st_size} for file in data.files},
        "rows": {"sha256": digest_of_rows(data), "count": len(data.inputs)},
        "plugins": {plugin.distribution: plugin.version for plugin in plugins},
        "plugin_files": {plugin.distribution: files_of(plugin) for plugin in plugins},
        "trackers": {plugin.distribution: plugin.version for plugin in trackers},
        "specnet": specnet.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        **machine(),
    }


def machine() -> dict[str, Any]:
    """What may change the last digits of a result: the BLAS, its threads, the machine."""
    return {
        "blas": _blas(),
        "threads": {name: os.environ[name] for name in _THREAD_VARIABLES if name in os.environ},
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "cpu": {"model": _cpu(), "simd": _simd()},
    }


def _cpu() -> str:
    """The name of the processor, as far as the system tells it."""
    listed = Path("/proc/cpuinfo")
    try:
        lines = listed.read_text(encoding="utf-8", errors="replace").splitlines() if listed.is_file() else []
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _simd() -> list[str]:
    """What NumPy makes use of that this processor has, and not every other."""
    config: Any = np.show_config(mode="dicts")
    return list(config.get("SIMD Extensions", {}).get("found", []))


def _repository(folder: Path) -> dict[str, Any]:
    found = repository(folder)
    return {} if found is None else {"repository": found}


def digest_of_rows(data: Data) -> str:
    """The SHA-256 of the names and the numbers of all columns, wherever they come from."""
    digest = hashlib.sha256()
    for table in (data.inputs, data.targets):
        digest.update(json.dumps([table.names, table.values.shape]).encode())
        digest.update(np.ascontiguousarray(table.values, "<f8").data)
    return digest.hexdigest()


def _blas() -> dict[str, Any]:
    """The name and the version of the library behind NumPy's products."""
    config: Any = np.show_config(mode="dicts")
    library = config.get("Build Dependencies", {}).get("blas", {})
    return {key: library[key] for key in ("name", "version") if key in library}


def digest_of_meaning(spec: Spec) -> str:
    """The SHA-256 of `resolved.json`."""
    return hashlib.sha256(to_json(spec.model_dump(mode="json"))).hexdigest()


def digest_of_spec(spec: Spec) -> str:
    """The SHA-256 of a spec with its defaults, whatever its number of epochs: what a checkpoint belongs to."""
    said = spec.model_dump(mode="json")
    del said["training"]["epochs"]
    return hashlib.sha256(to_json(said)).hexdigest()
