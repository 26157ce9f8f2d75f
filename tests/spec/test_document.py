from __future__ import annotations

import json
import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from specnet.errors import Finding, SpecError
from specnet.spec.document import SIZE_LIMIT, read_document, walk
from specnet.spec.syntax import DEPTH_LIMIT

TEXT = {"toml": 'name = "a"\nseed = 1\n', "json": '{"name": "a", "seed": 1}'}
formats = pytest.mark.parametrize("format", ["toml", "json"])


def refusal(source: Any) -> Finding:
    with pytest.raises(SpecError) as caught:
        read_document(source)
    (finding,) = caught.value.findings
    assert finding.path == ()
    return finding


def unreadable(path: str | Path) -> str:
    """The message of SN001."""
    finding = refusal(path)
    assert (finding.code, finding.file, finding.line, finding.help) == ("SN001", str(Path(path)), None, None)
    return finding.message


def refused_text(folder: Path, text: str | bytes, format: str = "toml") -> Finding:
    path = folder / f"spec.{format}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    finding = refusal(path)
    assert finding.file == str(path)
    return finding


def place_of(finding: Finding) -> str | None:
    """`line:column-end`, with the line of the end where it is another."""
    if finding.line is None:
        return None
    end = f"{finding.end_line}:" if finding.end_line != finding.line else ""
    return f"{finding.line}:{finding.column}-{end}{finding.end_column}"


# SN001: no file that can be read


@formats
def test_a_missing_file(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"spec.{format}"
    assert refusal(path) == Finding("SN001", "there is no such file", file=str(path))


@pytest.mark.parametrize("name", ["spec", "spec.yaml", "spec.toml.bak", ".toml", "toml"])
def test_another_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXT["toml"])
    assert refusal(tmp_path / name) == Finding(
        "SN001", f"a spec is a .toml or a .json file, not '{name}'", file=str(tmp_path / name)
    )


@pytest.mark.parametrize("path", ["", "."])
def test_p68_an_empty_path_is_not_the_current_directory(path: str) -> None:
    assert refusal(path) == Finding("SN001", "is a folder, not a file", file=".")


def test_p68_a_folder(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").mkdir()
    assert unreadable(tmp_path / "spec.toml") == "is a folder, not a file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
def test_p68_a_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "spec.toml")
    assert unreadable(tmp_path / "spec.toml") == "is not a regular file"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no devices in its file system")
def test_p68_a_device_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "spec.json").symlink_to("/dev/zero")
    assert unreadable(tmp_path / "spec.json") == "is not a regular file"


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "spec.toml").write_text(TEXT["toml"])
    monkeypatch.setattr(Path, "read_bytes", refuse)  # chmod does not stop a superuser
    assert unreadable(tmp_path / "spec.toml") == "cannot be read: Permission denied"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    # Newer versions of Python do not tell such a name from a missing file.
    long = unreadable(tmp_path / f"{'a' * 300}.toml")
    assert long in ("cannot be read: File name too long", "there is no such file")
    assert unreadable(tmp_path / "\0.toml") == "there is no such file"


def test_a_file_beyond_the_size_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    with path.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    assert unreadable(path) == "a spec has at most 1,000,000 bytes"
    with path.open("wb") as file:
        file.truncate(SIZE_LIMIT)
    assert refusal(path).code == "SN003"


# SN002, SN005: not text


@formats
@pytest.mark.parametrize(
    ("content", "byte", "line"),
    [
        (b"\xe9", "e9", 1),
        (b"# \n# \xc3\xa9\n# \xe9\n", "e9", 3),
        (b"\xff\xfen\0", "ff", 1),
        (b"\xef\xbb\xbf\xc3", "c3", 1),
    ],
)
def test_a_byte_that_is_not_utf8(tmp_path: Path, format: str, content: bytes, byte: str, line: int) -> None:
    finding = refused_text(tmp_path, content, format)
    assert (finding.code, finding.message) == ("SN002", f"byte 0x{byte} is not UTF-8")
    assert (finding.line, finding.column) == (line, None)


