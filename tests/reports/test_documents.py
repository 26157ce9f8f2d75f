"""json, gitlab, sarif and junit: whole documents, held to their schemas where there is one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from specnet import __version__
from specnet.errors import Finding
from specnet.reports import gitlab, junit, sarif
from specnet.reports import json as as_json
from specnet.reports.report import Checked

if TYPE_CHECKING:
    from types import ModuleType

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text())
JUNIT = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))
# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
NOTHING = [Checked("c.json", "{}", ())]


def strict(text: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def held(format: ModuleType, checked: list[Checked]) -> Any:
    """What a format says, once it has passed its schema."""
    text = format.render(checked)
    text.encode()  # no half of a surrogate pair, which no file can hold
    if format is junit:
        JUNIT.validate(text)
        return ElementTree.fromstring(text)  # noqa: S314  # it is our own
    document = strict(text)
    if format is not as_json:
        jsonschema.validate(document, SARIF if format is sarif else GITLAB)
    return document


# The schemas see faults


def test_the_schema_of_sarif_is_that_of_2_1_0_and_refuses() -> None:
    assert SARIF["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.1.0", "runs": [{"results": []}]}, SARIF)


def test_the_schema_of_junit_refuses() -> None:
    assert not JUNIT.is_valid("<testsuite name='x'/>")


# What a file says cannot break a document


@pytest.mark.parametrize("format", [as_json, gitlab, sarif, junit])
def test_hostile_text_keeps_to_its_place(format: ModuleType, hostile: list[Checked]) -> None:
    document = held(format, hostile)
    (finding,) = hostile[0].findings
    if format is as_json:
        assert document["findings"][0]["message"] == finding.message
        assert document["findings"][0]["path"] == "a\nb.\x1b"
    elif format is gitlab:
        assert document[0]["description"] == f"{finding.message} (a\nb)"
        assert document[0]["location"]["path"] == hostile[0].file
    elif format is sarif:
        (location,) = document["runs"][0]["results"][0]["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == "50%25%2Ca%3Ab%20%1B%5B31m%5Cud800.toml"
        assert unquote(uri) == "50%,a:b \x1b[31m\\ud800.toml"
    else:
        (failure,) = document.iter("failure")
        assert r"""'\x1b[31m<&"]]>'\r\n::error::50%, a:b | \x00\ud800\ufffe""" in failure.text
        assert document[0].get("name") == r"50%,a:b \x1b[31m\ud800.toml"


@pytest.mark.parametrize("format", [as_json, gitlab, sarif, junit])
def test_no_findings_are_a_document_too(format: ModuleType) -> None:
    document = held(format, NOTHING)
    if format is sarif:
        assert document["runs"][0]["results"] == []
    elif format is junit:
        assert (document.get("tests"), document.get("failures"), len(list(document[0]))) == ("1", "0", 0)
    else:
        assert document in ([], {"findings": []})
    held(format, [])


# json


def test_json_has_every_field_of_every_finding(several: list[Checked]) -> None:
    first, second, third, fourth = held(as_json, several)["findings"]
    assert first == {
        "code": "SN203",
        "severity": "error",
        "message": "unknown layer 'dens'",
        "help": "did you mean 'dense'?",
        "path": "layers.0.type",
        "file": "a.toml",
        "line": 4,
        "column": 8,
        "end_line": 4,
        "end_column": 14,
    }
    assert (second["severity"], second["end_line"]) == ("warning", 4)
    assert (third["file"], third["line"]) == ("--set", 7)
    assert fourth == {
        "code": "SN001",
        "severity": "error",
        "message": "there is no such file",
        "help": None,
        "path": "",
        "file": "b.toml",
        "line": None,
        "column": None,
        "end_line": None,
        "end_column": None,
    }


# gitlab


def test_gitlab(several: list[Checked]) -> None:
    told = held(gitlab, several)
    assert [(one["check_name"], one["severity"], one["location"]) for one in told] == [
        ("SN203", "major", {"path": "a.toml", "lines": {"begin": 4}}),
        ("SN401", "minor", {"path": "a.toml", "lines": {"begin": 3}}),
        ("SN105", "major", {"path": "a.toml", "lines": {"begin": 1}}),
        ("SN001", "major", {"path": "b.toml", "lines": {"begin": 1}}),
    ]
    assert told[0]["description"] == "unknown layer 'dens' (did you mean 'dense'?)"


def marks(checked: list[Checked]) -> list[str]:
    found = [one["fingerprint"] for one in held(gitlab, checked)]
    results = held(sarif, checked)["runs"][0]["results"]
    assert [result["partialFingerprints"]["specnet/v1"] for result in results] == found
    return found


def test_a_fingerprint_outlives_a_moved_line_and_nothing_else(several: list[Checked]) -> None:
    one = several[0]
    first = one.findings[0]
    before = marks([one])
    moved = tuple(replace(f, line=40, end_line=41, column=2, help="another") for f in one.findings)
    assert marks([one._replace(findings=moved)]) == before
    for other in (replace(first, code="SN204"), replace(first, message="m"), replace(first, path=("layers", 1))):
        assert marks([one._replace(findings=(other,))])[0] not in before
    assert marks([Checked("z.toml", "", (replace(first, file="z.toml"),))])[0] not in before


def test_the_fingerprints_of_one_report_differ() -> None:
    twins = Checked("a.toml", "", (Finding("SN102", "unknown key 'a'", ("a",)),) * 3)
    assert len(set(marks([twins, twins._replace(file="b.toml")]))) == 6


# sarif


def test_sarif(several: list[Checked]) -> None:
    (run,) = held(sarif, several)["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"], run["columnKind"]) == ("specnet", __version__, "unicodeCodePoints")
    rule = driver["rules"][2]
    assert rule["shortDescription"] == {"text": "a name that no component has"}
    assert rule["fullDescription"]["text"].startswith("No built-in component and no installed plugin has the name.")
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        *("SN203", "SN401", "SN105", "SN001"),
    ]
    first, second, third, fourth = run["results"]
    assert first["message"] == {"text": "unknown layer 'dens' (did you mean 'dense'?)"}
    assert (first["ruleId"], first["level"], second["level"]) == ("SN203", "error", "warning")
    places = [result["locations"][0]["physicalLocation"] for result in (first, second, third, fourth)]
    assert places[0]["artifactLocation"] == {"uri": "a.toml", "uriBaseId": "%SRCROOT%"}
    assert [place["region"] for place in places] == [
        {"startLine": 4, "startColumn": 8, "endLine": 4, "endColumn": 14},
        {"startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 14},
        {"startLine": 1},
        {"startLine": 1},
    ]


def test_a_file_outside_of_the_repository_is_a_uri_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a b.toml"
    found = Checked(str(path), "", (Finding("SN102", "x"),))
    (run,) = held(sarif, [found])["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": path.as_uri()}


# junit


def test_junit_has_a_case_for_each_file(several: list[Checked]) -> None:
    suite = held(junit, several)
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "time")} == {
        "name": "specnet validate",
        "tests": "3",
        "failures": "2",
        "errors": "0",
        "time": "0",
    }
    assert [case.get("name") for case in suite] == ["a.toml", "b.toml", "c.json"]
    failure, output = suite[0]
    assert failure.attrib == {"type": "SN203, SN105", "message": "2 errors"}
    assert failure.text.split("\n") == [
        "a.toml:4:8: SN203 unknown layer 'dens' [did you mean 'dense'?]",
        "--set:7:7: SN105 'seed' must be at least 0, not -1",
    ]
    assert (output.tag, output.text) == ("system-out", "a.toml:3:1: SN401 warning: too wide")


def test_junit_takes_a_file_with_warnings_alone_for_valid(several: list[Checked]) -> None:
    one = several[0]._replace(findings=several[0].findings[1:2])
    suite = held(junit, [one])
    assert (suite.get("failures"), [child.tag for child in suite[0]]) == ("0", ["system-out"])
