"""All comparisons, alternating in one process: `python -m benchmarks`; installs nothing, and says what is missing.

python -m benchmarks --only full,row --rounds 21 --json speed.json --svg speed.svg
"""

from __future__ import annotations

import argparse
import json
import platform
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.limit import ROWS, multiply_adds, peak
from benchmarks.picture import picture
from benchmarks.workloads import EPOCHS, workloads

if TYPE_CHECKING:
    from benchmarks.measured import Ratio

PACKAGES = ("specnet", "specnet-jit", "numpy", "numba", "scikit-learn", "torch")


def versions() -> dict[str, str]:
    """What is measured; a package that is not installed has no version."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def table(ratios: Sequence[Ratio]) -> str:
    """Markdown."""
    lines = ["| workload | ours | against | min | median | max |", "| --- | --- | --- | --: | --: | --: |"]
    lines += [
        f"| {r.workload} | {r.ours} | {r.theirs} | {r.least:.3f} | {r.median:.3f} | {r.greatest:.3f} |" for r in ratios
    ]
    return "\n".join(lines)


def against_the_limit(ratios: Sequence[Ratio]) -> str:
    """How the compiled full batch stands to its arithmetic."""
    own = [r.ours_seconds for r in ratios if r.ours == "jit" and "full batch" in r.workload]
    if not own:
        return "the limit of the arithmetic was not measured: specnet-jit or the full batch is missing"
    count = multiply_adds((2, 4, 4, 3)) * ROWS
    best, epoch = count / peak(), own[0] / EPOCHS
    told = f"{count:,} multiply-adds an epoch; at the measured peak of one core {best * 1e6:.1f} µs, jit takes "
    return f"{told}{epoch * 1e6:.1f} µs: {epoch / best:.2f} of the limit"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", default="", help="workloads, parted by commas")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--json", type=Path, help="where the ratios are written")
    parser.add_argument("--svg", type=Path, help="where the picture is written")
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # MLPRegressor warns that it has not converged
    wanted = [name for name in given.only.split(",") if name]
    ratios: list[Ratio] = []
    for name, make in workloads():
        if wanted and name not in wanted:
            continue
        workload = make()
        for missing in workload.missing:
            print(f"{workload.name}: left out: {missing}", flush=True)
        ratios += workload.measure(given.rounds)
    print(table(ratios))
    limit = against_the_limit(ratios)
    print(f"\n{limit}\n{given.rounds} rounds; " + ", ".join(f"{name} {text}" for name, text in versions().items()))
    if given.json:
        record = {
            "versions": versions(),
            "rounds": given.rounds,
            "ratios": [r.record() for r in ratios],
            "limit": limit,
        }
        given.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    if given.svg:
        given.svg.write_text(picture(ratios), encoding="utf-8")


if __name__ == "__main__":
    main()
