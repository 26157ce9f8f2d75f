"""Writes the run directories of the present format that stand beside it, once and for all.

python tests/runs/formats/write.py   makes format-N/finished and format-N/interrupted, and refuses where they are there

They are never written again: what a version has written, every later one has to read.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet import run
from specnet.artifacts.manifest import FORMAT
from specnet.errors import Interrupted
from specnet.registry import Registry
from specnet.runs import Watcher, receipt

if TYPE_CHECKING:
    from specnet.component.task import Epoch

HERE = Path(__file__).resolve().parent
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "kept",
    "seed": 7,
    "dataset": {"type": "arithmetic", "samples": 60},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2, "shuffle": True},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [
        {"type": "dense", "units": 4, "activation": "tanh"},
        {"type": "batch_norm"},
        {"type": "dropout", "rate": 0.1},
        {"type": "dense", "units": 3},
    ],
    "loss": "mse",
    "metrics": ["r2"],
    "optimizer": {"type": "adam", "learning_rate": {"type": "cosine", "start": 0.02}},
    "training": {"epochs": 8, "batch_size": 16, "log_every": 2},
    "early_stopping": {"patience": 20},
    "checkpoint": {"every_epochs": 2, "keep_last": 2, "keep_best": True},
    "predict": [{"inputs": [[30, 70], [3, 5]]}],
    "expect": [{"metric": "test.loss", "max": 100}],
    "checks": {"parameters_vs_rows": "off"},
}


class Stopping(Watcher):
    """Ends training by a signal."""

    def epoch(self, epoch: Epoch) -> None:
        if epoch.number == 5:
            signal.raise_signal(signal.SIGTERM)


def anywhere() -> dict[str, Any]:
    """A machine that is nobody's."""
    return {"blas": {}, "threads": {}, "platform": "any", "cpus": 1, "cpu": {"model": "any", "simd": []}}


def main() -> None:
    """Both runs, as they would be if they had been made in the root of an unknown machine."""
    receipt.machine = anywhere
    os.chdir("/")
    folder = HERE / f"format-{FORMAT}"
    run(SPEC, out=folder / "finished", registry=Registry([]))
    try:
        run(SPEC, out=folder / "interrupted", registry=Registry([]), watcher=Stopping())
    except Interrupted:
        return


if __name__ == "__main__":
    main()
