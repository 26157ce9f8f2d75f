"""A CSV file of 1,000,000 x 10 numbers: the reader beside pandas.read_csv, alternating in one process; then its memory.

python -m benchmarks.reading              with pandas where it is installed; the file is made anew, about 200 MB
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from specnet.tables.block import WantedColumn
from specnet.tables.csv_file import CsvFile

if TYPE_CHECKING:
    from specnet.arrays import Array

ROWS, COLUMNS = 1_000_000, 10
ROUNDS = 7


def write(path: Path) -> Array:
    """Normal numbers as repr writes them, 17 digits each."""
    random = np.random.Generator(np.random.PCG64(1))
    parts = []
    with path.open("w", encoding="ascii") as file:
        file.write(",".join(f"c{i}" for i in range(COLUMNS)) + "\n")
        for _ in range(100):
            parts.append(random.standard_normal((ROWS // 100, COLUMNS)))
            file.writelines(",".join(map(repr, row)) + "\n" for row in parts[-1].tolist())
    return np.concatenate(parts)


def load(path: Path) -> Array:
    """The file as one array."""
    file = CsvFile(path, path.name)
    wanted = [WantedColumn(name, True) for name in file.header()]
    parts = []
    for block in file.blocks(wanted):
        part = np.empty((len(block.lines), len(wanted)))
        for i, column in enumerate(block.columns):
            part[:, i] = column
        parts.append(part)
    return np.concatenate(parts)


def seconds(function: Callable[[], object]) -> float:
    """The time of the processor: both work in one thread, and the machine may have other work."""
    start = time.process_time()
    function()
    return time.process_time() - start


def megabytes() -> float:
    """The most memory that this process has had since it began; what a parent had counts in ru_maxrss, but not here."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e3


def show_peak(path: Path) -> None:
    """What loading takes above the interpreter and its imports."""
    before = megabytes()
    table = load(path)
    peak, size = megabytes() - before, table.nbytes / 1e6
    print(f"memory   {peak:.0f} MB above {before:.0f} at the most, {peak / size:.2f} x the array of {size:.0f} MB")


def compare(path: Path, expected: Array) -> None:
    assert load(path).tobytes() == expected.tobytes()
    try:
        read_csv = import_module("pandas").read_csv
    except ModuleNotFoundError:
        times = [seconds(lambda: load(path)) for _ in range(ROUNDS)]
        print(
            f"specnet {min(times):.2f} / {statistics.median(times):.2f} / {max(times):.2f} s; pandas is not installed"
        )
        return
    read_csv(path)
    pairs = [(seconds(lambda: load(path)), seconds(lambda: read_csv(path))) for _ in range(ROUNDS)]
    for name, values, unit in (
        ("specnet", [own for own, _ in pairs], "s"),
        ("pandas", [other for _, other in pairs], "s"),
        ("ratio", [own / other for own, other in pairs], "x"),
    ):
        print(
            f"{name:8} {min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f} {unit} (min/median/max)"
        )


def main() -> None:
    if len(sys.argv) > 1:
        show_peak(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.csv"
        compare(path, write(path))
        if Path("/proc/self/status").exists():
            subprocess.run([sys.executable, "-m", "benchmarks.reading", str(path)], check=True)


if __name__ == "__main__":
    main()
