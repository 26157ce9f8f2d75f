"""Writes the CSV files of this folder from the data that scikit-learn carries: python specs/data/from_sklearn.py.

Needs scikit-learn 1.5 or newer. Nothing is scaled, ordered anew or left out; classes become a column each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets

HERE = Path(__file__).parent
SEROLOGY = [f"s{number}" for number in range(1, 7)]


def write(name: str, inputs: list[str], targets: list[str], rows: Any) -> None:
    """A header and the rows, numbers as short as they can be."""
    lines = [",".join([*inputs, *targets]), *(",".join(format(float(cell), ".15g") for cell in row) for row in rows)]
    (HERE / f"{name}.csv").write_text("\n".join(lines) + "\n")


def one_hot(classes: Any) -> Any:
    """A column for each class."""
    return np.eye(classes.max() + 1)[classes]


def main() -> None:
    """All files; of two classes one column is enough."""
    found = datasets.load_diabetes(scaled=False)
    write("diabetes", ["age", "sex", "bmi", "bp", *SEROLOGY], ["progression"], np.c_[found.data, found.target])
    found = datasets.load_iris()
    inputs = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    write("iris", inputs, list(found.target_names), np.c_[found.data, one_hot(found.target)])
    found = datasets.load_wine()
    inputs = [name.replace("/", "_") for name in found.feature_names]
    write("wine", inputs, ["cultivar_1", "cultivar_2", "cultivar_3"], np.c_[found.data, one_hot(found.target)])
    found = datasets.load_breast_cancer()
    inputs = [name.replace(" ", "_") for name in found.feature_names]
    write("breast_cancer", inputs, ["benign"], np.c_[found.data, found.target])
    found = datasets.load_digits()
    pixels = [f"p{row}{column}" for row in range(8) for column in range(8)]
    write("digits", pixels, [f"is_{digit}" for digit in range(10)], np.c_[found.data, one_hot(found.target)])


if __name__ == "__main__":
    main()
