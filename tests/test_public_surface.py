from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path

import click
import pytest

import specnet
from specnet import api, testing
from specnet.cli import VERBS
from specnet.component import KINDS, Component
from specnet.registry import API, GROUP, Registry

ROOT = Path(__file__).parents[1]


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


# What there is not


@pytest.mark.parametrize("name", ["Runs", "load", "numpy", "_nothing", "__path", "registry_of"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"^module 'specnet' has no attribute '{name}'$"):
        getattr(specnet, name)
    assert not hasattr(specnet, name)


def test_an_unknown_name_cannot_be_imported() -> None:
    with pytest.raises(ImportError, match="cannot import name 'train'"):
        from specnet import train  # noqa: F401


def test_importing_specnet_imports_nothing_heavy() -> None:
    heavy = ["click", "numpy", "packaging", "pluggy", "pydantic", "rich", "safetensors"]
    shown = python(f"import sys, specnet; dir(specnet); print([n for n in {heavy} if n in sys.modules])")
    assert shown == "[]"


# What there is


def test_the_names_of_specnet() -> None:
    assert specnet.__all__ == [
        *("Run", "Spec", "__version__", "cross_validate", "load_run", "load_spec", "reproduce", "resume", "run")
    ]
    assert dir(specnet) == specnet.__all__
    for name in specnet.__all__:
        assert getattr(specnet, name) is not None


@pytest.mark.parametrize("first", ["specnet.runs", "specnet.runs.path", "specnet.cli.run", "specnet.spec"])
def test_the_names_are_the_same_whatever_was_imported_first(first: str) -> None:
    code = f"import {first}, specnet; print(*(type(getattr(specnet, n)).__name__ for n in specnet.__all__))"
    assert python(code) == "type ModelMetaclass str function function function function function function"


def test_what_a_plugin_author_imports() -> None:
    assert api.__all__ == [
        "Absent",
        "Activation",
        "AnyActivation",
        "AnyInitializer",
        "AnyScaler",
        "AnySchedule",
        "ArtifactError",
        "Block",
        "Buffer",
        "Cell",
        "Column",
        "Component",
        "Context",
        "Data",
        "DataError",
        "Dataset",
        "DatasetPlan",
        "Decay",
        "DivergenceError",
        "Dropout",
        "ElementwiseLoss",
        "Engine",
        "Epoch",
        "ExportError",
        "Exporter",
        "Finding",
        "GlorotUniform",
        "GradientClipping",
        "HeNormal",
        "Initializer",
        "Layer",
        "LayerNorm",
        "LayerPlan",
        "LoadContext",
        "LoggedEpoch",
        "Loss",
        "Many",
        "MeanMetric",
        "Meaning",
        "Metric",
        "Moment",
        "NumpyEngine",
        "Optimizer",
        "Orthogonal",
        "Parameter",
        "Plan",
        "Position",
        "Refusal",
        "Relu",
        "Role",
        "RowwiseLoss",
        "RunEnd",
        "Scaler",
        "Schedule",
        "ScheduleError",
        "Scheduled",
        "Shape",
        "ShapeError",
        "SpecError",
        "SpecPath",
        "SpecnetError",
        "Split",
        "Step",
        "Table",
        "TableDataset",
        "TableFile",
        "Tanh",
        "TrackedRun",
        "TrainedNet",
        "TrainingTask",
        "Undefined",
        "Verdict",
        "Wanted",
        "WantedColumn",
        "Weights",
        "Zeros",
        "hookimpl",
    ]
    assert {name for name in vars(api) if not name.startswith("_") and name != "annotations"} == set(api.__all__)
    assert (API, GROUP) == (1, "specnet")


def test_the_names_of_the_contract_kit() -> None:
    assert testing.__all__ == [
        "Check",
        *(f"check_{what}" for what in sorted([*KINDS, "component", "plugin"])),
        "contract_tests",
        "failures",
        "summary",
    ]
    assert all(hasattr(testing, name) for name in testing.__all__)


def test_the_kinds_and_what_each_asks_for() -> None:
    asked = {
        kind: sorted(name for name, value in inspect.getmembers(base) if getattr(value, "__isabstractmethod__", False))
        for kind, base in KINDS.items()
    }
    assert asked == {
        "dataset": ["load", "plan"],
        "column": ["absent", "numbers"],
        "scaler": ["fit", "inverse", "transform"],
        "layer": ["forward", "plan"],
        "activation": ["slope", "value"],
        "initializer": ["draw"],
        "loss": ["gradient", "value"],
        "metric": ["add", "result", "start"],
        "optimizer": ["update"],
        "schedule": ["at"],
        "engine": ["evaluate", "predict", "silent_units", "train"],
        "exporter": ["files", "predict"],
    }
    for kind, base in KINDS.items():
        assert (base.kind, issubclass(base, Component)) == (kind, True)


def test_the_names_that_a_spec_may_use() -> None:
    registry = Registry([])
    assert {kind: registry.names(kind) for kind in KINDS} == {
        "dataset": [
            "arithmetic",
            "arrays",
            "blobs",
            "circles",
            "copy_sequence",
            "csv",
            "friedman1",
            "friedman2",
            "friedman3",
            "idx",
            "images",
            "linear",
            "moons",
            "npz",
            "parity",
            "polynomial",
            "reconstruction",
            "rows",
            "sine",
            "spirals",
            "xor",
        ],
        "column": ["boolean", "category", "date", "number", "text"],
        "scaler": ["log1p", "minmax", "none", "quantile", "robust", "standardize"],
        "layer": [
            "activation",
            "add",
            "avg_pool",
            "batch_norm",
            "concatenate",
            "conv1d",
            "conv2d",
            "dense",
            "dropout",
            "embedding",
            "flatten",
            "gaussian_noise",
            "global_avg_pool",
            "global_max_pool",
            "layer_norm",
            "log_softmax",
            "max_pool",
            "multiply",
            "prelu",
            "reshape",
            "rms_norm",
            "softmax",
            "upsample",
        ],
        "activation": [
            "elu",
            "exp",
            "gelu",
            "hard_sigmoid",
            "hard_swish",
            "hard_tanh",
            "leaky_relu",
            "linear",
            "relu",
            "selu",
            "sigmoid",
            "silu",
            "softplus",
            "softsign",
            "tanh",
        ],
        "initializer": [
            "constant",
            "glorot_normal",
            "glorot_uniform",
            "he_normal",
            "he_uniform",
            "identity",
            "lecun_normal",
            "lecun_uniform",
            "normal",
            "ones",
            "orthogonal",
            "truncated_normal",
            "uniform",
            "zeros",
        ],
        "loss": [
            "binary_cross_entropy",
            "categorical_cross_entropy",
            "cosine_similarity",
            "focal",
            "hinge",
            "huber",
            "kl_divergence",
            "log_cosh",
            "mae",
            "mse",
            "poisson",
            "quantile",
            "sparse_categorical_cross_entropy",
        ],
        "metric": [
            "accuracy",
            "explained_variance",
            "f1",
            "log_loss",
            "mae",
            "mape",
            "mse",
            "norm_half_square_error",
            "precision",
            "r2",
            "recall",
            "rmse",
            "roc_auc",
            "sparse_accuracy",
            "top_k",
        ],
        "optimizer": [
            "adadelta",
            "adagrad",
            "adam",
            "adamw",
            "gradient_descent",
            "lion",
            "nadam",
            "radam",
            "rmsprop",
        ],
        "schedule": [
            "constant",
            "cosine",
            "cosine_restarts",
            "exponential",
            "inverse_time",
            "linear_warmup",
            "multi_step",
            "one_cycle",
            "polynomial",
            "reduce_on_plateau",
            "step",
        ],
        "engine": ["numpy"],
        "exporter": ["numpy"],
    }


def test_a_synonym_is_no_second_name() -> None:
    registry = Registry([])
    found = [registry.find(kind, name) for kind in KINDS for name in registry.names(kind)]
    for component in found:
        assert set(component.synonyms) & set(registry.names(component.kind)) == set()
    pairs = [(component.kind, synonym) for component in found for synonym in component.synonyms]
    assert len(pairs) == len(set(pairs))


def test_the_verbs_of_the_command_line() -> None:
    assert list(VERBS) == [
        "run",
        "resume",
        "reproduce",
        "cross-validate",
        "validate",
        "check",
        "init",
        "explain",
        "test",
        "plan",
        "resolve",
        "diff",
        "predict",
        "evaluate",
        "export",
        "show",
        "runs",
        "plugins",
        "schema",
    ]
    for verb, says in VERBS.items():
        command = import_module(f"specnet.cli.{verb.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        assert command.short_help == says


# The version


def test_the_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    source = (ROOT / project["tool"]["hatch"]["version"]["path"]).read_text()
    # The expression by which hatchling finds the version that goes into a wheel's metadata.
    found = re.findall(r"""(?im)^(?:__version__|VERSION)(?::\s*str)?\s*=\s*(['"])v?(?P<version>.+?)\1""", source)
    assert [version for _, version in found] == [specnet.__version__]


def test_what_is_installed_has_this_version() -> None:
    installed = {found.version for found in distributions(name="specnet")}
    assert installed <= {specnet.__version__}
