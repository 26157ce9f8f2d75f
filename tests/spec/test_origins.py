from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from specnet.spec import load_spec
from specnet.spec.origins import Origins

if TYPE_CHECKING:
    from specnet.errors import Path
    from specnet.registry import Registry

OVERRIDES = {
    "seed": "5",
    "layers.0.activation.type": "linear",
    "predict.0.inputs.0.1": "7",
    "split": "{train = 0.5, test = 0.5}",
}


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        (("name",), "spec"),
        (("training", "epochs"), "spec"),
        (("layers", 0, "units"), "spec"),
        (("layers", 1, "type"), "spec"),
        (("rng",), "default"),
        (("expect",), "default"),
        (("engine", "type"), "default"),
        (("training", "log_every"), "default"),
        (("layers", 1, "activation", "type"), "default"),
        (("layers", 0, "bias_initializer"), "default"),
        (("layers", 0), "--set"),  # a part of it is
        (("seed",), "--set"),
        (("layers", 0, "activation", "type"), "--set"),
        (("predict", 0, "inputs"), "--set"),
        (("split", "train"), "--set"),
        (("split", "shuffle"), "default"),  # the table that was set does not say it
        (("layers", 1), "spec"),
    ],
)
def test_where_a_value_comes_from(minimal: dict[str, Any], registry: Registry, path: Path, origin: str) -> None:
    minimal |= {"predict": [{"inputs": [[1, 2]]}]}
    minimal["layers"][0]["activation"] = "relu"
    assert Origins(load_spec(minimal, OVERRIDES, registry), OVERRIDES).of(path) == origin
