from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet.errors import Finding, SpecError
from specnet.spec import check
from specnet.spec.document import SIZE_LIMIT, parse_text, read_document, read_text, text_of

if TYPE_CHECKING:
    from specnet.registry import Registry

SPEC = """format = 1
name = "small"
dataset = { type = "arithmetic", samples = 40 }
layers = [{ type = "dense", units = 3 }]
loss = "mse"
optimizer = { type = "gradient_descent", learning_rate = 0.01 }
training = { epochs = 5 }
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(content: bytes, name: str, format: str | None = None) -> Finding:
    with pytest.raises(SpecError) as caught:
        parse_text(text_of(content, name, format))
    (finding,) = caught.value.findings
    return finding


def test_text_that_came_otherwise_is_refused_as_a_file_would_be() -> None:
    assert refusal(b"", "a.toml").code == "SN005"
    assert refusal(b"\xff", "a.json") == Finding("SN002", "byte 0xff is not UTF-8", file="a.json", line=1)
    assert refusal(b"x", "a.yaml").message == "a spec is a .toml or a .json file, not 'a.yaml'"
    assert refusal(b"x" * (SIZE_LIMIT + 1), "a.toml").message == "a spec has at most 1,000,000 bytes"
    assert refusal(b"[1]", "<stdin>", "json") == Finding("SN003", "a spec is one JSON object", file="<stdin>")


def test_text_that_came_otherwise_is_as_in_a_file() -> None:
    Path("a.toml").write_bytes(SPEC.encode())
    assert text_of(SPEC.encode(), "a.toml") == read_text(Path("a.toml"))
    assert parse_text(text_of(SPEC.encode(), "a.toml")) == read_document("a.toml")
    assert text_of(b"", "sub/a.JSON").folder == Path.cwd() / "sub"
    assert text_of(b"", "sub/a.JSON").format == "json"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"a = \n", "SN003"), (b"a = '\xff'\n", "SN002"), (b" \n", "SN005"), (SPEC.replace("3", "0").encode(), "SN105")],
)
def test_a_spec_that_is_wrong_keeps_its_text(content: bytes, code: str, registry: Registry) -> None:
    Path("a.toml").write_bytes(b"\xef\xbb\xbf" + content)
    checked = check(Path("a.toml"), {}, registry)
    assert (checked.file, checked.text) == ("a.toml", content.decode(errors="replace"))
    assert [(finding.code, finding.file) for finding in checked.findings] == [(code, "a.toml")]
    assert check(text_of(content, "a.toml"), {}, registry).findings[0].code == code


def test_a_file_that_cannot_be_read_has_no_text(registry: Registry) -> None:
    checked = check(Path("a.toml"), {}, registry)
    assert (checked.file, checked.text) == ("a.toml", "")
    assert checked.findings == (Finding("SN001", "there is no such file", file="a.toml"),)


@pytest.mark.parametrize(("overrides", "files"), [({}, []), ({"training.epochs": -1}, ["--set"])])
def test_a_valid_spec_has_the_findings_of_its_overrides(
    overrides: dict[str, Any], files: list[str], registry: Registry
) -> None:
    checked = check(text_of(SPEC.encode(), "a.toml"), overrides, registry)
    assert checked.text == SPEC
    assert [finding.file for finding in checked.findings] == files
