from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pydantic
import pytest

from specnet.errors import Finding
from specnet.spec import requirements
from specnet.spec.requirements import unmet

Findings = Callable[..., tuple[Finding, ...]]
INSTALLED = pydantic.VERSION

# Refusals


def test_what_is_not_installed() -> None:
    assert unmet(["no-such-plugin>=1.2"]) == [
        Finding("SN211", "no-such-plugin is not installed", ("requires", 0), 'pip install "no-such-plugin>=1.2"')
    ]


@pytest.mark.parametrize(
    "text", ["pydantic>=99", "pydantic<1", f"pydantic!={INSTALLED}", "pydantic>1,<2", "Pydantic==1"]
)
def test_what_is_installed_in_another_version(text: str) -> None:
    assert unmet([text]) == [
        Finding(
            "SN211",
            f"{text[:8]} {INSTALLED} is installed, '{text}' is required",
            ("requires", 0),
            f'pip install "{text}"',
        )
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expected package name at the start of dependency specifier"),
        ("bad name", "Expected "),
        ("pydantic>=", "Expected "),
        ("pydantic>=x.y", "Expected "),
        ("-x", "Expected package name at the start of dependency specifier"),
    ],
)
def test_what_is_no_requirement(text: str, why: str) -> None:
    (finding,) = unmet([text])
    assert (finding.code, finding.path, finding.help) == ("SN212", ("requires", 0), None)
    assert finding.message.startswith(f"{text!r} is no requirement: {why}")
    assert "\n" not in finding.message


@pytest.mark.parametrize(
    "text",
    ["pydantic @ https://example.org/p.whl", "pydantic; python_version < '3'", "pydantic[email]", "pydantic[email]>=2"],
)
def test_a_requirement_is_a_name_and_versions(text: str) -> None:
    assert unmet([text]) == [
        Finding("SN212", f"{text!r}: a requirement is a name and versions, nothing more", ("requires", 0))
    ]


def test_each_requirement_has_a_finding_of_its_own() -> None:
    found = unmet(["pydantic", "no-such-plugin", 5, "a b", "pydantic>=99"])
    assert [(finding.code, finding.path) for finding in found] == [
        ("SN211", ("requires", 1)),
        ("SN212", ("requires", 3)),
        ("SN211", ("requires", 4)),
    ]


@pytest.mark.parametrize("value", ["pydantic>=99", {"pydantic": ">=99"}, None, 5])
def test_what_is_no_list_is_left_to_the_validator(minimal: dict[str, Any], findings: Findings, value: object) -> None:
    assert unmet(value) == []
    (finding,) = findings({**minimal, "requires": value})
    assert (finding.code, finding.dotted) == ("SN104", "requires")


def test_an_item_that_is_no_text_is_left_to_the_validator(minimal: dict[str, Any], findings: Findings) -> None:
    (finding,) = findings({**minimal, "requires": ["pydantic", 5]})
    assert (finding.code, finding.dotted, finding.message) == ("SN104", "requires.1", "item 1 must be text, not 5")


# Names that nobody can know while a plugin is missing


@pytest.mark.parametrize(
    ("requirement", "code"), [("no-such-plugin", "SN211"), ("pydantic>=99", "SN211"), ("no such plugin", "SN212")]
)
@pytest.mark.parametrize("name", ["snake", "acme.snake", "reluu"])
def test_a_missing_plugin_is_the_one_finding(
    minimal: dict[str, Any], findings: Findings, requirement: str, code: str, name: str
) -> None:
    minimal["requires"] = [requirement]
    minimal["layers"][0]["activation"] = name
    minimal["optimizer"] = {"type": name, "speed": 3}
    (finding,) = findings(minimal)
    assert (finding.code, finding.dotted) == (code, "requires.0")


@pytest.mark.parametrize(("name", "code"), [("snake", "SN203"), ("acme.snake", "SN205")])
def test_the_names_are_faults_as_soon_as_nothing_is_missing(
    minimal: dict[str, Any], findings: Findings, name: str, code: str
) -> None:
    minimal["requires"] = ["pydantic"]
    minimal["layers"][0]["activation"] = name
    (finding,) = findings(minimal)
    assert (finding.code, finding.dotted) == (code, "layers.0.activation")


@pytest.mark.parametrize(
    ("key", "value", "code", "path"),
    [
        ("loss", {}, "SN202", "loss"),
        ("loss", 5, "SN201", "loss"),
        ("seed", -1, "SN105", "seed"),
        ("sede", 1, "SN102", "sede"),
        ("predict", [{"inputs": [[1]]}], "SN408", "predict.0.inputs.0"),
    ],
)
def test_other_faults_stand_beside_a_missing_plugin(
    minimal: dict[str, Any], findings: Findings, key: str, value: object, code: str, path: str
) -> None:
    found = findings({**minimal, "requires": ["no-such-plugin"], key: value})
    assert [(finding.code, finding.dotted) for finding in found] == [("SN211", "requires.0"), (code, path)]


# Requirements that are met


@pytest.mark.parametrize(
    "text", ["pydantic", "Pydantic", "pydantic>=2", f"pydantic=={INSTALLED}", "pydantic >= 2, < 99"]
)
def test_what_is_installed(minimal: dict[str, Any], findings: Findings, text: str) -> None:
    assert unmet([text]) == []
    assert findings({**minimal, "requires": [text]}) == ()


def test_a_release_candidate_meets_a_requirement_that_its_number_meets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "version", lambda name: "2.0rc1")
    assert unmet(["acme>=1.2"]) == []
    assert len(unmet(["acme>=2"])) == 1
