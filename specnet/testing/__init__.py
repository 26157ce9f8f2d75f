"""The contract kit: what a component must do to be one, checked by formulas that are independent of its own.

Built-ins and plugins run the same checks. A check is a record of what was promised, what became of it and what was
seen; `failures` refuses a list of which nothing has run, and `summary` says how many have.
"""

from __future__ import annotations

from specnet.testing.activations import check_activation
from specnet.testing.checks import Check, failures, summary
from specnet.testing.columns import check_column
from specnet.testing.component import check_component
from specnet.testing.datasets import check_dataset
from specnet.testing.engines import check_engine
from specnet.testing.exporters import check_exporter
from specnet.testing.initializers import check_initializer
from specnet.testing.layers import check_layer
from specnet.testing.losses import check_loss
from specnet.testing.metrics import check_metric
from specnet.testing.optimizers import check_optimizer
from specnet.testing.plugins import check_plugin, contract_tests
from specnet.testing.scalers import check_scaler
from specnet.testing.schedules import check_schedule

__all__ = [
    "Check",
    "check_activation",
    "check_column",
    "check_component",
    "check_dataset",
    "check_engine",
    "check_exporter",
    "check_initializer",
    "check_layer",
    "check_loss",
    "check_metric",
    "check_optimizer",
    "check_plugin",
    "check_scaler",
    "check_schedule",
    "contract_tests",
    "failures",
    "summary",
]
