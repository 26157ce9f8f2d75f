from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import specnet
from specnet.cli import main
from specnet.registry import Plugin, Registry
from specnet.spec.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = json.dumps(schema(Registry([])), indent=2) + "\n"


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[object, str, str]]:
    """`specnet --no-plugins schema` with arguments, in an empty folder: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["--no-plugins", "schema", *args])
        return caught.value.code, *capsys.readouterr()

    return run


def test_writing_and_checking_at_once_is_refused(command: Callable[..., tuple[object, str, str]]) -> None:
    assert command("-o", "a.json", "--check", "a.json") == (
        2,
        "",
        "SN113 --check writes nothing, so it goes without --output\n",
    )
    assert not Path("a.json").exists()


def test_a_file_that_cannot_be_read(command: Callable[..., tuple[object, str, str]]) -> None:
    assert command("--check", "no.json") == (2, "", "SN602 cannot read no.json: No such file or directory\n")
    assert command("--check", ".")[0] == 2


def test_a_file_that_cannot_be_written(command: Callable[..., tuple[object, str, str]]) -> None:
    code, out, err = command("-o", "no/such/folder.json")
    assert (code, out) == (2, "")
    assert err.startswith("SN601 cannot write no/such/folder.json: ")


AGAIN = " (specnet schema --output writes it anew)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("\xff", "is no JSON"),
        (TEXT.rstrip("\n"), f"is written otherwise{AGAIN}"),
        (json.dumps(json.loads(TEXT)), f"is written otherwise{AGAIN}"),
        (
            TEXT.replace('"layer.dense": {', '"layer.thick": {'),
            f"lacks: layer.dense; has, and should not: layer.thick{AGAIN}",
        ),
        (TEXT.replace("What a and b stay below.", "Their end."), f"says otherwise of: dataset.arithmetic{AGAIN}"),
        (TEXT.replace('"seed"', '"sede"'), f"says otherwise of: the spec{AGAIN}"),
        (
            TEXT.replace('"layer.dense": {', '"a\\u001b[2J": {'),
            f"lacks: layer.dense; has, and should not: a\\x1b[2J{AGAIN}",
        ),
    ],
)
def test_another_schema_exits_1_with_a_line(
    command: Callable[..., tuple[object, str, str]], text: str, reason: str
) -> None:
    Path("a.json").write_bytes(text.encode("latin-1"))
    assert command("--check", "a.json") == (1, f"a.json: {reason}\n", "")
    assert Path("a.json").read_bytes() == text.encode("latin-1")


@pytest.mark.parametrize("text", ["[]", '{"definitions": 3}', "{}"])
def test_other_json_exits_1(command: Callable[..., tuple[object, str, str]], text: str) -> None:
    Path("a.json").write_text(text)
    code, out, err = command("--check", "a.json")
    assert (code, err) == (1, "")
    assert out.startswith("a.json: lacks: ")
    assert len(out.splitlines()) == 1


def test_the_schema_of_another_draft_is_another(command: Callable[..., tuple[object, str, str]]) -> None:
    assert command("-o", "a.json", "--draft", "2020-12")[0] == 0
    assert command("--check", "a.json", "--draft", "2020-12")[0] == 0
    code, out, _ = command("--check", "a.json")
    assert code == 1
    assert out.startswith("a.json: says otherwise of: the spec, ")


def test_a_plugin_that_fails_is_left_out_and_named(
    command: Callable[..., tuple[object, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = Plugin("aaa", "specnet-aaa", "1.2", EntryPoint("aaa", "no_such_module", "specnet"))
    blocked = Plugin("bbb", "specnet-bbb", "1.2", EntryPoint("bbb", "no_such_module", "specnet"), "blocked")
    monkeypatch.setattr("specnet.cli.schema.registry_of", lambda ctx: Registry([torn, blocked]))
    warning = "warning: aaa (specnet-aaa 1.2) is left out: ModuleNotFoundError: No module named 'no_such_module'\n"
    assert command() == (0, TEXT, warning)


def test_printed_written_and_checked(command: Callable[..., tuple[object, str, str]]) -> None:
    assert command() == (0, TEXT, "")
    assert command("-o", "a.json") == (0, "a.json: written\n", "")
    assert Path("a.json").read_bytes() == TEXT.encode()
    assert command("--check", "a.json") == (0, "a.json: up to date\n", "")
    Path("a.json").write_bytes(TEXT.replace("\n", "\r\n").encode())  # as git writes it on Windows
    assert command("--check", "a.json")[0] == 0
    code, out, _ = command("--draft", "2020-12")
    assert code == 0
    assert json.loads(out) == schema(Registry([]), "2020-12")


def test_it_imports_no_numpy() -> None:
    program = (
        "import sys\nfrom specnet.cli import main\n"
        "try:\n    main(['--no-plugins', 'schema'])\n"
        "finally:\n    print('numpy' in sys.modules, file=sys.stderr)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(specnet.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, TEXT, "False\n")
