"""What installed distributions cost those who name none: discovery, and the whole of `--help`, in fresh processes.

python -m benchmarks.plugins

Three environments take turns: nothing more, 200 distributions without plugins, and 200 plugins. They are metadata
alone: an import of any of them would fail.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

COUNT = 200
ROUNDS = 21
LIMIT_MS = 10.0
"""Milliseconds of discovery that COUNT distributions may cost."""

DISCOVER = """
import sys, time
from specnet.registry import Selection, load_registry

def seconds():
    begun, used = time.perf_counter(), time.process_time()
    load_registry(Selection())
    return time.perf_counter() - begun, time.process_time() - used

seconds()
alone = seconds()
sys.path += sys.argv[1:]
print(*alone, *seconds())
"""
"""Both in one process, once the built-ins are imported; the folder is seen for the first time, as by any command."""
ROOT = Path(__file__).parents[1]
GROUPS = {"others": "console_scripts", "plugins": "specnet"}


def install(folder: Path, group: str) -> None:
    """COUNT distributions with an entry point each, as pip leaves them, without their modules."""
    for number in range(COUNT):
        name = f"fake_{number:03}"
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\nNothing.\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}:main\n")


def seconds(command: list[str], folder: Path | None) -> tuple[float, str]:
    """The time of the processor that the process took, and what it said."""
    path = os.pathsep.join(map(str, filter(None, (folder, ROOT))))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *command], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def main() -> None:
    """Prints medians of both clocks, their differences, and whether the limit is kept."""
    with TemporaryDirectory() as place:
        folders: dict[str, Path | None] = {"none": None}
        for name, group in GROUPS.items():
            folders[name] = Path(place) / name
            install(Path(place) / name, group)
        help: dict[str, list[float]] = {name: [] for name in folders}
        found: dict[str, list[list[float]]] = {name: [] for name in folders}
        for _ in range(ROUNDS):
            for name, folder in folders.items():
                help[name].append(seconds(["-m", "specnet", "--help"], folder)[0] * 1e3)
                if folder is not None:
                    times = [float(word) * 1e3 for word in seconds(["-c", DISCOVER, str(folder)], None)[1].split()]
                    found["none"].append(times[:2])
                    found[name].append(times[2:])
    print(f"medians of {ROUNDS} rounds in milliseconds, {COUNT} distributions")
    alone, shown = _medians(found["none"]), statistics.median(help["none"])
    for name in folders:
        wall, used = _medians(found[name])
        ratio = statistics.median(help[name]) / shown
        print(f"{name:8} load_registry {wall:6.2f} ({wall - alone[0]:+6.2f}), of the processor {used:6.2f}", end=" ")
        print(f"({used - alone[1]:+6.2f})   --help {shown * ratio:6.1f} ({ratio:.3f} x)")
    for name in GROUPS:
        # What other programs take of the machine is not what discovery costs.
        more = _medians(found[name])[1] - alone[1]
        print(f"{COUNT} {name} cost at most {LIMIT_MS:g} ms: {'yes' if more <= LIMIT_MS else 'NO'}, {more:.2f} ms")


def _medians(rounds: list[list[float]]) -> list[float]:
    return [statistics.median(times) for times in zip(*rounds, strict=True)]


if __name__ == "__main__":
    main()
