"""The receipt of a run: with what, on what and from what it was made."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

import numpy as np

import specnet
from specnet.artifacts import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from specnet.registry import Plugin, Registry
    from specnet.spec import Document, Spec

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def receipt(
    document: Document,
    spec: Spec,
    overrides: Mapping[str, Any],
    registry: Registry,
    files: Iterable[Path],
    started: datetime,
    trackers: Iterable[Plugin],
) -> dict[str, Any]:
    """The part of the manifest that is known before training."""
    plugins = filter(None, (registry.origin(type(component)) for component in spec.components()))
    return {
        "format": 1,
        "name": spec.name,
        "started": started.isoformat(timespec="seconds"),
        "seed": spec.seed,
        "spec": {"file": document.source, "folder": str(document.folder), "overrides": dict(overrides)},
        "data": {str(file): {"sha256": sha256_of(file), "bytes": file.stat().st_size} for file in files},
        "plugins": {plugin.distribution: plugin.version for plugin in plugins},
        "trackers": {plugin.distribution: plugin.version for plugin in trackers},
        "specnet": specnet.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "blas": _blas(),
        "threads": {name: os.environ[name] for name in _THREAD_VARIABLES if name in os.environ},
    }


def _blas() -> dict[str, Any]:
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return {key: blas[key] for key in ("name", "version") if key in blas}
