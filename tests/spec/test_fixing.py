from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from specnet.errors import slip_of
from specnet.spec import examine
from specnet.spec.document import Document, parse_text, text_of
from specnet.spec.fixing import fixable, fixed
from specnet.spec.json_positions import json_spans
from specnet.spec.toml_positions import toml_names

if TYPE_CHECKING:
    from specnet.errors import Path as Place
    from specnet.registry import Registry

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.[tj]*"))
TOML = """\
# three slips, and what must stay as it is
format = 1
"nmae" = 'small'   # quoted
dataset = 'arithmatic'

[[layrs]]
type = 'dens'      # in single quotes
units = 4
[layrs.activaton]
type = "rleu"
[[layrs]]
type = "dense"
units = 3

[trainig]
epochs = 5
loss.type = "l2"

[optimizer]\r
type = \t"sgd"
learning-rate = 0.1
"""


def document(text: str, format: str = "toml") -> Document:
    return parse_text(text_of(text.encode(), f"spec.{format}", format))


def mend(source: Document, registry: Registry) -> str:
    return fixed(source, fixable(source, examine(source, {}, registry)[1]))


# What is left alone


@pytest.mark.parametrize(
    "line",
    [
        "zzz = 1",  # means nothing
        'loss = "mean"',  # near nothing
        "layers = 3",
        "seed = 'x'",
        "lr = 1",  # too short to tell
    ],
)
def test_what_is_not_certain_is_left_alone(registry: Registry, line: str) -> None:
    assert mend(document(f"{line}\n"), registry) == f"{line}\n"


def test_relu6_is_no_slip_of_relu(registry: Registry) -> None:
    text = 'layers = [{ type = "dense", units = 3, activation = "relu6" }]\n'
    assert mend(document(text), registry) == text


def test_what_an_override_has_said_is_not_in_the_file(registry: Registry) -> None:
    source = document('loss = "mse"\n')
    _, findings = examine(source, {"loss": "mes"}, registry)
    assert any(finding.fix for finding in findings)
    assert fixable(source, findings) == []


# What is mended


def test_keys_names_headers_and_dotted_parts(registry: Registry) -> None:
    after = mend(document(TOML), registry)
    assert after == (
        TOML.replace('"nmae"', "name")
        .replace("'arithmatic'", "'arithmetic'")
        .replace("layrs", "layers")
        .replace("'dens'", "'dense'")
        .replace("activaton", "activation")
        .replace("rleu", "relu")
        .replace("trainig", "training")
        .replace('"sgd"', '"gradient_descent"')
        .replace("learning-rate", "learning_rate")
    )
    assert [finding.code for finding in examine(document(after), {}, registry)[1]] == ["SN103", "SN102"]


def test_names_that_only_the_model_knows(registry: Registry) -> None:
    text = SPECS_TEXT["arith.toml"].replace("test.loss", "tst.loss")
    assert mend(document(text), registry) == SPECS_TEXT["arith.toml"]


SPECS_TEXT = {path.name: path.read_text(encoding="utf-8") for path in SPECS}


def slips(name: str) -> Iterator[str]:
    """A letter less, twice, or two swapped, where no digit is touched."""
    for i, letter in enumerate(name):
        if letter.isalpha():
            yield name[:i] + name[i + 1 :]
            yield name[:i] + letter + name[i:]
            if name[i + 1 : i + 2].isalpha():
                yield name[:i] + name[i + 1] + letter + name[i + 2 :]


def places(text: str, format: str) -> dict[Place, list[tuple[int, int]]]:
    if format == "toml":
        return toml_names(text)
    return {path: [span.key] for path, span in json_spans(text)[0].items() if span.key}


@pytest.mark.parametrize("name", SPECS_TEXT)
def test_a_slip_in_any_key_of_the_gallery_is_mended_to_the_byte(name: str, registry: Registry) -> None:
    text, format = SPECS_TEXT[name], name.rpartition(".")[2]
    mended = tried = 0
    for path, spots in places(text, format).items():
        key = str(path[-1])
        for written in sorted(set(slips(key)) - {key, ""})[::3]:
            wrong = text
            for start, end in reversed(spots):
                quotes = text[start] if text[start] in "\"'" else ""
                wrong = wrong[:start] + f"{quotes}{written}{quotes}" + wrong[end:]
            tried += 1
            after = mend(document(wrong, format), registry)
            # another key may be as near, and a key of the author's own naming has no right spelling
            assert after in (text, wrong) or slip_of(written, [key]) is None, (path, written)
            mended += after == text
    assert tried > 30
    assert mended > 0.85 * tried
