"""Each code that no spec shows by itself, provoked from outside, as its situation says."""

from __future__ import annotations

import logging
import re
import sys
import tomllib
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from specnet import run
from specnet.artifacts import RunDirectory, claimed, decode_tensors, encode_tensors
from specnet.builtins.activations import Relu
from specnet.builtins.datasets.arithmetic import Arithmetic
from specnet.builtins.engines import NumpyEngine
from specnet.builtins.exporters.numpy_file import NumpyFile
from specnet.builtins.layers.dense import Dense
from specnet.builtins.losses import MeanSquaredError
from specnet.cli import fixing, main
from specnet.codes import CODES
from specnet.codes.code import BASE, whole
from specnet.component import Data, DatasetPlan, Layer, LoadContext, Refusal, Table
from specnet.component.task import Split
from specnet.errors import DataError, Finding, SpecnetError
from specnet.hookspecs import hookimpl
from specnet.registry import Plugin, Registry
from specnet.reports.report import Checked
from specnet.runs import Watcher, load_run
from specnet.runs.changes import warn_of_machine
from specnet.runs.evaluation import evaluate
from specnet.runs.export import export
from specnet.runs.fitting import weights_fault
from specnet.spec import examine, read_document
from specnet.spec.document import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.component import Component, Loss, Optimizer, TrainedNet
    from specnet.plan import Plan

SPEC = "small.toml"
CSV = whole(
    '[dataset]\ntype = "csv"\npath = "d.csv"\ninputs = ["a", "b"]\ntargets = ["y"]\n\n'
    '[[layers]]\ntype = "dense"\nunits = 1\n'
)
ROWS = "".join(f"{i},{i * i},{3 * i}\n" for i in range(40))


class Snake(Relu):
    """max(x, 0), under another name."""

    type: Literal["snake"] = "snake"  # type: ignore[assignment]


class Mute(Dense):
    """A dense layer that has no words for what it gives."""

    type: Literal["mute"] = "mute"  # type: ignore[assignment]
    formula = Layer.formula


class Liar(Arithmetic):
    """Loads a column less than it plans."""

    type: Literal["liar"] = "liar"  # type: ignore[assignment]

    def load(self, ctx: LoadContext) -> Data:
        data = super().load(ctx)
        return Data(Table(("a",), data.inputs.values[:, :1]), data.targets)


class Picky(NumpyEngine):
    """Runs no net at all."""

    type: Literal["picky"] = "picky"  # type: ignore[assignment]

    def refusals(self, plan: Plan, loss: Loss, optimizer: Optimizer) -> Iterator[Refusal]:
        yield Refusal(plan.steps[0].layer, "it is a layer")


@hookimpl
def failing(run: Any) -> None:
    raise OSError("the server is down")


def plugin(namespace: str, *classes: type[Component], **hooks: Any) -> Plugin:
    @hookimpl
    def specnet_components() -> list[type[Component]]:
        return list(classes)

    module = types.ModuleType(f"specnet_{namespace}_of_tests")
    vars(module).update(SPECNET_API=1, specnet_components=specnet_components, **hooks)
    sys.modules[module.__name__] = module
    return Plugin(namespace, f"specnet-{namespace}", "1.0", EntryPoint(namespace, module.__name__, "specnet"))


