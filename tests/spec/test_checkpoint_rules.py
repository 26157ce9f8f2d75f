from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from specnet.spec import lint, load_spec
from specnet.spec.checkpointing import Checkpointing

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.errors import Finding
    from specnet.registry import Registry


@pytest.mark.parametrize(
    ("section", "dotted"),
    [
        ({"every_epochs": 0}, "checkpoint.every_epochs"),
        ({"every_epochs": 1.5}, "checkpoint.every_epochs"),
        ({"every_seconds": 0}, "checkpoint.every_seconds"),
        ({"every_seconds": "60"}, "checkpoint.every_seconds"),
        ({"keep_last": 0}, "checkpoint.keep_last"),
        ({"keep_best": 1}, "checkpoint.keep_best"),
        ({"every": 1}, "checkpoint.every"),
    ],
)
def test_what_makes_no_sense_is_refused(
    minimal: dict[str, Any], findings: Callable[..., tuple[Finding, ...]], section: Any, dotted: str
) -> None:
    (finding,) = findings({**minimal, "checkpoint": section})
    assert (finding.severity, finding.dotted) == ("error", dotted)


@pytest.mark.parametrize(
    ("section", "key", "message"),
    [
        (
            {"every_epochs": 10},
            "every_epochs",
            "every_epochs = 10 has no effect: there are 10 epochs, and the end is saved in any case",
        ),
        (
            {"keep_best": True},
            "keep_best",
            "keep_best = true has no effect: without an [early_stopping] nothing says what is best",
        ),
        (
            {"every_epochs": 4, "keep_last": 4},
            "keep_last",
            "keep_last = 4 has no effect: there will be 3 checkpoints",
        ),
        ({"keep_last": 2}, "keep_last", "keep_last = 2 has no effect: there will be 1 checkpoint"),
    ],
)
def test_what_has_no_effect_is_warned_of(
    minimal: dict[str, Any], registry: Registry, section: Any, key: str, message: str
) -> None:
    spec = load_spec({**minimal, "training": {"epochs": 10}, "checkpoint": section}, None, registry)
    (finding,) = [finding for finding in lint(spec) if finding.path[0] == "checkpoint"]
    assert (finding.code, finding.severity, finding.dotted) == ("SN415", "warning", f"checkpoint.{key}")
    assert finding.message == message


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"every_epochs": 9},
        {"every_epochs": 4, "keep_last": 3},
        {"every_seconds": 60, "keep_last": 5},
        {"every_epochs": 9, "keep_best": True, "keep_last": 5},
    ],
)
def test_what_has_an_effect_is_not_warned_of(minimal: dict[str, Any], registry: Registry, section: Any) -> None:
    split = {"train": 0.6, "validation": 0.2, "test": 0.2}
    changes = {"split": split, "training": {"epochs": 10}, "early_stopping": {"patience": 2}, "checkpoint": section}
    assert [f for f in lint(load_spec({**minimal, **changes}, None, registry)) if f.path[0] == "checkpoint"] == []


def test_the_defaults() -> None:
    said = {"every_epochs": None, "every_seconds": None, "keep_last": 1, "keep_best": False}
    assert Checkpointing().model_dump() == said
