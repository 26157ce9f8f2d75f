"""What it costs to import a plugin: anyone who names one of its components pays it, also for `validate`."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from specnet.testing.checks import Broken, require

if TYPE_CHECKING:
    from specnet.testing.checks import Stage

LIMIT = 50_000
"""Microseconds beyond NumPy, pydantic and what specnet has imported before it asks for a plugin."""
RUNS = 3
"""The best of so many counts: what else a machine does makes an import slow, never quick."""
HEAVY = frozenset(
    {
        *("IPython", "cupy", "dask", "datasets", "jax", "jaxlib", "matplotlib", "mlflow", "numba", "onnx"),
        *("onnxruntime", "optuna", "pandas", "plotly", "polars", "pyarrow", "ray", "scipy", "skimage", "sklearn"),
        *("statsmodels", "sympy", "tensorflow", "torch", "transformers", "wandb", "xarray"),
    }
)
"""Libraries that take long to import, so that their place is inside the method that needs them."""
_MARK = "-- what follows is the plugin's --"
_SCRIPT = f"""
import sys, time
import numpy, pydantic, specnet.api, specnet.registry
specnet.registry.Registry([])
before = set(sys.modules)
print({_MARK!r}, file=sys.stderr, flush=True)
began = time.process_time_ns()
__import__(sys.argv[1])
print((time.process_time_ns() - began) // 1000)
print(*{{name.split(".")[0] for name in sys.modules.keys() - before}})
"""


@dataclass(frozen=True)
class Imported:
    """What one import took: microseconds of its own by module, those of the processor, and the new packages."""

    times: dict[str, int]
    processor: int
    packages: frozenset[str]

    @property
    def total(self) -> int:
        """Microseconds; on a busy machine those of the processor are the fewer, and the import's own."""
        return min(self.processor, sum(self.times.values()))

    def __str__(self) -> str:
        slowest = sorted(self.times, key=lambda name: -self.times[name])[:3]
        most = ", ".join(f"{name} {self.times[name] / 1000:.1f} ms" for name in slowest)
        return f"{self.total / 1000:.1f} ms, most of it {most}"


def import_checks(module: str) -> Stage:
    """That importing the module is quick, and imports no heavy library; measured in processes of their own."""
    once = cache(partial(imported, module))
    return {"import time": lambda: _quick(module, once()), "light import": lambda: _light(once())}


def _quick(module: str, first: Imported) -> str:
    best = first
    for _ in range(RUNS - 1):
        if best.total >= LIMIT:
            best = min(best, imported(module), key=lambda run: run.total)
    require(best.total < LIMIT, f"{best}; the limit is {LIMIT // 1000} ms beyond NumPy, pydantic and specnet")
    return str(best)


def _light(run: Imported) -> str:
    heavy = sorted(run.packages & HEAVY)
    require(not heavy, f"it imports {', '.join(heavy)}: import it in the method that needs it")
    return f"{len(run.times)} modules"


def imported(module: str) -> Imported:
    """One import in a fresh interpreter with the search path of this one. Raises Broken when it fails."""
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-X", "importtime", "-c", _SCRIPT, module]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # own code
    _, _, report = done.stderr.partition(_MARK)
    if done.returncode:
        raise Broken(f"in a process of its own: {(done.stderr.splitlines() or ['no output'])[-1]}")
    rows = (
        line.removeprefix("import time:").split("|") for line in report.splitlines() if line.startswith("import time:")
    )
    times = {name.strip(): int(own) for own, _, name in rows}
    processor, *packages = done.stdout.split()
    return Imported(times, int(processor), frozenset(packages))
