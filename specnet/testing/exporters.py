"""The contract of exporters: what they write predicts as the net does, without the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from specnet.builtins.columns import numbers_called
from specnet.builtins.engines import NumpyEngine
from specnet.builtins.layers.dense import Dense
from specnet.builtins.scalers import Standardize
from specnet.builtins.smooth_activations import Tanh
from specnet.component import DatasetPlan, ExportError, Table, TrainedNet
from specnet.plan import make_plan
from specnet.streams import Streams
from specnet.testing.checks import Broken, Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.numbers import SEED, SINGLE, close, generator
from specnet.units import Layout, Units
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Exporter


def check_exporter(exporter: Exporter, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """A small net of scaled numbers is written, the same each time, and predicts in that form as it does here."""
    return contract(exporter).run(expected_failures)


def contract(exporter: Exporter) -> Contract:
    """The promises of an exporter."""
    then = {"same predictions": _same_predictions, "one row": _one_row}
    return Contract(shared(exporter), (about(exporter, {"files": _files}), about(exporter, then)))


def _net() -> tuple[TrainedNet, Array, Array]:
    """A net that was never trained, rows, and what it predicts for them."""
    x = generator().normal(size=(30, 3)) * [1.0, 1e3, 1e-3]
    tables = {"inputs": Table(("a", "b", "c"), x), "targets": Table(("d", "e"), x[:, :2] + 5)}
    units = {
        part: Units.fit(Layout.of((), Standardize(), len(table.names)), table, part) for part, table in tables.items()
    }
    layers = (Dense(units=4, activation=Tanh()), Dense(units=2))
    plan = make_plan(layers, DatasetPlan(tables["inputs"].names, tables["targets"].names))
    weights = Weights(plan, "float64").initialize(Streams(SEED))
    y = units["targets"].inverse(NumpyEngine().predict(plan, weights, units["inputs"].transform(x)))
    columns, values = numbers_called(plan.inputs, "input"), tuple(weights.views(weights.flat))
    return TrainedNet("checked", columns, plan, values, units["inputs"], units["targets"], "float64"), x, y


def _files(exporter: Exporter) -> str:
    net = _net()[0]
    files = exporter.files(net)
    require(exporter.suffix in files, f"none of {', '.join(files) or 'no files'} ends in {exporter.suffix!r}")
    require(exporter.files(net) == files, "a second time they are others")
    return f"{sum(map(len, files.values())):,} bytes"


def _predicted(exporter: Exporter, count: int) -> tuple[Array, Array]:
    net, x, y = _net()
    with TemporaryDirectory() as folder:
        for suffix, content in exporter.files(net).items():
            (Path(folder) / f"net{suffix}").write_bytes(content)
        try:
            found = exporter.predict(net, Path(folder) / f"net{exporter.suffix}", x[:count].tolist())
        except ExportError as error:
            raise Broken(error.reason) from error
    return np.asarray(found), y[:count]


def _same_predictions(exporter: Exporter) -> str:
    found, y = _predicted(exporter, 30)
    close(found, y, SINGLE, "the predictions")
    return "30 rows"


def _one_row(exporter: Exporter) -> str:
    found, y = _predicted(exporter, 1)
    close(found, y, SINGLE, "the prediction of a row by itself")
    return ""
