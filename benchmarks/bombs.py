"""Files that are made to hurt whoever reads them, and what `specnet validate` makes of them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from specnet.spec.document import SIZE_LIMIT

HEAD = 'format = 1\nname = "bomb"\n'
REST = '[loss]\ntype = "mse"\n[optimizer]\ntype = "gradient_descent"\nlearning_rate = 0.1\n[training]\nepochs = 1\n'
DATA = 'dataset = { type = "arithmetic", samples = 100 }\n'
DEEP = 50_000


def _units(units: int) -> str:
    layers = f'[[layers]]\ntype = "dense"\nunits = {units}\n[[layers]]\ntype = "dense"\nunits = 3\n'
    return HEAD + DATA + layers + REST


def _layers(keys: str, count: int) -> str:
    return HEAD + DATA + f"[[layers]]\n{keys}" * count + REST


def _link(i: int) -> str:
    return f'[[layers]]\ntype = "dense"\nunits = 3\nname = "l{i}"\ninputs = ["l{(i + 1) % 1_900}"]\n'


BOMBS: dict[str, tuple[str, str, Callable[[], str]]] = {
    "lists in lists": ("toml", "SN003", lambda: f"x = {'[' * DEEP}{']' * DEEP}"),
    "tables in tables": ("toml", "SN003", lambda: "x = " + "{a = " * DEEP + "1" + "}" * DEEP),
    "a dotted key": ("toml", "SN003", lambda: ".".join(["a"] * DEEP) + " = 1"),
    "a dotted header": ("toml", "SN003", lambda: f"[{'.'.join(['a'] * DEEP)}]"),
    "lists in JSON": ("json", "SN003", lambda: f'{{"x": {"[" * DEEP}{"]" * DEEP}}}'),
    "objects in JSON": ("json", "SN003", lambda: '{"x": ' * DEEP + "1" + "}" * DEEP),
    "brackets that stay open": ("json", "SN003", lambda: "[" * (SIZE_LIMIT - 10)),
    "brackets in TOML": ("toml", "SN003", lambda: "x = " + "[" * (SIZE_LIMIT - 10)),
    "quotes": ("toml", "SN003", lambda: "x = " + '"' * (SIZE_LIMIT - 10)),
    "5,000 digits": ("toml", "SN003", lambda: f"seed = {'9' * 5_000}"),
    "5,000 digits in JSON": ("json", "SN003", lambda: f'{{"seed": {"9" * 5_000}}}'),
    "10 MB of comments": ("toml", "SN001", lambda: ("# " + "x" * 97 + "\n") * 100_000 + _units(4)),
    "as many comments as may be": ("toml", "", lambda: ("# " + "x" * 97 + "\n") * (SIZE_LIMIT // 100 - 10) + _units(4)),
    "too large": ("toml", "SN001", lambda: "#" * (SIZE_LIMIT + 1)),
    "20,000 dotted keys": ("toml", "SN003", lambda: "".join(f"a.b.c.k{i} = {i}\n" for i in range(20_000))),
    "20,000 keys": ("toml", "SN003", lambda: _units(4) + "".join(f"k{i} = {i}\n" for i in range(20_000))),
    "a billion units": ("toml", "SN410", lambda: _units(10**9)),
    "10**18 units": ("toml", "SN411", lambda: _units(10**18)),
    "a line of 5 MB": ("toml", "SN001", lambda: "x = [" + "1, " * 1_700_000 + "y]"),
    "a line as long as may be": ("toml", "SN003", lambda: "x = [" + "1, " * (SIZE_LIMIT // 3 - 10) + "y]"),
    "a key as long as may be": ("toml", "SN103", lambda: "k" * (SIZE_LIMIT - 10) + " = 1"),
    "a text as long as may be": ("toml", "SN103", lambda: f"name = '{'x' * (SIZE_LIMIT - 20)}'"),
    "10**12 samples": ("toml", "SN416", lambda: _units(4).replace("samples = 100", f"samples = {10**12}")),
    "3,200 layers": ("toml", "SN406", lambda: _layers('type = "dense"\nunits = 1\n', 3_200)),
    "layers without anything": ("toml", "SN003", lambda: _layers("", SIZE_LIMIT // 11 - 30)),
    "layers that all have one name": (
        "toml",
        "SN402",
        lambda: _layers('type = "dense"\nunits = 3\nname = "a"\n', 2_400),
    ),
    "layers that read one that is not there": (
        "toml",
        "SN403",
        lambda: _layers('type = "dense"\nunits = 3\ninputs = ["b"]\n', 2_400),
    ),
    "layers of a circle": ("toml", "SN404", lambda: HEAD + DATA + "".join(map(_link, range(1_900))) + REST),
    "9,900 keys that nobody knows": (
        "toml",
        "SN102",
        lambda: _units(4) + "".join(f"k{i} = {i}\n" for i in range(9_900)),
    ),
    "9,900 keys that are nearly known": (
        "toml",
        "SN102",
        lambda: _units(4) + "".join(f"epoch{i} = {i}\n" for i in range(9_900)),
    ),
    "4,900 sections": ("toml", "SN102", lambda: "".join(f"[k{i}]\na = 1\n" for i in range(4_900))),
}
"""The suffix of the file, the code of a finding that is wanted (none: the file is valid), and its text."""


class Blast(NamedTuple):
    """What was left."""

    code: int
    seconds: float
    megabytes: float
    out: str
    err: str

    @property
    def first(self) -> str:
        """The first line that was printed, without the name of the file."""
        return self.out.partition("\n")[0].rpartition("bomb.")[2][:100]


_MEASURED = (
    "import resource, subprocess, sys\n"
    "command = [sys.executable, '-m', 'specnet', 'validate', sys.argv[1]]\n"
    "done = subprocess.run(command, capture_output=True, text=True)\n"
    "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
    "sys.stdout.write(done.stdout); sys.stderr.write(done.stderr); print(f'\\n{peak} {done.returncode}')\n"
)


def explode(name: str) -> Blast:
    """Checks one of the bombs in a process of its own."""
    suffix, _, make = BOMBS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"bomb.{suffix}"
        path.write_text(make())
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", _MEASURED, str(path)], capture_output=True, text=True, check=True)
        took = time.perf_counter() - began
    out, _, last = done.stdout.rstrip("\n").rpartition("\n")
    peak, code = last.split()
    return Blast(int(code), took, int(peak) / 1024, out, done.stderr)
