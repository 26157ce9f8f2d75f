"""A net as one Python file that needs NumPy and nothing else, and that can be read."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from specnet.builtins.exporters.literals import UNPACK
from specnet.builtins.exporters.numpy_text import encoding, forward, prediction, scaling
from specnet.builtins.exporters.quotation import Quotation
from specnet.component import Component, Exporter, ExportError
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from specnet.arrays import Array
    from specnet.component import TrainedNet

_OWN = ("COLUMNS", "GAPS", "INPUTS", "TARGETS", "base64", "encode", "forward", "json", "number", "predict", "sys")
_OWN_TOO = ("rows", "text", "unpacked", "whole", "x", "y")
_MAIN = """if __name__ == "__main__":
    print(json.dumps(predict(json.load(sys.stdin)).tolist()))"""


class NumpyFile(Exporter):
    """One Python file: how cells are encoded, gaps filled and numbers scaled, the net, its weights, and `predict`."""

    synonyms = ("python", "py")
    suffix = ".py"
    type: Literal["numpy"] = "numpy"

    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        quotation, learned, trained = Quotation((*_OWN, *_OWN_TOO)), list[str](), list[str]()
        fills, encode = encoding(net, quotation)
        before = scaling(net.inputs, "transform", "inputs", quotation, learned)
        behind = scaling(net.targets, "inverse", "targets", quotation, learned)
        through = forward(net, quotation, trained)
        names = [f"INPUTS = {tuple(column.name for column in net.columns)!r}", f"TARGETS = {net.plan.targets!r}"]
        unpack = [UNPACK] if any("unpacked(" in constant for constant in (*fills, *learned, *trained)) else []
        modules = ["import json", "import sys", *(["import base64"] if unpack else [])]
        libraries = ["\n".join(sorted(modules) + quotation.imports), "import numpy as np"]
        head = [_doc(net), *libraries, "\n".join(names)]
        blocks = [*quotation.functions, encode, through, prediction(net, before, behind), _MAIN]
        opening = ["\n\n".join(head), *unpack, *_titled("constants", quotation.constants)]
        opening += _titled("what was learned of the data", [*fills, *learned])
        text = "\n\n\n".join([*opening, *_titled("what was trained", trained), *blocks])
        return {self.suffix: f"{text}\n".encode()}

    def predict(self, net: TrainedNet, path: Path, rows: Sequence[Sequence[Any]]) -> Array:
        done = subprocess.run(  # noqa: S603  # Python itself, and a file that was just written
            [sys.executable, "-I", str(path)], input=json.dumps(rows).encode(), capture_output=True, check=False
        )
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise ExportError(f"the file does not run: {''.join(last) or f'it ends with {done.returncode}'}")
        y: Array = np.array(json.loads(done.stdout), np.float64)
        return y


def _titled(title: str, constants: list[str]) -> list[str]:
    return ["\n".join([f"# {title}", *constants])] if constants else []


def _doc(net: TrainedNet) -> str:
    count = net.plan.parameter_count
    return f'''"""{net.name}: a net of {count:,} numbers, trained by specnet; it needs Python 3.10 and NumPy.

In a program: `predict(rows)`, a row being the cells INPUTS in this order. On the command line, in JSON:

    python FILE < rows.json
"""'''


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The exporters of this room."""
    return [NumpyFile]
