"""specnet predict on 100,000 to 10,000,000 rows of the article's net (2-4-4-3): rows a second, and the most memory.

python -m benchmarks.predicting [ROWS ...]        such as 100000 1000000; the processor's time, and that of the clock
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
WAYS = (("x.npy", "y.npy"), ("x.npy", "y.npz"), ("x.npy", "y.csv"), ("x.csv", "y.npy"), ("x.csv", "y.csv"))
BLOCK = 100_000
PROGRAM = """
import resource, sys
from pathlib import Path
from specnet.cli import main
try:
    main(sys.argv[1:])
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    print("used", used.ru_utime + used.ru_stime, peak, file=sys.stderr)
"""


def command(*args: object) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *map(str, args)]


def train(folder: Path) -> Path:
    """The article's net after an epoch; that it has learned little costs no time."""
    settings = ("training.epochs=1", "expect=[]", "predict=[]")
    overrides = [part for setting in settings for part in ("--set", setting)]
    run(folder, "run", ROOT / "specs" / "arith_article.toml", *overrides, "--out", folder / "run")
    return folder / "run"


def write(folder: Path, rows: int) -> None:
    """The same whole numbers as an array and as text, block by block."""
    random = np.random.Generator(np.random.PCG64(1))
    array = np.lib.format.open_memmap(folder / "x.npy", "w+", np.float64, (rows, 2))
    with (folder / "x.csv").open("w", encoding="ascii") as text:
        text.write("a,b\n")
        for start in range(0, rows, BLOCK):
            block = random.integers(0, 1000, (min(BLOCK, rows - start), 2))
            array[start : start + BLOCK] = block
            text.write("%d,%d\n" * len(block) % tuple(block.ravel().tolist()))
    array.flush()


def run(folder: Path, *args: object) -> tuple[float, float, float]:
    """Seconds of the processor and of the clock, and the most megabytes."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    done = subprocess.run(command(*args), cwd=folder, env=environment, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    _, used, peak = done.stderr.splitlines()[-1].split()
    return float(used), seconds, int(peak) / 1e3


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or [100_000, 1_000_000, 10_000_000]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trained = train(folder)
        for rows in counts:
            write(folder, rows)
            for source, result in WAYS:
                used, seconds, peak = run(folder, "predict", trained, source, "--only-predictions", "-o", result)
                rates = f"{rows / used:12,.0f} rows a second of the processor, {rows / seconds:12,.0f} of the clock"
                print(f"{rows:12,} rows  {source} -> {result} {rates}, {peak:6.0f} MB", flush=True)
            used, seconds, peak = run(folder, "predict", trained, "x.csv", "-o", "y.csv")
            rates = f"{rows / used:12,.0f} rows a second of the processor, {rows / seconds:12,.0f} of the clock"
            print(f"{rows:12,} rows  x.csv -> x and y.csv {rates}, {peak:6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
