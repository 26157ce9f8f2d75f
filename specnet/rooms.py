"""The rooms of the built-ins, by the names of their modules."""

from __future__ import annotations

ROOMS = {
    "dataset": (
        "specnet.builtins.datasets.arithmetic",
        "specnet.builtins.datasets.csv",
        "specnet.builtins.datasets.arrays",
        "specnet.builtins.datasets.plane",
        "specnet.builtins.datasets.curves",
        "specnet.builtins.datasets.blobs",
        "specnet.builtins.datasets.friedman",
        "specnet.builtins.datasets.linear",
        "specnet.builtins.datasets.parity",
        "specnet.builtins.datasets.sequences",
        "specnet.builtins.datasets.rows",
        "specnet.builtins.datasets.npz",
        "specnet.builtins.datasets.idx",
        "specnet.builtins.datasets.images",
        "specnet.builtins.datasets.reconstruction",
    ),
    "column": ("specnet.builtins.columns", "specnet.builtins.class_columns"),
    "scaler": ("specnet.builtins.scalers",),
    "layer": (
        "specnet.builtins.layers.dense",
        "specnet.builtins.layers.activation",
        "specnet.builtins.layers.softmax",
        "specnet.builtins.layers.convolution",
        "specnet.builtins.layers.embedding",
        "specnet.builtins.layers.merge",
        "specnet.builtins.layers.noise",
        "specnet.builtins.layers.norms",
        "specnet.builtins.layers.pool",
        "specnet.builtins.layers.prelu",
        "specnet.builtins.layers.shapes",
        "specnet.builtins.layers.upsample",
    ),
    "activation": (
        "specnet.builtins.activations",
        "specnet.builtins.piecewise_activations",
        "specnet.builtins.smooth_activations",
    ),
    "initializer": (
        "specnet.builtins.initializers",
        "specnet.builtins.fan_initializers",
        "specnet.builtins.plain_initializers",
        "specnet.builtins.matrix_initializers",
    ),
    "loss": (
        "specnet.builtins.losses",
        "specnet.builtins.regression_losses",
        "specnet.builtins.classification_losses",
        "specnet.builtins.sparse_losses",
    ),
    "metric": (
        "specnet.builtins.metrics",
        "specnet.builtins.classification_metrics",
        "specnet.builtins.sparse_metrics",
    ),
    "optimizer": (
        "specnet.builtins.optimizers",
        "specnet.builtins.adam_optimizers",
        "specnet.builtins.adaptive_optimizers",
    ),
    "schedule": ("specnet.builtins.schedules", "specnet.builtins.reacting_schedules"),
    "engine": ("specnet.builtins.engines",),
    "exporter": ("specnet.builtins.exporters.numpy_file",),
}
"""Where the built-ins of each kind are; a room is imported when a name is not in those before it."""
