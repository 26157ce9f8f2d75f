from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from specnet.spec import load_spec
from specnet.spec.stopping_rules import faults
from specnet.spec.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from specnet.errors import Finding
    from specnet.registry import Registry

THREE = {"train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.mark.parametrize(
    ("split", "metric", "help"),
    [
        ({}, None, "set split.validation"),
        ({}, "validation.loss", "set split.validation"),
        ({"train": 1.0, "test": 0.0}, "test.loss", "set split.test"),
        ({}, "test.los", "did you mean 'test.loss'?"),
        (THREE, "loss", "did you mean 'test.loss'?"),
        (THREE, "r2", "known: train.loss, validation.loss, test.loss"),
        ({}, "validation.r2", "known: train.loss, test.loss"),
    ],
)
def test_what_is_not_measured_cannot_be_watched(
    minimal: dict[str, Any], findings: Callable[..., tuple[Finding, ...]], split: Any, metric: Any, help: str
) -> None:
    section = {"patience": 2} if metric is None else {"patience": 2, "metric": metric}
    (finding,) = findings({**minimal, "split": split, "early_stopping": section})
    message = f"no metric of this spec is called {metric or 'validation.loss'!r}"
    assert (finding.code, finding.dotted, finding.message) == ("SN421", "early_stopping.metric", message)
    assert finding.help == help


def test_a_schedule_too_watches_what_is_measured(
    minimal: dict[str, Any], findings: Callable[..., tuple[Finding, ...]]
) -> None:
    plateau = {"type": "reduce_on_plateau", "start": 0.1}
    for rate in (plateau, {"type": "linear_warmup", "length": 1, "then": plateau}):
        optimizer = {"type": "adam", "learning_rate": rate}
        (finding,) = findings({**minimal, "training": {"epochs": 9}, "optimizer": optimizer})
        message = "no metric of this spec is called 'validation.loss'"
        assert (finding.code, finding.dotted, finding.message) == ("SN421", "optimizer.learning_rate", message)
        assert finding.help == "set split.validation"
        assert findings({**minimal, "training": {"epochs": 9}, "split": THREE, "optimizer": optimizer}) == ()


def test_the_patience_must_be_said(minimal: dict[str, Any], findings: Callable[..., tuple[Finding, ...]]) -> None:
    (finding,) = findings({**minimal, "split": THREE, "early_stopping": {}})
    assert (finding.code, finding.dotted) == ("SN103", "early_stopping.patience")


@pytest.mark.parametrize("metric", ["validation.loss", "train.loss", "test.loss"])
def test_any_metric_can_be_watched(minimal: dict[str, Any], registry: Registry, metric: str) -> None:
    spec = load_spec({**minimal, "split": THREE, "early_stopping": {"patience": 1, "metric": metric}}, None, registry)
    assert list(faults(Subject(spec))) == []


def test_without_the_section_nothing_is_watched(minimal: dict[str, Any], registry: Registry) -> None:
    spec = load_spec(minimal, None, registry)
    assert (spec.early_stopping, list(faults(Subject(spec)))) == (None, [])
