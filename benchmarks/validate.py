"""What a validator makes of faults and of bombs, and what it costs: `python -m benchmarks.validate`."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bombs import BOMBS, explode
from benchmarks.seeded_faults import SPECS, Figures, judged, pairs, singles
from specnet.registry import Registry

IMPORTS = "import numpy, pydantic, pluggy, click"
ROUNDS = 9
MANY = 1000


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %"


def told(what: str, figures: Figures, wanted: str) -> None:
    print(f"{what}: {figures.files:,} files")
    print(f"  tracebacks {figures.raised}, accepted {figures.accepted}, longest message {figures.longest} lines")
    print(f"  right place {percent(figures.placed, figures.files)} (bound 100 %)")
    print(f"  {wanted} {percent(figures.exact, figures.files)}")


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def start_up() -> None:
    validate = [sys.executable, "-m", "specnet", "validate", str(SPECS / "arith.toml")]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(seconds([sys.executable, "-c", IMPORTS]))
        ours.append(seconds(validate))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"specnet validate specs/arith.toml / python -c '{IMPORTS}': {ratio:.2f} (bound 1.4)")


def many() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for i in range(MANY):
            shutil.copy(SPECS / "arith.toml", Path(folder) / f"{i}.toml")
        took = seconds([sys.executable, "-m", "specnet", "validate", folder])
    print(f"{MANY:,} specs in one call: {1000 * took / MANY:.1f} ms each (bound 5)")


def main() -> None:
    registry = Registry([])
    single = singles(registry)
    told("single faults", Figures.of(judged(single, registry)), "exactly one error (bound 99 %)")
    told("pairs of faults", Figures.of(judged(pairs(single), registry)), "exactly two errors (bound 98 %)")
    for name in BOMBS:
        blast = explode(name)
        print(f"bomb {name}: {blast.seconds:.2f} s (bound 1), {blast.megabytes:.0f} MB (bound 200), {blast.first}")
    start_up()
    many()


if __name__ == "__main__":
    main()
