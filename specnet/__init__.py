"""A neural network is a file: declare it, check it, train it, trust the run directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specnet.runs import Run as Run
    from specnet.runs import cross_validate as cross_validate
    from specnet.runs import load_run as load_run
    from specnet.runs import reproduce as reproduce
    from specnet.runs import resume as resume
    from specnet.runs import run as run
    from specnet.spec import Spec as Spec
    from specnet.spec import load_spec as load_spec

__version__ = "0.1.0"

_HOME = {
    "Run": "specnet.runs",
    "Spec": "specnet.spec",
    "cross_validate": "specnet.runs",
    "load_run": "specnet.runs",
    "load_spec": "specnet.spec",
    "reproduce": "specnet.runs",
    "resume": "specnet.runs",
    "run": "specnet.runs",
}
__all__ = ["Run", "Spec", "__version__", "cross_validate", "load_run", "load_spec", "reproduce", "resume", "run"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'specnet' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