def on_csv(content: str | bytes, unscaled: bool = False) -> None:
    Path("d.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    Path("csv.toml").write_text(CSV)
    changes: dict[str, Any] = {"scaling": {}, "engine": {"type": "numpy", "dtype": "float32"}} if unscaled else {}
    run("csv.toml", set=changes, out="out", registry=Registry([]))


def odd_column(cells: str, **said: str) -> None:
    Path("d.csv").write_text(f"a,y\n{cells}")
    target = {"type": "number", "name": "y", "role": "target"}
    table = {"type": "csv", "path": "d.csv", "columns": [{"type": "number", "name": "a", **said}, target]}
    spec = {"name": "odd", "layers": [{"type": "dense", "units": 1}], "loss": "mse", "training": {"epochs": 1}}
    optimizer = {"type": "gradient_descent", "learning_rate": 0.1}
    run({"format": 1, **spec, "dataset": table, "optimizer": optimizer}, out="out", registry=Registry([]))


def parted(split: dict[str, Any], role: str, *cells: str) -> None:
    """A run on rows that also have a text in a column `by`."""
    lines = (f"{row},{cells[i % len(cells)]}" for i, row in enumerate(ROWS.splitlines()))
    Path("d.csv").write_text("a,b,y,by\n" + "\n".join(lines) + "\n")
    data = _csv_data()
    data["dataset"]["columns"] = [{"type": "text", "name": "by", "role": role}]
    run({**data, "split": split}, out="out", registry=Registry([]))


def after_run(change: Callable[[Path], object], *args: str) -> None:
    run(SPEC, out="out", registry=Registry([]))
    change(Path("out"))
    main(args or ["show", "out"])


def changed_data() -> None:
    on_csv("a,b,y\n" + ROWS)
    Path("d.csv").write_text("a,b,y\n" + ROWS + "1,2,3\n")
    main(["evaluate", "out"])


def predicted_twice() -> None:
    on_csv("a,b,y\n" + ROWS)
    Path("out.csv").write_text("a,b,predicted_y\n1,2,3\n")
    main(["predict", "out", "out.csv"])


def latin() -> None:
    Path(SPEC).write_bytes(BASE.replace("small", "é").encode("latin-1"))
    main(["validate", SPEC])


def empty() -> None:
    Path("new.toml").touch()
    main(["validate", "new.toml"])


def tracked() -> None:
    class Told(Watcher):
        def warned(self, finding: Finding) -> None:
            assert finding.severity == CODES["SN509"].severity
            raise SpecnetError(finding)

    registry = Registry([plugin("down", specnet_run_started=failing)])
    run(SPEC, out="out", registry=registry, watcher=Told(), track=["down"])


def unfixable() -> None:
    source = text_of(BASE.encode(), "-", "toml")
    fixing.write(fixing.Mended(source, Checked("-", BASE, ()), BASE, 1), {}, Registry([]))


def many() -> None:
    Path("many.toml").write_text(BASE + "".join(f"k{i} = 1\n" for i in range(1000)))
    main(["validate", "many.toml", "--select", "SN101"])


def bare() -> None:
    registry = Registry([plugin("acme", Snake)])
    (finding,) = examine(read_document(whole_of("snake")), {}, registry)[1]
    assert finding.severity == CODES["SN301"].severity
    raise SpecnetError(finding)


def whole_of(activation: str) -> dict[str, Any]:
    """The base with an activation."""
    spec = tomllib.loads(BASE)
    spec["layers"][0]["activation"] = activation
    return spec


def other_version() -> None:
    registry = Registry([plugin("acme", Snake)])
    run(whole_of("acme.snake"), out="out", registry=registry)
    registry.plugins()[0].version = "2.0"
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("specnet").addHandler(handler)
    try:
        load_run("out", registry)
    finally:
        logging.getLogger("specnet").removeHandler(handler)
    assert told[0].startswith("SN611 the run was made with specnet-acme 1.0, 2.0 is installed")
    raise SpecnetError(Finding("SN611", told[0], severity=CODES["SN611"].severity))


def changed_rows() -> None:
    on_csv("a,b,y\n" + ROWS)
    resealed(Path("out"), status="interrupted")
    Path("d.csv").write_text("a,b,y\n" + ROWS + "1,2,3\n")
    main(["resume", "out"])


def training_elsewhere() -> None:
    with claimed(Path("out")):
        main(["resume", "out"])


def other_threads() -> None:
    run(SPEC, out="out", registry=Registry([]))
    manifest = RunDirectory.open(Path("out")).manifest
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("specnet").addHandler(handler)
    try:
        warn_of_machine({**manifest, "cpus": 1000}, Path("out"))
    finally:
        logging.getLogger("specnet").removeHandler(handler)
    assert "cpus was 1000, is " in told[0]
    raise SpecnetError(Finding(told[0].split()[0], told[0], severity=CODES["SN615"].severity))


def wrong_targets() -> None:
    Path("d.csv").write_text("a,b,y\n" + ROWS)
    loss = {"type": "binary_cross_entropy", "from_logits": True}
    run({**tomllib.loads(CSV), "loss": loss, "scaling": {"inputs": "standardize"}}, out="out", registry=Registry([]))


def weightless() -> None:
    rows = np.ones((4, 1))
    fault = weights_fault(MeanSquaredError(), Split(rows, rows, 0 * rows[:, 0]), "train")
    assert fault is not None
    raise DataError(fault)


def uncounted() -> None:
    Path("d.csv").write_text("a,b,y\n" + ROWS)
    looked_up = [
        {"type": "embedding", "categories": 12, "units": 2},
        {"type": "flatten"},
        {"type": "dense", "units": 1},
    ]
    run({**tomllib.loads(CSV), "layers": looked_up, "scaling": {}}, out="out", registry=Registry([]))


def picky() -> None:
    run(SPEC, set={"engine.type": "test.picky"}, out="out", registry=Registry([plugin("test", Picky)]))


def liar() -> None:
    run(SPEC, set={"dataset.type": "test.liar"}, out="out", registry=Registry([plugin("test", Liar)]))


class Torn(Arithmetic):
    """Divides by 0 when it is planned."""

    type: Literal["torn"] = "torn"  # type: ignore[assignment]

    def plan(self) -> DatasetPlan:
        raise ZeroDivisionError


def torn() -> None:
    run(SPEC, set={"dataset.type": "test.torn"}, out="out", registry=Registry([plugin("test", Torn)]))


def resealed(path: Path, **said: str) -> None:
    directory = RunDirectory.open(path)
    tensors, meta = decode_tensors(directory.read_bytes("model.safetensors"))
    if not said:
        tensors.pop("layers.0.b")
        directory.write_bytes("model.safetensors", encode_tensors(tensors, meta))
    rest = {name: value for name, value in directory.manifest.items() if name not in ("artifacts", "sha256")}
    directory.seal(rest | said)


def newer(path: Path) -> None:
    manifest = path / "manifest.json"
    manifest.write_text(re.sub(r'^  "format": 1', '  "format": 2', manifest.read_text(), flags=re.MULTILINE))


class Scaled(NumpyFile):
    """Leaves the predictions in the units of the net."""

    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        text = super().files(net)[".py"].decode()
        return {".py": re.sub(r"y = \w+_back\(.*\)", "pass", text).encode()}


def exported(unspoken: bool) -> None:
    """A net of which a layer has no formula, or an exporter that forgets what it has to do."""
    made = run(SPEC, out="out", registry=Registry([]))
    first, *others = made.plan.steps
    layer = Mute(units=first.out_shape[0]) if unspoken else first.layer
    made = replace(made, plan=made.plan._replace(steps=(first._replace(layer=layer), *others)))
    export(made, NumpyFile() if unspoken else Scaled())


def without_data() -> dict[str, Any]:
    spec = tomllib.loads(Path(SPEC).read_text())
    return {key: value for key, value in spec.items() if key != "dataset"}


def in_memory() -> None:
    spec = without_data()
    x = np.arange(80.0).reshape(40, 2)
    evaluate(run(spec, data=(x, np.stack([x[:, 0]] * 3, axis=1)), out="out", registry=Registry([])))


def nothing(path: Path) -> None:
    """The run as it is."""


def begun(target: str, output: str = "new.toml") -> None:
    """A first spec for a small table."""
    Path("d.csv").write_text("a,b,y\n" + ROWS)
    main(["init", "d.csv", "--target", target, "-o", output])


def doubted(header: str, rows: Sequence[tuple[object, ...]], change: str = "", *, targets: str = "y") -> None:
    """A look at 100 rows or so of a CSV file, with the spec changed."""
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    Path("d.csv").write_text("\n".join(lines) + "\n")
    inputs = [name for name in header.split(",") if name != targets and f'"{name}"' not in change]
    head = f'[dataset]\ntype = "csv"\npath = "d.csv"\ninputs = {inputs}\ntargets = ["{targets}"]\n'.replace("'", '"')
    layers = "" if "[[layers]]" in change else '\n[[layers]]\ntype = "dense"\nunits = 1\n'
    Path(SPEC).write_text(whole(f"{head}{layers}\n{change}"))
    main(["check", SPEC])


A, B, Y = (np.random.Generator(np.random.PCG64(seed)).normal(size=100).tolist() for seed in (1, 2, 3))
SIGMOID = '[scaling]\ninputs = "standardize"\n\n[[layers]]\ntype = "dense"\nunits = 1\nactivation = "sigmoid"\n'
GREEN = """[[dataset.columns]]
type = "category"
name = "c"
categories = ["blue", "green", "red"]
"""
MEDIAN = '[[dataset.columns]]\ntype = "number"\nname = "b"\nmissing = "median"\n'
RARE = (
    '[scaling]\ninputs = "standardize"\n\n[split]\nshuffle = false\n\n'
    '[loss]\ntype = "binary_cross_entropy"\nfrom_logits = true\n'
)


SITUATIONS: dict[str, Callable[[], object]] = {
    "SN001": lambda: main(["run", "no.toml"]),
    "SN002": latin,
    "SN005": empty,
    "SN109": lambda: main(["run", SPEC, "--set", "layers.7.units=16"]),
    "SN110": lambda: main(["run", SPEC, "--set", "training.epochs", "100"]),
    "SN111": lambda: main(["validate", SPEC, "--output", "sarf:report.sarif"]),
    "SN112": lambda: main(["validate", SPEC, "--stdin-filename", SPEC]),
    "SN113": lambda: main(["schema", "--check", "old.json", "--output", "new.json"]),
    "SN114": lambda: main(["explain", "zzz"]),
    "SN101": many,
    "SN115": lambda: main(["validate", SPEC, "--select", "shape"]),
    "SN116": unfixable,
    "SN204": lambda: Registry([plugin("acme", Snake), plugin("bolt", Snake)]).find("activation", "snake"),
    "SN206": lambda: main(["--no-plugin", "acmee", "run", SPEC]),
    "SN207": lambda: Registry([plugin("acme", Snake)]).tracker("acme"),
    "SN208": lambda: main(["plugins", "check", "."]),
    "SN209": lambda: main(["plugins", "new", "Acme-Nets", "--kind", "activation"]),
    "SN210": lambda: Registry(
        [Plugin("acme", "specnet-acme", "1.0", EntryPoint("acme", "no_such_module_of_tests", "specnet"))]
    ).find("activation", "acme.snake"),
    "SN213": torn,
    "SN301": bare,
    "SN428": picky,
    "SN501": lambda: run({"format": 1} | _csv_data(), out="out", registry=Registry([])),
    "SN502": lambda: on_csv(b"a,b,y,\xe9\n1,2,3,4\n"),
    "SN503": lambda: on_csv("a,b,a\n1,2,3\n"),
    "SN504": lambda: on_csv("a,c,y\n1,2,3\n"),
    "SN505": lambda: on_csv("a,b,y\n"),
    "SN506": lambda: on_csv("a,b,y\n1,2\n"),
    "SN507": lambda: on_csv("a,b,y\n1,n/a,3\n"),
    "SN508": lambda: on_csv('a,b,y\n"1,2,3\n'),
    "SN509": tracked,
    "SN510": lambda: on_csv("a,b,y\n" + ROWS + "1e300,2,3\n", unscaled=True),
    "SN511": liar,
    "SN513": changed_data,
    "SN514": lambda: odd_column("-3,1\n1,2\n2,3\n", scaler="log1p"),
    "SN515": lambda: odd_column(",1\n,2\n,3\n", missing="median"),
    "SN518": wrong_targets,
    "SN562": lambda: parted({"stratify": "by"}, "id", *"a" * 39, "b"),
    "SN563": lambda: parted({"time": "by"}, "id", "2024-02-29"),
    "SN564": lambda: parted({"column": "by"}, "id", "train", "valid"),
    "SN565": lambda: parted({"test_path": "d.csv"}, "group", "ann", "bob"),
    "SN519": uncounted,
    "SN521": weightless,
    "SN530": lambda: after_run(nothing, "predict", "out", "--rows", "[[30]]"),
    "SN532": lambda: after_run(nothing, "evaluate", "out", "--split", "validation"),
    "SN534": predicted_twice,
    "SN535": lambda: after_run(nothing, "predict", "out", "new.csv", "--rows", "[[1, 2]]"),
    "SN536": lambda: after_run(lambda path: np.save("new.npy", np.zeros((2, 3))), "predict", "out", "new.npy"),
    "SN537": lambda: after_run(nothing, "evaluate", "out", "--by", "c"),
    "SN541": lambda: exported(unspoken=True),
    "SN542": lambda: exported(unspoken=False),
    "SN543": lambda: run(without_data(), data=([[1.0], [2.0]], [3.0]), out="out", registry=Registry([])),
    "SN544": in_memory,
    "SN540": lambda: main(["run", SPEC, "--set", "dataset.samples=10000000000000"]),
    "SN550": lambda: main(["test", "spec"]),
    "SN551": lambda: main(["test", SPEC, "--keep", "."]),
    "SN552": lambda: main(["resolve", SPEC, "-o", SPEC]),
    "SN553": lambda: after_run(nothing, "resume", "out", "--epochs", "1"),
    "SN554": lambda: after_run(nothing, "runs", "list", "out", "--sort", "test.los"),
    "SN570": lambda: doubted("a,b,y", list(zip([1, 2, 3, 4] * 25, B, Y, strict=True))),
    "SN571": lambda: doubted("a,c,y", list(zip(A, ["blue", "red"] * 50, Y, strict=True)), GREEN),
    "SN572": lambda: doubted("a,b,y", list(zip(A, [2024] * 100, Y, strict=True))),
    "SN573": lambda: doubted("a,b,y", list(zip(A, [*B[:20], *[""] * 80], Y, strict=True)), MEDIAN),
    "SN574": lambda: doubted("a,b,y", list(zip(A, [2.54 * a for a in A], Y, strict=True))),
    "SN575": lambda: doubted("a,b,y", list(zip(A, B, [1, 1, *[0] * 98], strict=True)), RARE),
    "SN576": lambda: doubted("a,b,y", list(zip(A, B, [100 + y for y in Y], strict=True)), SIGMOID),
    "SN577": lambda: doubted("a,b,y", list(zip(A, [1.19 * y for y in Y], Y, strict=True))),
    "SN578": lambda: doubted("a,b,y", 2 * list(zip(A, B, Y, strict=True))),
    "SN579": lambda: doubted("a,b,y", list(zip(A, B, Y, strict=True))[:20]),
    "SN580": lambda: begun("cost"),
    "SN581": lambda: begun("y", SPEC),
    "SN601": lambda: main(["run", SPEC, "--out", f"{SPEC}/run"]),
    "SN602": lambda: main(["schema", "--check", "no.json"]),
    "SN603": lambda: encode_tensors({"a": np.zeros(3, np.int64)}, {}),
    "SN604": lambda: main(["run", SPEC, "--out", "."]),
    "SN605": lambda: main(["show", "runs"]),
    "SN606": lambda: after_run(newer),
    "SN607": lambda: after_run(lambda path: (path / "history.csv").write_text("epoch\n1\n")),
    "SN608": lambda: RunDirectory(Path()).write_bytes("../out", b""),
    "SN609": lambda: after_run(resealed),
    "SN610": lambda: after_run(lambda path: resealed(path, status="running")),
    "SN611": other_version,
    "SN612": changed_rows,
    "SN613": lambda: after_run(nothing, "resume", "out", "--epochs", "5000"),
    "SN614": lambda: after_run(lambda path: training_elsewhere()),
    "SN615": other_threads,
    "SN617": lambda: after_run(lambda path: Path("latest").symlink_to(path), "runs", "rm", "latest", "--yes"),
    "SN616": lambda: after_run(lambda path: resealed(path, status="interrupted"), "reproduce", "out"),
}


def _csv_data() -> dict[str, Any]:
    import tomllib

    return tomllib.loads(CSV)


def test_every_code_without_an_example_has_a_situation_here() -> None:
    assert SITUATIONS.keys() == {name for name, code in CODES.items() if not code.example}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_leads_to_its_code_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPECNET_PLUGINS", "")
    Path(SPEC).write_text(BASE)
    with pytest.raises((SpecnetError, SystemExit)) as caught:
        SITUATIONS[name]()
    if isinstance(caught.value, SpecnetError):
        assert {finding.code for finding in caught.value.findings} == {name}
    else:
        assert str(caught.value) in ("1", "2")
        out, err = capsys.readouterr()
        assert re.findall(r"^(?:\S+: )?(SN[0-9]{3}) ", out + err, re.MULTILINE) == [name]
