from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest

import specnet
from specnet import run
from specnet.codes import CODES, FAMILIES, IGNORABLE
from specnet.codes.code import BASE, whole
from specnet.errors import SpecnetError
from specnet.registry import Registry
from specnet.spec import check
from specnet.spec.document import text_of

SOURCE = Path(specnet.__file__).parent
SHOWN = [name for name, code in CODES.items() if code.example]
BY_RUNNING = ("SN512", "SN520")
"""What a spec shows, but only once there are rows."""


def used() -> set[str]:
    """The codes in the source, outside of what explains them and of what `SN410 message` shows."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if path.parent.name == "codes":
            continue
        root = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(root) if isinstance(node, ast.Expr)}
        for node in ast.walk(root):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                found.update(re.findall("SN[0-9]{3}", node.value))
    return found


def findings(toml: str) -> list[tuple[str, str]]:
    checked = check(text_of(toml.encode(), "example.toml"), {}, Registry([]))
    return [(finding.code, finding.severity) for finding in checked.findings]


def test_every_code_is_explained_and_every_explained_code_is_used() -> None:
    assert used() == CODES.keys()
    assert list(CODES) == sorted(CODES)
    assert {name[:3] for name in CODES} == FAMILIES.keys()


@pytest.mark.parametrize("name", CODES)
def test_an_explanation_is_short_and_shows_one_thing(name: str) -> None:
    code = CODES[name]
    assert len(code.title) <= 60
    assert 2 <= len(textwrap.wrap(code.text, 80)) <= 6
    assert bool(code.example) != bool(code.situation)
    assert bool(code.example) == bool(code.better)
    assert all(len(line) <= 76 for line in [*code.example.splitlines(), *code.better.splitlines()])


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_shows_its_code_alone_and_is_mended(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("specnet.spec.rules.physical_memory", lambda: 8 * 10**9)
    code = CODES[name]
    assert findings(whole(code.better)) == []
    if name not in BY_RUNNING:
        assert findings(whole(code.example)) == [(name, code.severity)]
        return
    assert findings(whole(code.example)) == []
    monkeypatch.chdir(tmp_path)
    Path("faulty.toml").write_text(whole(code.example))
    Path("mended.toml").write_text(whole(code.better))
    with pytest.raises(SpecnetError) as caught:
        run("faulty.toml", registry=Registry([]))
    assert [finding.code for finding in caught.value.findings] == [name]
    assert run("mended.toml", registry=Registry([])).status == "finished"


@pytest.mark.parametrize("name", sorted(IGNORABLE))
def test_what_can_be_ignored_is_ignored(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("specnet.spec.rules.physical_memory", lambda: 8 * 10**9)
    ignored = f'[[lint.ignore]]\ncode = "{name}"\nreason = "so"\n'
    assert findings(whole(f"{CODES[name].example}\n{ignored}")) == []


def test_an_example_replaces_what_it_names() -> None:
    assert whole("") == BASE
    changed = whole('seed = 1\n\n[loss]\ntype = "x"\n\n[[predict]]\ninputs = [[1, 2]]')
    assert changed.startswith('format = 1\nname = "small"\nseed = 1\n\n[dataset]\n')
    assert '\n[loss]\ntype = "x"\n\n[optimizer]\n' in changed
    assert changed.endswith("[training]\nepochs = 20\n\n[[predict]]\ninputs = [[1, 2]]\n")