@formats
@pytest.mark.parametrize("content", ["", " \n\t\r\n", "\ufeff", "\ufeff\n"])
def test_an_empty_file(tmp_path: Path, format: str, content: str) -> None:
    finding = refused_text(tmp_path, content, format)
    assert (finding.code, finding.message, finding.line) == ("SN005", "the file is empty", None)
    assert finding.help == "`specnet plan` shows what a spec holds; the README has one to copy"


# SN003: not TOML

BACKSLASH = "a backslash in double quotes begins an escape: write a path in 'single quotes' or with forward slashes"
QUOTES = "text stands in quotes"
STRAIGHT = "text stands in straight quotation marks"
EQUALS = "a key and its value are joined by `=`"
SMALL = "true and false are written in small letters"
BRACKETS = "a header stands in brackets of one kind: [training], or [[layers]] for one of several"
COMMA = "a comma is missing before this"
CLOSE = "the bracket that ends this is missing"
END = "the quotation mark that ends this text is missing"
LINE = "a line holds one key, and nothing stands after its value"
HASH = "a comment begins with #"
SEVERAL = "text on several lines stands in three quotation marks"
STATEMENT = "Expected newline or end of document after a statement"
PAIR = "Expected '=' after a key in a key/value pair"


@pytest.mark.parametrize(
    ("text", "message", "place", "help"),
    [
        ("name = arith\n", "Invalid value", "1:8-13", QUOTES),
        ("seed = 1\n\n  name= a-b", "Invalid value", "3:9-12", QUOTES),
        ("a.b = nope", "Invalid value", "1:7-11", QUOTES),
        ("shuffle = True\n", "Invalid value", "1:11-15", SMALL),
        ("shuffle = FALSE", "Invalid value", "1:11-16", SMALL),
        ("shuffle = yes", "Invalid value", "1:11-14", "truth is written `true` or `false`"),
        ("truth = Trueish", "Invalid value", "1:9-16", QUOTES),
        ("seed = null # none", "Invalid value", "1:8-12", "there is no null: leave the key out"),
        ("seed = \n", "Invalid value", "1:8-2:1", "a value is missing after `=`"),
        ("name = “a”", "Invalid value", "1:8-11", STRAIGHT),
        ("‘name’ = 1", "Invalid statement", "1:1-7", STRAIGHT),
        ('name: "arith"\n', PAIR, "1:5-6", EQUALS),
        ("seed = 1\nname : x", PAIR, "2:6-7", EQUALS),
        ("my name = 1\n", PAIR, "1:4-8", "a key with a blank in it stands in quotes"),
        ("name\n", PAIR, "1:5-2:1", None),
        ("rate = .5\n", "Invalid value", "1:8-10", "a number begins with a digit: 0.5, not .5"),
        ("rate = 1.\n", STATEMENT, "1:9-10", "a number ends with a digit: 1.0, not 1."),
        ("seed = 07\n", STATEMENT, "1:9-10", "a number does not begin with 0"),
        ("seed = -07\n", STATEMENT, "1:10-11", "a number does not begin with 0"),
        ("rate = 0.5 0.6\n", STATEMENT, "1:12-15", None),
        ("seed = 1,\n", STATEMENT, "1:9-10", LINE),
        ("seed = 1; name = 2\n", STATEMENT, "1:9-10", LINE),
        ("name = 'it's'\n", STATEMENT, "1:12-14", "an apostrophe ends 'single quotes': use double quotes"),
        ("// seed = 1\n", "Invalid statement", "1:1-3", HASH),
        ("; seed = 1\n", "Invalid statement", "1:1-2", HASH),
        ("seed = 1 // one\n", STATEMENT, "1:10-12", HASH),
        ('{"seed": 1}', "Invalid statement", "1:1-9", "this looks like JSON: name the file .json"),
        ("[split\n", "Expected ']' at the end of a table declaration", "1:7-2:1", BRACKETS),
        ("[[layers]\n", "Expected ']]' at the end of an array declaration", "1:9-10", BRACKETS),
        ("layers = [1 2]\n", "Unclosed array", "1:13-14", COMMA),
        ("a = { b = 1 c = 2 }\n", "Unclosed inline table", "1:13-14", COMMA),
        ("layers = [1,,2]\n", "Invalid value", "1:13-14", "there is no value between these commas"),
        ("layers = [1, 2\n", "Unclosed array", "1:10-12", CLOSE),
        ("layers = [1,\n", "Invalid value", "1:10-12", CLOSE),
        ("= 1\n", "Invalid statement", "1:1-2", None),
        ("a. = 1\n", "Invalid initial character for a key part", "1:4-5", None),
        ('name = "a\n', "Illegal character '\\n'", "1:10-2:1", SEVERAL),
        ('name = "abc', "Unterminated string", "1:8-12", END),
        ('name = """abc\n\n', "Unterminated string", "1:8-14", END),
        ('name = """abc\r\n', "Unterminated string", "1:8-14", END),
        ("# \u2028 \x85 x\nname = '''abc", "Expected \"'''\"", "2:8-14", END),
        ("# \u2028\nname = a", "Invalid value", "2:8-9", QUOTES),
        ("\ufeffname = a", "Invalid value", "1:8-9", QUOTES),
        ("seed = 1\r\n\tname =\ta\r\n", "Invalid value", "2:9-10", QUOTES),
        ('a = "😀漢"\nname = [ "😀漢", a ]', "Invalid value", "2:16-17", QUOTES),
    ],
)
def test_a_fault_of_toml(tmp_path: Path, text: str, message: str, place: str, help: str | None) -> None:
    finding = refused_text(tmp_path, text)
    assert (finding.code, finding.message) == ("SN003", f"not TOML: {message}")
    assert place_of(finding) == place
    assert finding.help == help


