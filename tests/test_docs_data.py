"""docs/data.md names every column and every scaler, and each dataset in it is one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from specnet.registry import Registry
from specnet.spec import load_spec

PAGE = (Path(__file__).parent.parent / "docs" / "data.md").read_text(encoding="utf-8")
DATASETS = [text for text in re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if "[dataset]" in text]


@pytest.mark.parametrize(("kind", "after"), [("column", "| type |"), ("scaler", "| scaler |")])
def test_the_page_tells_every_one_of_a_kind(kind: str, after: str) -> None:
    table = PAGE.split(after, 1)[1].split("\n\n", 1)[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == Registry([]).names(kind)


@pytest.mark.parametrize("text", DATASETS)
def test_each_dataset_of_the_page_is_one(text: str) -> None:
    rest = """
    format = 1
    name = "page"
    layers = [{ type = "dense", units = 1 }]
    loss = "mse"
    optimizer = { type = "adam", learning_rate = 0.01 }
    training = { epochs = 1 }
    """
    spec = load_spec(tomllib.loads(rest) | tomllib.loads(text), None, Registry([]))
    assert spec.dataset.plan().targets == ("price",)
