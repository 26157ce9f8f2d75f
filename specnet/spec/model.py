"""Spec: what a file may say. The sections are here; what has a `type` comes from the registry."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, WrapValidator
from pydantic_core import PydanticCustomError, PydanticKnownError

from specnet.builtins.engines import DEFAULT_ENGINE
from specnet.component import (
    AnyDataset,
    AnyEngine,
    AnyLayer,
    AnyLoss,
    AnyMetric,
    AnyOptimizer,
    AnyScaler,
    Component,
    Declaration,
    GradientClipping,
    Many,
)
from specnet.errors import Path
from specnet.filenames import PLAIN, is_plain
from specnet.spec.cases import PredictCase
from specnet.spec.checkpointing import Checkpointing
from specnet.spec.expectations import Expectation
from specnet.spec.splitting import SplitSection
from specnet.spec.stopping import EarlyStopping
from specnet.streams import Generation

FORMAT = 1


def _version(value: Any, check: Callable[[Any], int]) -> int:
    if type(value) is not int:  # 1 == True == 1.0 in Python, and a Literal compares
        raise PydanticKnownError("literal_error", {"expected": str(FORMAT)})
    return check(value)


def _run_name(value: Any, check: Callable[[Any], str]) -> str:
    name = check(value)
    if not is_plain(name):
        raise ValueError(f"{name!r} is no file name on every system: letters, digits and . _ -, no device of Windows")
    return name


def _batch_size(value: Any, _check: Callable[[Any], Any]) -> int | str:
    if isinstance(value, str | int) and (value == "full" or (type(value) is int and value > 0)):
        return value
    raise PydanticCustomError("batch_size", 'must be "full" or an integer greater than 0')


# The schemas stand beside the validators that they tell editors of: nobody can read them out of code.
_LONGEST_NAME = 58
RunName = Annotated[
    str,
    Field(max_length=_LONGEST_NAME),
    WrapValidator(_run_name),
    WithJsonSchema({"type": "string", "pattern": f"^{PLAIN}$", "maxLength": _LONGEST_NAME}),
]
BatchSize = Annotated[
    int | Literal["full"],
    WrapValidator(_batch_size),
    WithJsonSchema(
        {
            "type": ["integer", "string"],
            "exclusiveMinimum": 0,
            "if": {"type": "string"},
            "then": {"enum": ["full"]},
        }
    ),
]


class Scaling(Declaration):
    """The units of the net: fitted on the training rows, stored with the run, undone on predictions."""

    inputs: AnyScaler | None = None
    """How each input column is scaled; not at all when it is left out."""
    targets: AnyScaler | None = None
    """How each target column is scaled; not at all when it is left out."""


def _tenth(validated: dict[str, Any]) -> int:
    epochs: int = validated.get("epochs", 1)  # not there when it was refused: pydantic 2.10 asks all the same
    return max(1, epochs // 10)


class Training(Declaration):
    """How long, and in what portions."""

    epochs: int = Field(gt=0)
    """How often the net sees every training row."""
    batch_size: BatchSize = "full"
    """Rows between two updates."""
    shuffle: bool = True
    """Whether each epoch takes the rows in a new order, when there are several batches."""
    log_every: int = Field(default_factory=_tenth, gt=0)
    """Epochs between two rows of the history; a tenth of the epochs when it is left out."""

    def batch_rows(self, rows: int) -> int:
        """The rows of a full batch, when there are so many training rows."""
        return rows if self.batch_size == "full" else min(rows, int(self.batch_size))


class Checks(Declaration):
    """What is checked before training, and how seriously it is taken."""

    parameters_vs_rows: Literal["error", "warn", "off"] = "warn"
    """More training rows than parameters, or else the net can learn the rows by heart."""


class Ignore(Declaration):
    """A warning that this spec is right to cause."""

    code: str
    """Such as "SN410"."""
    reason: Annotated[str, Field(pattern=r"\S")]
    """Why: for those who read the spec."""


class Lint(Declaration):
    """What `validate` warns of."""

    ignore: Many[Ignore] = ()
    """Warnings that are not told, each with its reason."""


class Spec(Declaration):
    """A whole spec file."""

    format: Annotated[Literal[1], WrapValidator(_version), WithJsonSchema({"const": FORMAT})]
    """The version of the spec format."""
    name: RunName
    """Names the run."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """Where all randomness comes from."""
    rng: Generation = "pcg64"
    """mt19937 draws data and parameters from one legacy stream, as older NumPy programs do."""
    requires: Many[str] = ()
    """Plugin distributions with versions, e.g. "specnet-acme>=1.2"."""
    metrics: Many[AnyMetric] = ()
    """Numbers reported beside the loss."""
    dataset: AnyDataset
    """Where the rows come from."""
    split: SplitSection = SplitSection.of_defaults()
    scaling: Scaling = Scaling.of_defaults()
    layers: Many[AnyLayer] = Field(min_length=1)
    """The net, a chain unless `inputs` say otherwise; the last layer gives the predictions."""
    loss: AnyLoss
    """What is made small."""
    optimizer: AnyOptimizer
    """How it is made small."""
    training: Training
    gradient_clipping: GradientClipping | None = None
    """How large gradients may be; as large as they are when it is left out."""
    early_stopping: EarlyStopping | None = None
    """When training may end before its last epoch; never when it is left out."""
    checkpoint: Checkpointing | None = None
    """When the state of training is saved for `specnet resume`; only when it is interrupted, where this is left out."""
    checks: Checks = Checks.of_defaults()
    lint: Lint = Lint.of_defaults()
    engine: AnyEngine = DEFAULT_ENGINE
    """What runs the plan."""
    predict: Many[PredictCase] = ()
    expect: Many[Expectation] = ()

    def components(self) -> Iterator[Component]:
        """Every component of the spec, those inside others included."""
        return (component for _, component in placed_components(self))

    def columns(self) -> list[str]:
        """The metrics of the run, each of which is a column of the history."""
        return [
            f"{part}.{name}"
            for part in self.split.present()
            for name in ("loss", *(metric.type for metric in self.metrics))
        ]

    def history_columns(self) -> list[str]:
        """The columns of the history after `epoch`: the metrics, and what the schedules have given."""
        return [*self.columns(), *(f"optimizer.{field}" for field in self.optimizer.schedules)]


def placed_components(value: Any, path: Path = ()) -> Iterator[tuple[Path, Component]]:
    """Each component in a value with its path; of a draft those that can be read."""
    if isinstance(value, tuple | list | dict):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from placed_components(item, (*path, key))
    if isinstance(value, Declaration):
        if isinstance(value, Component):
            yield path, value
        for name in filter(vars(value).__contains__, type(value).model_fields):
            yield from placed_components(getattr(value, name), (*path, name))
