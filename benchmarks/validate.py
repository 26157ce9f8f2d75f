"""What a validator makes of faults and of bombs, and what it costs: `python -m benchmarks.validate`."""

from __future__ import annotations

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.bombs import BOMBS, explode
from benchmarks.seeded_faults import SPECS, Figures, judged, pairs, singles
from specnet.registry import Registry

IMPORTS = "import numpy, pydantic, pluggy, click"
ROUNDS = 15
ROOT = Path(__file__).parents[1]
MANY = 1000


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %"


def told(what: str, figures: Figures, wanted: str) -> None:
    print(f"{what}: {figures.files:,} files")
    print(f"  tracebacks {figures.raised}, accepted {figures.accepted}, longest message {figures.longest} lines")
    print(f"  right place {percent(figures.placed, figures.files)} (bound 100 %)")
    print(f"  {wanted} {percent(figures.exact, figures.files)}")


class Took(NamedTuple):
    """Seconds of a process: by the clock on the wall, and of all processors together."""

    wall: float
    processor: float


def seconds(command: list[str]) -> Took:
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(time.perf_counter() - began, used)


def start_up() -> None:
    """Both in turn, from bytecode; numpy's import starts threads, so the two clocks differ."""
    command = "import sys; from specnet.cli import main; sys.exit(main())"  # what the console script does
    validate = [sys.executable, "-c", command, "validate", str(SPECS / "arith.toml")]
    compileall.compile_dir(ROOT / "specnet", quiet=1)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(seconds([sys.executable, "-c", IMPORTS]))
        ours.append(seconds(validate))
    for clock in Took._fields:
        mine, other = ([getattr(took, clock) for took in each] for each in (ours, theirs))
        ratio, best = statistics.median(mine) / statistics.median(other), min(mine) / min(other)
        print(f"specnet validate specs/arith.toml / python -c '{IMPORTS}', {clock}: {ratio:.2f}, of the", end=" ")
        print(f"best rounds {best:.2f} (bound 1.4)")


def many() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for i in range(MANY):
            shutil.copy(SPECS / "arith.toml", Path(folder) / f"{i}.toml")
        took = seconds([sys.executable, "-m", "specnet", "validate", folder]).wall
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
