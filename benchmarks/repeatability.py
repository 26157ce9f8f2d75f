"""One spec, whatever the hash seed, the working directory and the locale: one result.

python -m benchmarks.repeatability [N]   N hash seeds (20) x 3 working directories x 2 locales, each a process

The spec draws, shuffles, drops units, normalizes batches, reads a table and stops early. Exits 1 unless all results
have one digest, and the files with what is learned the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import locale
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CHILD = """
import locale, sys
locale.setlocale(locale.LC_ALL, "")
from specnet import run
print(run(sys.argv[1], out=sys.argv[2]).status)
"""
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "again",
    "seed": 5,
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["a", "b"], "targets": ["y"]},
    "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [
        {"type": "dense", "units": 8, "activation": "tanh"},
        {"type": "batch_norm"},
        {"type": "dropout", "rate": 0.2},
        {"type": "dense", "units": 1},
    ],
    "loss": "mse",
    "metrics": ["r2", "mae"],
    "optimizer": {"type": "adam", "learning_rate": {"type": "cosine", "start": 0.02}},
    "training": {"epochs": 20, "batch_size": 8, "log_every": 3},
    "early_stopping": {"patience": 12},
    "checkpoint": {"every_epochs": 5},
    "predict": [{"inputs": [[3, 7.5]]}],
}
ROWS = "a,b,y\n" + "".join(f"{i}.25,{i * i % 17},{3 * i % 11}.5\n" for i in range(60))
FILES = ("model.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.json", "spec.json")
FOLDERS = ("plain", "with a blank/and ümlaut", "deep/" + "er/" * 20)


def locales() -> list[str]:
    """`C`, and one that writes numbers otherwise where the system has such a one."""
    for name in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "en_US.UTF-8", "en_US.utf8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_ALL, "C")
        return ["C", name]
    return ["C", "C.UTF-8"]


def result(folder: Path, seed: int, where: str, language: str) -> tuple[str, str]:
    """The result digest of the manifest, and one over the files."""
    out = folder / f"run-{seed}-{FOLDERS.index(where)}-{language}"
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "LC_ALL": language, "PYTHONPATH": str(ROOT)}
    place = folder / where
    done = subprocess.run(
        [sys.executable, "-c", CHILD, os.path.relpath(folder / "s.json", place), os.path.relpath(out, place)],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stdout != "finished\n":
        print(done.stdout, done.stderr, file=sys.stderr)
        return "failed", "failed"
    files = hashlib.sha256(b"".join((out / name).read_bytes() for name in FILES)).hexdigest()
    return json.loads((out / "manifest.json").read_text())["result"]["sha256"], files


def main(args: list[str]) -> int:
    seeds = int(args[0]) if args else 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "s.json").write_text(json.dumps(SPEC))
        (folder / "d.csv").write_text(ROWS)
        for where in FOLDERS:
            (folder / where).mkdir(parents=True)
        asked = list(product([folder], range(seeds), FOLDERS, locales()))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(lambda one: result(*one), asked))
    digests, files = Counter(one[0] for one in found), Counter(one[1] for one in found)
    shape = f"{seeds} hash seeds x {len(FOLDERS)} folders x 2 locales ({' and '.join(locales())})"
    print(f"{len(found)} runs, {shape}: {len(digests)} result digest, {len(files)} content of files")
    return int(len(digests) != 1 or len(files) != 1 or "failed" in digests)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
