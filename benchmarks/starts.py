"""Runs that start at the same moment, in the same folder and under the same name: each has a directory of its own.

python -m benchmarks.starts [ROUNDS] [AT_ONCE]   10 times 20 processes that begin together

Exits 1 unless there are as many directories as runs, each complete, finished, with right digests and the same result.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads must not fork

from specnet import run
from specnet.artifacts import RunDirectory
from specnet.errors import SpecnetError
from specnet.runs.verification import verify

SPEC: dict[str, Any] = {
    "format": 1,
    "name": "together",
    "seed": 3,
    "dataset": {"type": "arithmetic", "samples": 40},
    "layers": [{"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
    "training": {"epochs": 3, "log_every": 1},
    "checkpoint": {"every_epochs": 1},
    "predict": [{"inputs": [[30, 70]]}],
}


def together(count: int, folder: Path) -> int:
    """Forks that wait for each other, and then train; how many have failed."""
    gate, signal = os.pipe()
    children = []
    for _ in range(count):
        pid = os.fork()
        if not pid:
            os.close(signal)
            os.read(gate, 1)  # until nobody holds the other end any more
            os._exit(alone(folder))
        children.append(pid)
    os.close(gate)
    os.close(signal)
    return sum(os.waitpid(pid, 0)[1] != 0 for pid in children)


def alone(folder: Path) -> int:
    try:
        os.chdir(folder)
        run(SPEC)
    except BaseException as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main(args: list[str]) -> int:
    rounds, at_once = (int(args[i]) if i < len(args) else usual for i, usual in enumerate((10, 20)))
    with tempfile.TemporaryDirectory() as name:
        failed = sum(together(at_once, Path(name)) for _ in range(rounds))
        made = sorted(Path(name, "runs").iterdir())
        incomplete = [path for path in made if not complete(path)]
        results = {RunDirectory.open(path).manifest["result"]["sha256"] for path in made if path not in incomplete}
        for path in incomplete:
            print(f"{path.name}: {verify(path).findings}", file=sys.stderr)
    print(
        f"{rounds * at_once} runs, {at_once} at once: {len(made)} directories, {len(incomplete)} incomplete, "
        f"{failed} failed, {len(results)} result"
    )
    return int(len(made) != rounds * at_once or bool(incomplete) or failed > 0 or len(results) != 1)


def complete(path: Path) -> bool:
    """Finished, and every digest right."""
    try:
        return not verify(path).findings and RunDirectory.open(path).manifest["status"] == "finished"
    except SpecnetError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
