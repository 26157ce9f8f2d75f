"""The kinds of component: each is a base class, and each has a slot, the annotation of a field that takes one."""

from __future__ import annotations

from typing import Annotated

from specnet.component.base import Component, Declaration, Finder, Many, RelativePath, Slot, SpecPath
from specnet.component.clipping import GradientClipping
from specnet.component.columns import Absent, Cell, CellError, Column, Role
from specnet.component.data import Data, Dataset, DatasetPlan, LoadContext, Scaler, Table
from specnet.component.exporting import Exporter, ExportError, TrainedNet
from specnet.component.measures import ElementwiseLoss, Loss, MeanMetric, Metric, RowwiseLoss, Undefined, Wanted
from specnet.component.network import (
    Activation,
    Buffer,
    Context,
    Initializer,
    Layer,
    LayerPlan,
    Meaning,
    Parameter,
    Shape,
    ShapeError,
    UnknownShapeError,
)
from specnet.component.schedule import AnySchedule, Moment, Schedule, Scheduled, ScheduleError
from specnet.component.training import Decay, Engine, Optimizer, Refusal

KINDS: dict[str, type[Component]] = {
    base.kind: base
    for base in (
        Dataset,
        Column,
        Scaler,
        Layer,
        Activation,
        Initializer,
        Loss,
        Metric,
        Optimizer,
        Schedule,
        Engine,
        Exporter,
    )
}

AnyActivation = Annotated[Activation, Slot("activation")]
AnyColumn = Annotated[Column, Slot("column")]
AnyDataset = Annotated[Dataset, Slot("dataset")]
AnyEngine = Annotated[Engine, Slot("engine")]
AnyInitializer = Annotated[Initializer, Slot("initializer")]
AnyLayer = Annotated[Layer, Slot("layer")]
AnyLoss = Annotated[Loss, Slot("loss")]
AnyMetric = Annotated[Metric, Slot("metric")]
AnyOptimizer = Annotated[Optimizer, Slot("optimizer")]
AnyScaler = Annotated[Scaler, Slot("scaler")]

__all__ = [
    "KINDS",
    "Absent",
    "Activation",
    "AnyActivation",
    "AnyColumn",
    "AnyDataset",
    "AnyEngine",
    "AnyInitializer",
    "AnyLayer",
    "AnyLoss",
    "AnyMetric",
    "AnyOptimizer",
    "AnyScaler",
    "AnySchedule",
    "Buffer",
    "Cell",
    "CellError",
    "Column",
    "Component",
    "Context",
    "Data",
    "Dataset",
    "DatasetPlan",
    "Decay",
    "Declaration",
    "ElementwiseLoss",
    "Engine",
    "ExportError",
    "Exporter",
    "Finder",
    "GradientClipping",
    "Initializer",
    "Layer",
    "LayerPlan",
    "LoadContext",
    "Loss",
    "Many",
    "MeanMetric",
    "Meaning",
    "Metric",
    "Moment",
    "Optimizer",
    "Parameter",
    "Refusal",
    "RelativePath",
    "Role",
    "RowwiseLoss",
    "Scaler",
    "Schedule",
    "ScheduleError",
    "Scheduled",
    "Shape",
    "ShapeError",
    "Slot",
    "SpecPath",
    "Table",
    "TrainedNet",
    "Undefined",
    "UnknownShapeError",
    "Wanted",
]
