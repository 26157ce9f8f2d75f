from __future__ import annotations

import json
import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from specnet.errors import Finding, SpecError
from specnet.spec.document import DEPTH_LIMIT, SIZE_LIMIT, read_document, walk

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
    assert unreadable(path) == "a spec has at most 10,000,000 bytes"
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

BACKSLASH = "a backslash in double quotes starts an escape: write the path in 'single quotes' or with forward slashes"
QUOTES = "text stands in quotes"
EQUALS = "a key and its value are joined by `=`"
SMALL = "true and false are written in small letters"


@pytest.mark.parametrize(
    ("text", "message", "place", "help"),
    [
        ("name = arith\n", "Invalid value", (1, 8), QUOTES),
        ("seed = 1\n\n  name= a-b", "Invalid value", (3, 9), QUOTES),
        ("a.b = nope", "Invalid value", (1, 7), QUOTES),
        ("shuffle = True\n", "Invalid value", (1, 11), SMALL),
        ("shuffle = FALSE", "Invalid value", (1, 11), SMALL),
        ("truth = Trueish", "Invalid value", (1, 9), QUOTES),
        ('name: "arith"\n', "Expected '=' after a key in a key/value pair", (1, 5), EQUALS),
        ("seed = 1\nname : x", "Expected '=' after a key in a key/value pair", (2, 6), EQUALS),
        ("name\n", "Expected '=' after a key in a key/value pair", (1, 5), None),
        ("rate = .5\n", "Invalid value", (1, 8), None),
        ("rate = 0.5 0.6\n", "Expected newline or end of document after a statement", (1, 12), None),
        ("[split\n", "Expected ']' at the end of a table declaration", (1, 7), None),
        ("[[layers]\n", "Expected ']]' at the end of an array declaration", (1, 9), None),
        ("layers = [1, 2\n", "Unclosed array", (1, 15), None),
        ("= 1\n", "Invalid statement", (1, 1), None),
        ("a. = 1\n", "Invalid initial character for a key part", (1, 4), None),
        ('name = """abc\n\n', "Unterminated string", (1, 14), None),
        ('name = """abc\r\n', "Unterminated string", (1, 14), None),
        ('# \u2028 \x85 x\nname = """abc', "Unterminated string", (2, 14), None),
        ("# \u2028\nname = a", "Invalid value", (2, 8), QUOTES),
        ("\ufeffname = a", "Invalid value", (1, 8), QUOTES),
    ],
)
def test_a_fault_of_toml(tmp_path: Path, text: str, message: str, place: tuple[int, int], help: str | None) -> None:
    finding = refused_text(tmp_path, text)
    assert (finding.code, finding.message) == ("SN003", f"not TOML: {message}")
    assert (finding.line, finding.column) == place
    assert finding.help == help


@pytest.mark.parametrize("path", [r"C:\Users\d.csv", r"D:\data.csv", r"C:\x.csv", r"D:\q\d.csv"])
def test_p67_a_backslash_that_is_no_escape(tmp_path: Path, path: str) -> None:
    finding = refused_text(tmp_path, f'[dataset]\npath = "{path}"\n')
    assert (finding.code, finding.line, finding.help) == ("SN003", 2, BACKSLASH)
    assert finding.message.startswith("not TOML: ")