# SN302: TOML 1.1, which Python reads from 3.15 on


@pytest.mark.parametrize(
    ("text", "says", "place", "help"),
    [
        ("a = { b = 1,\n c = 2 }\n", "an inline table goes over several lines", "1:13-2:1", "in one line"),
        ("a = { b = 1, # why\n c = 2 }\n", "an inline table goes over several lines", "1:14-19", "with a header"),
        ("x = [ { a = [\n1 ], b = 2,\n c = 3 } ]", "an inline table goes over several lines", "2:12-3:1", "line"),
        ("a = { b = 1, }\n", "a comma stands after the last key of an inline table", "1:12-13", "take it out"),
        ('a = "\\e[0m"\n', "\\e is an escape", "1:6-8", "a backslash in double quotes"),
        ('# "\\x41"\na = "b\\x41"\n', "\\x is an escape", "2:7-9", "'single quotes'"),
        ("at = 12:30\n", "this time has no seconds", "1:6-11", "write the seconds too"),
        ("at = 2026-11-25 12:30\n", "this time has no seconds", "1:17-22", "write the seconds too"),
    ],
)
def test_toml_1_1_is_the_same_finding_on_every_python(
    tmp_path: Path, text: str, says: str, place: str, help: str
) -> None:
    finding = refused_text(tmp_path, text)
    assert (finding.code, finding.message) == ("SN302", f"{says}, which only TOML 1.1 allows")
    assert place_of(finding) == place
    assert help in str(finding.help)


def test_a_python_that_reads_toml_1_1_refuses_it_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tomllib.loads", lambda text: {"a": {"b": 1}})
    assert refused_text(tmp_path, "a = { b = 1, }").code == "SN302"


