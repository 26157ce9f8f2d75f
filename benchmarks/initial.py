"""What `specnet init` writes for the small tables of the gallery, beside a linear model and scikit-learn's default MLP.

    python benchmarks/initial.py

For each table and each of a few seeds a spec is written and trained; MLPClassifier or MLPRegressor with its defaults is
trained on standardized inputs (and targets) of the same training and validation rows, and measured on the same test
rows. The score is accuracy, or R2 of a regression. The line says whether the mean score of the specs is at least that
of the MLP less two of its deviations over the seeds, and in how many runs the loss is below the linear baseline's.
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
import warnings
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from specnet import run
from specnet.initial import draft
from specnet.preparation import load_data, parts_of
from specnet.registry import Registry
from specnet.spec import load_spec
from specnet.streams import Streams

DATA = Path(__file__).parents[1] / "specs" / "data"
TABLES = {
    "iris": ("setosa", "versicolor", "virginica"),
    "wine": ("cultivar_1", "cultivar_2", "cultivar_3"),
    "breast_cancer": ("benign",),
    "diabetes": ("progression",),
    "digits": tuple(f"is_{digit}" for digit in range(10)),
}


def main() -> None:
    """Prints a line for each table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("tables", nargs="*", default=list(TABLES))
    arguments = parser.parse_args()
    print(f"{'table':14} {'spec':>15} {'MLP':>15} {'linear':>8}  within  beats linear  promises it")
    for name in arguments.tables:
        tried = [_tried(name, seed) for seed in range(arguments.seeds)]
        spec, mlp, linear = ([row[i] for row in tried] for i in range(3))
        within = mean(spec) >= mean(mlp) - 2 * stdev(mlp)
        beaten, promised = (sum(row[i] for row in tried) for i in (3, 4))
        counted = f"{beaten:>8} of {len(tried)} {promised:>8} of {len(tried)}"
        print(f"{name:14} {_of(spec)} {_of(mlp)} {mean(linear):8.4f}  {'yes' if within else 'NO':6}  {counted}")


def _of(scores: list[float]) -> str:
    return f"{mean(scores):.4f} ± {stdev(scores):.4f}"


def _tried(name: str, seed: int) -> tuple[float, float, float, bool, bool]:
    """The scores of spec, MLP and linear model; whether the loss is below that of the linear one, and promised to."""
    registry, targets = Registry([]), TABLES[name]
    text = draft(DATA / f"{name}.csv", targets, DATA, registry, None, seed).text
    said: dict[str, Any] = tomllib.loads(text)
    said["dataset"]["path"] = str(DATA / f"{name}.csv")
    with tempfile.TemporaryDirectory() as folder:
        trained = run(said, out=Path(folder, "run"), registry=registry)
    metric = "test.r2" if name == "diabetes" else "test.accuracy"
    linear = trained.baselines["linear"].metrics
    below = trained.metrics["test.loss"] < linear["test.loss"]
    promises = said["expect"][0]["better_than"] == "linear"
    return trained.metrics[metric], _mlp(said, seed), linear[metric], below, promises


def _mlp(said: dict[str, Any], seed: int) -> float:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    spec = load_spec(said, None, Registry([]))
    streams = Streams(spec.seed, spec.rng)
    data = load_data(spec, Path(), streams)
    parts = parts_of(spec, data, streams)
    train, test = np.concatenate([parts["train"], parts["validation"]]), parts["test"]
    x, t = data.inputs.values, data.targets.values
    spread = x[train].std(axis=0)
    x = (x - x[train].mean(axis=0)) / np.where(spread > 0, spread, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 200 epochs are not enough for it is no fault here
        if spec.loss.type == "mse":
            y = (t[:, 0] - t[train, 0].mean()) / t[train, 0].std()
            return float(MLPRegressor(random_state=seed).fit(x[train], y[train]).score(x[test], y[test]))
        y = t.argmax(axis=1) if t.shape[1] > 1 else t[:, 0]
        return float(MLPClassifier(random_state=seed).fit(x[train], y[train]).score(x[test], y[test]))


if __name__ == "__main__":
    main()
