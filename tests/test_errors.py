from __future__ import annotations

import pickle

import pytest

from specnet.errors import (
    ArtifactError,
    DataError,
    DivergenceError,
    Finding,
    Interrupted,
    SpecError,
    SpecnetError,
    UsageError,
    did_you_mean,
    listed,
    show,
    slip_of,
)

FINDING = Finding("SN203", "unknown layer 'dens'", ("layers", 0, "type"), "did you mean 'dense'?", file="bad.toml")


def test_a_finding_is_frozen() -> None:
    with pytest.raises(AttributeError):
        FINDING.code = "SN204"  # type: ignore[misc]


# What a finding says


def test_a_finding_says_what_where_and_what_would_do() -> None:
    assert str(FINDING) == (
        "SN203 unknown layer 'dens'\n --> bad.toml (layers.0.type)\n  = help: did you mean 'dense'?"
    )


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("SN001", "wrong"), "SN001 wrong"),
        (Finding("SN001", "wrong", help="do right"), "SN001 wrong\n  = help: do right"),
        (Finding("SN001", "wrong", ("seed",)), "SN001 wrong\n --> (seed)"),
        (Finding("SN001", "wrong", file="a.toml"), "SN001 wrong\n --> a.toml"),
        (Finding("SN001", "wrong", file="a.toml", line=3), "SN001 wrong\n --> a.toml:3"),
        (Finding("SN001", "wrong", file="a.toml", line=3, column=9), "SN001 wrong\n --> a.toml:3:9"),
        (Finding("SN001", "wrong", ("seed",), file="a.toml", line=3), "SN001 wrong\n --> a.toml:3 (seed)"),
    ],
)
def test_a_finding_leaves_out_what_is_not_known(finding: Finding, text: str) -> None:
    assert str(finding) == text


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\ud800", r"\ud800"),
        ("\u202e", r"\u202e"),
        ("größe 網", "größe 網"),
    ],
)
def test_a_finding_can_be_printed_whatever_the_keys_of_a_file_are(key: str, shown: str) -> None:
    finding = Finding("SN102", f"unknown {key}", (key,), f"not {key}", file=key)
    assert str(finding) == f"SN102 unknown {shown}\n --> {shown} ({shown})\n  = help: not {shown}"
    assert str(finding).encode()


def test_dotted_is_the_path_as_set_takes_it() -> None:
    assert FINDING.dotted == "layers.0.type"
    assert Finding("SN001", "wrong").dotted == ""


# The exceptions


@pytest.mark.parametrize(
    ("kind", "code"),
    [(UsageError, 2), (SpecError, 2), (DataError, 2), (ArtifactError, 2), (DivergenceError, 4), (SpecnetError, 2)],
)
def test_each_kind_of_error_has_its_exit_code(kind: type[SpecnetError], code: int) -> None:
    error = kind(FINDING)
    assert error.exit_code == code
    assert isinstance(error, SpecnetError)


def test_an_error_carries_every_finding_and_prints_each() -> None:
    other = Finding("SN103", "missing key 'units'")
    error = SpecError(FINDING, other)
    assert error.findings == (FINDING, other)
    assert str(error) == f"{FINDING}\n{other}"


def test_an_error_survives_the_way_between_processes() -> None:
    copy = pickle.loads(pickle.dumps(SpecError(FINDING)))  # noqa: S301  # of our own making
    assert type(copy) is SpecError
    assert copy.findings == (FINDING,)


def test_in_file_names_the_file_where_none_is_known_and_keeps_the_kind() -> None:
    nowhere = Finding("SN103", "missing key 'units'", ("layers", 0, "units"))
    error = DataError(FINDING, nowhere).in_file("other.toml")
    assert type(error) is DataError
    assert [finding.file for finding in error.findings] == ["bad.toml", "other.toml"]
    assert error.findings[0] == FINDING
    assert nowhere.file is None


@pytest.mark.parametrize(("signal", "code"), [(2, 130), (15, 143)])
def test_an_interrupted_run_says_where_it_is(signal: int, code: int) -> None:
    interrupted = Interrupted("runs/a", signal)
    assert isinstance(interrupted, KeyboardInterrupt)
    assert (interrupted.path, interrupted.exit_code) == ("runs/a", code)
    assert str(interrupted) == "interrupted; the state so far is in runs/a, and specnet resume runs/a goes on"


# Suggestions


@pytest.mark.parametrize("name", ["convolution", "", "d"])
def test_nothing_is_suggested_where_nothing_is_near(name: str) -> None:
    assert did_you_mean(name, ["dense", "dropout"]) is None


@pytest.mark.parametrize(("name", "known"), [("dens", "dense"), ("dnese", "dense"), ("dropuot", "dropout"), (1, "1")])
def test_the_nearest_name_is_suggested(name: object, known: str) -> None:
    assert did_you_mean(name, ["dropout", "dense", "1"]) == f"did you mean '{known}'?"


@pytest.mark.parametrize("known", [["abd", "abe"], ["abe", "abd"], {"abd": 1, "abe": 2}])
def test_equally_near_names_give_the_same_suggestion_in_every_order(known: list[str]) -> None:
    assert did_you_mean("abc", known) == "did you mean 'abe'?"


# Values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "nothing"),
        ({"a": 1}, "a table"),
        (2.5, "2.5"),
        ("a'b", '"a\'b"'),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 59, f"'{'x' * 56}..."),
    ],
)
def test_a_value_is_shown_in_a_line(value: object, text: str) -> None:
    assert show(value) == text
    assert len(text) <= 60


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b, c"), (["a", "b", "c", "d"], "a, b, c, ... (4 in all)")],
)
def test_a_long_list_says_how_long_it_is(names: list[str], text: str) -> None:
    assert listed(names, most=3) == text


# What is certainly meant

NAMES = ["units", "activation", "relu", "test", "train", "learning_rate", "max", "min", "log_every"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("unit", "units"),
        ("unitss", "units"),
        ("untis", "units"),
        ("unots", "units"),
        ("Units", "units"),
        ("rleu", "relu"),
        ("learning-rate", "learning_rate"),
        ("Learning Rate", "learning_rate"),
        ("logevery", "log_every"),
        ("relu6", None),  # another function
        ("units2", None),
        ("uts", None),  # two letters
        ("mxa", "max"),
        ("mix", None),  # min or max
        ("mn", None),  # too short to tell
        ("relu", None),  # right as it is
        ("tesst", "test"),
        ("", None),
    ],
)
def test_a_slip_of_the_finger_has_one_meaning_or_none(written: str, meant: str | None) -> None:
    assert slip_of(written, NAMES) == meant
