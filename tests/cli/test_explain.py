from __future__ import annotations

import pytest

from specnet.cli import main
from specnet.codes import CODES
from specnet.codes.page import markdown

FAMILY = "help: SN0xx, the text of the file: SN001, SN002, SN003, SN004, SN005\n"


def call(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["explain", *args])
    return caught.value.code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["SN099"], f"SN114 there is no code 'SN099'\n  = {FAMILY}"),
        (["sn0"], f"SN114 there is no code 'sn0'\n  = {FAMILY}"),
        (["NS203"], "SN114 there is no code 'NS203'\n  = help: did you mean 'SN203'?\n"),
        (["SN203", "x", "y"], "SN114 there is no code 'y'\n  = help: SN0xx the text of the file; SN1xx keys, "),
        (["SN999"], "SN114 there is no code 'SN999'\n  = help: SN0xx the text of the file; "),
        (["--all", "203"], "SN114 --all explains every code, so it goes without one\n"),
    ],
)
def test_what_cannot_be_explained(capsys: pytest.CaptureFixture[str], args: list[str], says: str) -> None:
    code, out, err = call(capsys, *args)
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize("text", ["SN203", "sn203", "203"])
def test_a_code(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = call(capsys, text, "SN203")
    assert code == 0
    assert out.startswith("SN203 a name that no component has\nerror\n\nNo built-in component")
    assert '\n\nBetter:\n\n    [[layers]]\n    type = "dense"' in out
    assert out.count("Better:") == 1
    assert max(map(len, out.splitlines())) <= 80


def test_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "--all") == (0, markdown(), "")
    _, listed, _ = call(capsys)
    assert all(f"  {name}  {code.title}\n" in listed for name, code in CODES.items())
    _, told, _ = call(capsys, "SN410")
    assert "\nwarning, can be ignored in `[[lint.ignore]]`\n" in told