@pytest.mark.parametrize(
    "text",
    [
        "a = [1,\n2,\n]\n",
        "a = { b = [1,\n 2,\n ] }\n",
        "a = { b = [\n], c = '''\n''' }\n",
        "a = '\\e \\x41'\n",
        'a = "\\\\e"\n',
        "at = 12:30:00\n",
        "at = 2026-11-25T12:30:00+01:00\n",
        "at = 2026-11-25T12:30:00.5-01:00\n",
        "a = 1 # { \n# 12:30, }\nb = ', }'\n",
        '"12:30" = 1\n',
        "a = { }\n",
    ],
)
def test_toml_1_0_is_no_toml_1_1(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    assert read_document(path).data


@pytest.mark.parametrize("path", [r"C:\Users\d.csv", r"D:\data.csv", r"C:\x.csv", r"D:\q\d.csv"])
def test_p67_a_backslash_that_is_no_escape(tmp_path: Path, path: str) -> None:
    finding = refused_text(tmp_path, f'[dataset]\npath = "{path}"\n')
    assert (finding.line, finding.help) == (2, BACKSLASH)
    assert finding.code == "SN302" if r"\x" in path else finding.message.startswith("not TOML: ")


# SN003: not JSON

COLON = "a key and its value are joined by `:`"
LAST = "no comma stands after the last"
COMMENTS = "JSON has no comments; TOML has"
KEY_QUOTES = "a key stands in double quotes"
DOUBLE = "text stands in double quotes"
DELIMITER = "Expecting ',' delimiter"
NAME = "Expecting property name enclosed in double quotes"
CONTROL = "a line break in text is written \\n, a tab \\t"
FINITE = "a number of a spec is finite"
OBJECT = "a spec is one JSON object"


@pytest.mark.parametrize(
    ("text", "message", "place", "help"),
    [
        ('{"name": "a"', f"not JSON: {DELIMITER}", "1:13-13", CLOSE),
        ('{"name": "a" "seed": 1}', f"not JSON: {DELIMITER}", "1:14-21", COMMA),
        ('{"a": [1 2]}', f"not JSON: {DELIMITER}", "1:10-11", COMMA),
        ('{"name": "a",\n "seed" 1}', "not JSON: Expecting ':' delimiter", "2:9-10", COLON),
        ('{"seed"=1}', "not JSON: Expecting ':' delimiter", "1:8-10", COLON),
        ('{"name": arith}', "not JSON: Expecting value", "1:10-15", DOUBLE),
        ('{"name": “a”}', "not JSON: Expecting value", "1:10-13", STRAIGHT),
        ('{"a": True}', "not JSON: Expecting value", "1:7-11", SMALL),
        ('{"a": None}', "not JSON: Expecting value", "1:7-11", "there is no null: leave the key out"),
        ('{"a": .5}', "not JSON: Expecting value", "1:7-9", "a number begins with a digit: 0.5, not .5"),
        ('{"a": 1.}', f"not JSON: {DELIMITER}", "1:8-9", "a number ends with a digit: 1.0, not 1."),
        ('{"a": +1}', "not JSON: Expecting value", "1:7-9", "a number has no sign +"),
        ('{"a": [1, ]}', "not JSON: Expecting value", "1:11-12", LAST),
        ('{"a": 1, }', f"not JSON: {NAME}", "1:10-11", LAST),
        ("{'name': 1}", f"not JSON: {NAME}", "1:2-9", KEY_QUOTES),
        ("{name: 1}", f"not JSON: {NAME}", "1:2-7", KEY_QUOTES),
        ('{"a": 1 // why\n}', f"not JSON: {DELIMITER}", "1:9-11", COMMENTS),
        ("# why\n{}", "not JSON: Expecting value", "1:1-2", COMMENTS),
        ("seed = 1", "not JSON: Expecting value", "1:1-5", "this looks like TOML: name the file .toml"),
        ('{"a": "C:\\data"}', "not JSON: Invalid \\escape", "1:10-16", BACKSLASH.replace("in 'single quotes' or ", "")),
        ('{"seed": 1} x', "not JSON: Extra data", "1:13-14", "the file ends where its object ends"),
        ('{"seed": 01}', f"not JSON: {DELIMITER}", "1:11-12", "a number does not begin with 0"),
        ('\n\n{"a": "\t"}', "not JSON: Invalid control character", "3:8-9", CONTROL),
        ('{"a": "b', "not JSON: Unterminated string", "1:7-9", END),
        ('\ufeff{"seed": x}', "not JSON: Expecting value", "1:10-11", DOUBLE),
        ('{"seed": NaN}', "not JSON: NaN is no number", "1:10-13", FINITE),
        ('{"NaN": "NaN",\n"seed": [Infinity]}', "not JSON: Infinity is no number", "2:10-18", FINITE),
        ('{"seed": -Infinity}', "not JSON: -Infinity is no number", "1:10-19", FINITE),
        ("[]", OBJECT, None, None),
        ("3", OBJECT, None, None),
        ("null", OBJECT, None, None),
    ],
)
def test_p59_a_fault_of_json(tmp_path: Path, text: str, message: str, place: str | None, help: str | None) -> None:
    finding = refused_text(tmp_path, text, "json")
    assert (finding.code, finding.message, finding.help) == ("SN003", message, help)
    assert place_of(finding) == place


# SN003: too much


@pytest.mark.parametrize("depth", [DEPTH_LIMIT + 1, 600, 100_000])
def test_nesting_has_a_limit(tmp_path: Path, depth: int) -> None:
    for format, text in {
        "toml": f"a = {'[' * depth}{']' * depth}",
        "json": f'{{"a": {"[" * depth}{"]" * depth}}}',
    }.items():
        finding = refused_text(tmp_path, text, format)
        assert (finding.code, finding.message) == ("SN003", "the nesting is too deep")


@pytest.mark.parametrize("text", [".".join(["a"] * 5_000) + " = 1", f"[{'.'.join(['a'] * 5_000)}]"])
def test_dotted_keys_have_a_limit(tmp_path: Path, text: str) -> None:
    finding = refused_text(tmp_path, text)
    assert (finding.message, finding.line) == ("the nesting is too deep", 1)


@pytest.mark.parametrize(
    "text",
    [
        f"# {'a.' * 500}a = 1\na = 1",
        f'a = "{"a." * 500}"',
        f"a = '{'a.' * 500}' # {'b.' * 500}",
        f"a = [{'1.5, ' * 500}]",
    ],
)
def test_dots_that_part_no_key_are_no_nesting(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    assert read_document(path).data


def test_objects_inside_each_other_have_a_limit(tmp_path: Path) -> None:
    text = '{"a": ' * 600 + "1" + "}" * 600
    assert refused_text(tmp_path, text, "json").message == "the nesting is too deep"


@pytest.mark.parametrize(("count", "refused"), [(10_000, False), (10_001, True)])
def test_keys_have_a_limit(tmp_path: Path, count: int, refused: bool) -> None:
    texts = {
        "toml": "".join(f"a.b.k{i} = {i}\n" for i in range(count)),
        "json": "{" + ", ".join(f'"k{i}" : {i}' for i in range(count)) + "}",
    }
    for format, text in texts.items():
        if refused:
            assert refused_text(tmp_path, text, format).message == "a spec has at most 10,000 keys"
        else:
            (tmp_path / f"a.{format}").write_text(text)
            assert read_document(tmp_path / f"a.{format}").data


@pytest.mark.parametrize(("count", "refused"), [(5_000, False), (5_001, True)])
def test_headers_are_counted_with_the_keys(tmp_path: Path, count: int, refused: bool) -> None:
    text = "".join(f"[a{i}]\nk = 1\n" for i in range(count // 2)) + " [[ b ]]\nk = 1\n" * (count - count // 2)
    if refused:
        assert refused_text(tmp_path, text, "toml").message == "a spec has at most 10,000 keys"
    else:
        (tmp_path / "a.toml").write_text(text)
        assert read_document(tmp_path / "a.toml").data


def test_what_stands_in_texts_comments_and_lists_is_no_key(tmp_path: Path) -> None:
    signs = "a = 1 " * 12_000
    for text in (f"# {signs}\nk = 1", f"k = '{signs}'", f'k = """\n{signs}\n"""', "k = [\n" + "[1],\n" * 12_000 + "]"):
        (tmp_path / "a.toml").write_text(text)
        assert list(read_document(tmp_path / "a.toml").data) == ["k"]
    (tmp_path / "a.json").write_text(json.dumps({"k": '": ' * 12_000}))
    assert list(read_document(tmp_path / "a.json").data) == ["k"]


@formats
def test_an_integer_that_python_does_not_convert(tmp_path: Path, format: str) -> None:
    text = {"toml": f"seed = {'9' * 5_000}", "json": f'{{"seed": {"9" * 5_000}}}'}[format]
    finding = refused_text(tmp_path, text, format)
    assert (finding.code, finding.message) == ("SN003", "an integer has more digits than can be converted")
    assert place_of(finding) == {"toml": "1:8-5008", "json": "1:10-5010"}[format]


# SN004: twice


@pytest.mark.parametrize(
    ("text", "name", "first", "place"),
    [
        ('seed = 1\nname = "a"\nseed = 2\n', "seed", (1, 1), "3:1-5"),
        ("seed = 1\n'seed' = 1\n", "seed", (1, 1), "2:1-7"),
        ("[split]\n[loss]\n[split]\n", "split", (1, 2), "3:2-7"),
        ("[a.b]\n[a.b]\n", "a.b", (1, 4), "2:4-5"),
        ("[[layers]]\n[layers]\n", "layers", (1, 3), "2:2-8"),
        ("[loss]\n[[loss]]\n", "loss", (1, 2), "2:3-7"),
        ("[[layers]]\na = 1\n[[layers]]\na = 1\na = 2\n", "layers.1.a", (4, 1), "5:1-2"),
        ("split = {train = 1, train = 1}\n", "split.train", (1, 10), "1:21-26"),
        ("split = {train = 1}\nsplit.test = 0\n", "split", (1, 1), "2:7-11"),
        ("a = 1\n[a.b]\n", "a", (1, 1), "2:4-5"),
        ("a.b.c = 1\n[a.b]\nd = 1\n", "a.b", (1, 3), "2:4-5"),
        ("[a.b]\n[a]\nb.c = 1\n", "a.b", (1, 4), "3:3-4"),
        ('path = "a\\\\b"\npath = "c\\\\d"\n', "path", (1, 1), "2:1-5"),
    ],
)
def test_a_key_or_table_twice_in_toml(tmp_path: Path, text: str, name: str, first: tuple[int, int], place: str) -> None:
    finding = refused_text(tmp_path, text)
    line, column = first
    assert (finding.code, finding.message) == ("SN004", f"'{name}' stands twice: first in line {line}, column {column}")
    assert place_of(finding) == place
    assert finding.help == "a key or a table stands once in a file"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('{"seed": 1, "seed": 1}', "'seed' stands twice: first in line 1, column 2", "1:13-19"),
        (
            '{"a": [{"b": 1,\n"seed": 2, "c": {"seed": 3}, "seed": 4}], "d": {"x": 1, "x": 2}}',
            "'a.0.seed' stands twice: first in line 2, column 1",
            "2:30-36",
        ),
    ],
)
def test_a_key_twice_in_json(tmp_path: Path, text: str, message: str, place: str) -> None:
    finding = refused_text(tmp_path, text, "json")
    assert (finding.code, finding.message) == ("SN004", message)
    assert place_of(finding) == place


# Mappings: refusals


def endless() -> dict[str, Any]:
    data: dict[str, Any] = {}
    data["a"] = data
    return data


def deep(depth: int) -> Any:
    data: Any = 1
    for _ in range(depth):
        data = [data]
    return data


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ({"seed": {1, 2}}, "SN003", "not JSON: Object of type set is not JSON serializable"),
        ({"seed": np.int64(3)}, "SN003", "not JSON: Object of type int64 is not JSON serializable"),
        ({"seed": Path("a")}, "SN003", f"not JSON: Object of type {type(Path()).__name__} is not JSON serializable"),
        ({("a", "b"): 1}, "SN003", "not JSON: keys must be str, int, float, bool or None, not tuple"),
        ({"seed": float("nan")}, "SN003", "not JSON: NaN is no number"),
        ({"seed": np.float64("-inf")}, "SN003", "not JSON: -Infinity is no number"),
        (endless(), "SN003", "not JSON: Circular reference detected"),
        ({"a": deep(DEPTH_LIMIT)}, "SN003", "the nesting is too deep"),
        ({"a": deep(50_000)}, "SN003", "the nesting is too deep"),
        ({"1": 2, 1: 2}, "SN004", "'1' stands twice: first in line 2, column 3"),
    ],
    ids=["set", "int64", "path", "tuple", "nan", "inf", "endless", "deep", "deeper", "twice"],
)
def test_p59_a_mapping_stands_for_json(data: dict[str, Any], code: str, message: str) -> None:
    finding = refusal(data)
    assert (finding.code, finding.message, finding.file, finding.line) == (code, message, "<mapping>", None)


