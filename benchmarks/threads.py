"""One thread of the BLAS against two: how far the metrics of the gallery are apart.

python -m benchmarks.threads [SPECS...]   every spec of the gallery, or these, trained with one thread and with two

Prints the largest relative difference of a metric for each, and exits 1 when one is beyond 1e-9.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from math import isclose
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BOUND = 1e-9
CUT = {"arith_article.toml": ["--set", "training.epochs=1000"]}
"""The million epochs of the lesson take minutes."""
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def trained(spec: Path, threads: int, out: Path) -> dict[str, Any]:
    environment = {**os.environ, **dict.fromkeys(VARIABLES, str(threads)), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "specnet", "run", str(spec), "--out", str(out), *CUT.get(spec.name, [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    report: dict[str, Any] = json.loads((out / "metrics.json").read_text())
    manifest = json.loads((out / "manifest.json").read_text())
    return {**report, "result": manifest["result"]["sha256"]}


def apart(one: dict[str, Any], two: dict[str, Any]) -> tuple[float, str]:
    """The largest relative difference of a metric, and its name."""
    pairs = [(name, one[name], two[name]) for name in one if isinstance(one[name], float)]
    return max((abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0, name) for name, a, b in pairs)


def main(args: list[str]) -> int:
    specs = [Path(arg) for arg in args] or sorted(
        path for path in (ROOT / "specs").iterdir() if path.suffix in (".toml", ".json")
    )
    beyond = 0
    with tempfile.TemporaryDirectory() as folder:
        for place, spec in enumerate(specs):
            one, two = (trained(spec, threads, Path(folder, f"{place}-{threads}")) for threads in (1, 2))
            difference, name = apart(one["metrics"], two["metrics"])
            same = "the same bits" if one["result"] == two["result"] else f"{difference:.1e} in {name}"
            print(f"{spec.name}: {same}", flush=True)
            beyond += not isclose(difference, 0, abs_tol=BOUND)
    print(f"{len(specs)} specs, 1 thread against 2: {beyond} apart by more than {BOUND:g} relative")
    return int(beyond > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