# SN003: not JSON


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('{"name": "a"', "not JSON: Expecting ',' delimiter", 1, 13),
        ('{"name": "a",\n "seed" 1}', "not JSON: Expecting ':' delimiter", 2, 9),
        ('{"name": arith}', "not JSON: Expecting value", 1, 10),
        ("{'name': 1}", "not JSON: Expecting property name enclosed in double quotes", 1, 2),
        ('{"seed": 1} x', "not JSON: Extra data", 1, 13),
        ('{"seed": 01}', "not JSON: Expecting ',' delimiter", 1, 11),
        ('\n\n{"a": "\t"}', "not JSON: Invalid control character at", 3, 8),
        ('\ufeff{"seed": x}', "not JSON: Expecting value", 1, 10),
        ('{"seed": NaN}', "not JSON: NaN is no number", None, None),
        ('{"seed": [Infinity]}', "not JSON: Infinity is no number", None, None),
        ('{"seed": -Infinity}', "not JSON: -Infinity is no number", None, None),
        ("[]", "a spec is one JSON object", None, None),
        ("3", "a spec is one JSON object", None, None),
        ("null", "a spec is one JSON object", None, None),
    ],
)
def test_p59_a_fault_of_json(tmp_path: Path, text: str, message: str, line: int | None, column: int | None) -> None:
    finding = refused_text(tmp_path, text, "json")
    assert (finding.code, finding.message, finding.help) == ("SN003", message, None)
    assert (finding.line, finding.column) == (line, column)


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
    assert refused_text(tmp_path, text).message == "the nesting is too deep"


def test_objects_inside_each_other_have_a_limit(tmp_path: Path) -> None:
    text = '{"a": ' * 600 + "1" + "}" * 600
    assert refused_text(tmp_path, text, "json").message == "the nesting is too deep"


@formats
def test_an_integer_that_python_does_not_convert(tmp_path: Path, format: str) -> None:
    text = {"toml": f"seed = {'9' * 5_000}", "json": f'{{"seed": {"9" * 5_000}}}'}[format]
    finding = refused_text(tmp_path, text, format)
    assert (finding.code, finding.message) == ("SN003", "an integer has more digits than can be converted")


# SN004: twice


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('seed = 1\nname = "a"\nseed = 2\n', "Cannot overwrite a value", 3, 9),
        ("seed = 1\n'seed' = 1\n", "Cannot overwrite a value", 2, 11),
        ("[split]\n[loss]\n[split]\n", "Cannot declare 'split' twice", 3, 7),
        ("[a.b]\n[a.b]\n", "Cannot declare 'a.b' twice", 2, 5),
        ("[[layers]]\n[layers]\n", "Cannot declare 'layers' twice", 2, 8),
        ("[loss]\n[[loss]]\n", "Cannot overwrite a value", 2, 7),
        ("split = {train = 1, train = 1}\n", "Duplicate inline table key 'train'", 1, 30),
        ("split = {train = 1}\nsplit.test = 0\n", "Cannot mutate immutable namespace 'split'", 2, 15),
        ("a.b.c = 1\n[a.b]\nd = 1\n", "Cannot declare 'a.b' twice", 2, 5),
        ("[a.b]\n[a]\nb.c = 1\n", "Cannot redefine namespace 'a.b'", 3, 8),
        ('path = "a\\\\b"\npath = "c\\\\d"\n', "Cannot overwrite a value", 2, 14),
    ],
)
def test_a_key_or_table_twice_in_toml(tmp_path: Path, text: str, message: str, line: int, column: int) -> None:
    finding = refused_text(tmp_path, text)
    assert (finding.code, finding.message) == ("SN004", f"not TOML: {message}")
    assert (finding.line, finding.column) == (line, column)
    assert finding.help == "a key or a table stands once in a file"


@pytest.mark.parametrize("text", ['{"seed": 1, "seed": 1}', '{"a": [{"b": 1, "seed": 2, "c": 3, "seed": 4}]}'])
def test_a_key_twice_in_json(tmp_path: Path, text: str) -> None:
    finding = refused_text(tmp_path, text, "json")
    assert (finding.code, finding.message) == ("SN004", "the key 'seed' stands twice in one object")


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
        ({"1": 2, 1: 2}, "SN004", "the key '1' stands twice in one object"),
    ],
    ids=["set", "int64", "path", "tuple", "nan", "inf", "endless", "deep", "deeper", "twice"],
)
def test_p59_a_mapping_stands_for_json(data: dict[str, Any], code: str, message: str) -> None:
    assert refusal(data) == Finding(code, message, file="<mapping>")


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