def test_a_huge_integer_in_a_mapping() -> None:
    finding = refusal({"seed": 10**5_000})
    assert finding.code == "SN003"
    assert finding.message.startswith("not JSON: Exceeds the limit")


# What is read


@formats
def test_a_document_is_the_file_as_it_is(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"spec.{format}"
    path.write_text(TEXT[format])
    document = read_document(path)
    assert document.source == str(path)
    assert document.folder == tmp_path
    assert document.format == format
    assert document.content == TEXT[format].encode()
    assert document.data == {"name": "a", "seed": 1}
    assert read_document(str(path)) == document
    with pytest.raises(AttributeError):
        document.data = {}  # type: ignore[misc]


def test_the_folder_is_absolute_and_the_source_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "spec.toml").write_text(TEXT["toml"])
    monkeypatch.chdir(tmp_path)
    document = read_document("specs/spec.toml")
    assert (document.source, document.folder) == (str(Path("specs/spec.toml")), tmp_path / "specs")


@formats
@pytest.mark.parametrize("change", ["bom", "crlf", "upper"])
def test_marks_of_other_systems_make_no_difference(tmp_path: Path, format: str, change: str) -> None:
    text = TEXT[format].replace("\n", "\r\n") if change == "crlf" else TEXT[format]
    path = tmp_path / f"spec.{format.upper() if change == 'upper' else format}"
    path.write_bytes(text.encode("utf-8-sig" if change == "bom" else "utf-8"))
    document = read_document(path)
    assert document.data == {"name": "a", "seed": 1}
    assert document.content == path.read_bytes()


def test_nesting_up_to_the_limit(tmp_path: Path) -> None:
    depth = DEPTH_LIMIT
    path = tmp_path / "spec.toml"
    path.write_text(f"a = {'[' * depth}{']' * depth}")
    assert list(walk(read_document(path).data))[-1] == (("a", *[0] * (depth - 1)), [])


def test_a_mapping_is_read_as_it_would_stand_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inner = {"shape": (1, 2)}
    given: dict[Any, Any] = {"name": "é", "seed": 1, "a": inner, 5: None}
    document = read_document(MappingProxyType(given))
    assert (document.source, document.folder, document.format) == ("<mapping>", tmp_path, "json")
    assert document.data == {"name": "é", "seed": 1, "a": {"shape": [1, 2]}, "5": None}
    assert json.loads(document.content) == document.data
    assert document.data["a"] is not inner


def test_walk_gives_every_value_with_its_path_the_outer_ones_first() -> None:
    assert list(walk({"a": [1, {"b": 2}], "c": 3})) == [
        ((), {"a": [1, {"b": 2}], "c": 3}),
        (("a",), [1, {"b": 2}]),
        (("c",), 3),
        (("a", 0), 1),
        (("a", 1), {"b": 2}),
        (("a", 1, "b"), 2),
    ]
