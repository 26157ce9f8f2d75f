"""The workloads: the article's net in one batch and in batches of 32, one row to predict, and starts of the program."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import specnet
from benchmarks.article import SPEC, lesson_program
from benchmarks.measured import Workload
from specnet.errors import SpecError
from specnet.plan import make_plan
from specnet.preparation import load_data, prepare
from specnet.runs.fitting import task_of
from specnet.spec import load_spec
from specnet.streams import Streams
from specnet.weights import Weights

Programs = dict[str, Callable[[], object]]
JIT = "jit.jit"
EPOCHS = 500


def trained(engine: str, epochs: int, batch: int | str) -> Callable[[], object]:
    """The article's net, trained for some epochs of which the first and the last are logged, always from the start."""
    changes = {"training.epochs": epochs, "training.log_every": epochs, "metrics": [], "engine.type": engine}
    spec = load_spec(SPEC, {**changes, "training.batch_size": batch})
    streams = Streams(spec.seed, spec.rng)
    ready = prepare(spec, load_data(spec, SPEC.parent, streams), streams)
    plan = make_plan(spec.layers, spec.dataset.plan())
    weights = Weights(plan, spec.engine.dtype).initialize(streams)
    first, task = weights.flat.copy(), task_of(spec, ready, streams, lambda: False)

    def run() -> None:
        weights.flat[:] = first
        for _ in spec.engine.train(plan, weights, task):
            pass

    return run


def engines(epochs: int, batch: int | str) -> tuple[Programs, tuple[str, ...]]:
    """Both engines, and what is missing."""
    programs: Programs = {"numpy": trained("numpy", epochs, batch)}
    try:
        programs["jit"] = trained(JIT, epochs, batch)
    except SpecError:
        return programs, ("jit: specnet-jit is not installed",)
    return programs, ()


def rows() -> tuple[Any, Any]:
    """Inputs and targets like those of the article, in the units of the net."""
    x = np.random.default_rng(1).uniform(-1.7, 1.7, (7000, 2))
    return x, np.stack([x[:, 0] + x[:, 1], x[:, 0] - x[:, 1], np.abs(x[:, 0] - x[:, 1])], axis=1)


def lesson() -> Callable[[], object]:
    """The article's program."""
    x, y = rows()
    rng = np.random.default_rng(2)
    sizes = (2, 4, 4, 3)
    layers: Any = [{"W": rng.normal(size=(b, a)), "b": rng.normal(size=b)} for a, b in pairwise(sizes)]
    return partial(lesson_program, np.ascontiguousarray(x.T), np.ascontiguousarray(y.T), layers, 0.01, EPOCHS)


def sklearn(epochs: int, batch: int) -> Callable[[], object]:
    """scikit-learn's MLPRegressor. Raises ImportError."""
    from sklearn.neural_network import MLPRegressor

    x, y = rows()
    peer = MLPRegressor(
        hidden_layer_sizes=(4, 4), solver="sgd", alpha=0, batch_size=batch, learning_rate_init=0.01, momentum=0,
        shuffle=batch < len(x), max_iter=epochs, tol=0, n_iter_no_change=10**9,
    )  # fmt: skip
    return lambda: peer.fit(x, y)


def torch_net(double: bool = True) -> Any:
    """The net in PyTorch. Raises ImportError."""
    import torch

    torch.set_num_threads(1)
    layers = torch.nn.Sequential(
        torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3)
    )
    return layers.double() if double else layers


def torch(epochs: int, batch: int) -> Callable[[], object]:
    """PyTorch, eager, with its own optimizer. Raises ImportError."""
    net = torch_net()
    import torch

    x, y = map(torch.tensor, rows())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

    def run() -> None:
        for _ in range(epochs):
            order = torch.randperm(len(x)) if batch < len(x) else None
            for start in range(0, len(x), batch):
                index = slice(start, start + batch) if order is None else order[start : start + batch]
                optimizer.zero_grad()
                loss = 0.5 * (net(x[index]) - y[index]).square().sum(1).mean()
                loss.backward()
                optimizer.step()

    return run


def added(programs: Programs, missing: tuple[str, ...], peers: Mapping[str, Callable[[], Any]]) -> tuple[str, ...]:
    """Puts the peers that are installed beside the others; gives what is missing by then."""
    for name, make in peers.items():
        try:
            programs[name] = make()
        except ImportError as error:
            missing = (*missing, f"{name}: {error.name or name} is not installed")
    return missing


def full_batch() -> Workload:
    """500 epochs of one batch of 7,000 rows."""
    programs, missing = engines(EPOCHS, "full")
    programs["article's program"] = lesson()
    peers = {"scikit-learn": partial(sklearn, EPOCHS, 7000), "PyTorch eager": partial(torch, EPOCHS, 7000)}
    missing = added(programs, missing, peers)
    return Workload("article's net, full batch", programs, ("numpy", "jit"), missing)


def batches() -> Workload:
    """Thirty epochs of 219 batches of 32 rows."""
    programs, missing = engines(30, 32)
    missing = added(
        programs, missing, {"PyTorch eager": partial(torch, 30, 32), "scikit-learn": partial(sklearn, 30, 32)}
    )
    return Workload("article's net, batch 32", programs, ("numpy", "jit"), missing)


def one_row() -> Workload:
    """A thousand times one row, through the Python API of each."""
    programs: Programs = {}
    missing: tuple[str, ...] = ()
    row = [[30.0, 70.0]]

    def repeated(predict: Callable[[Any], object], given: Any) -> Callable[[], object]:
        return lambda: [predict(given) for _ in range(1000)]

    def of_run(engine: str) -> Callable[[], object]:
        with TemporaryDirectory() as folder:
            changes = {"training.epochs": 2, "training.log_every": 1, "engine.type": engine}
            return repeated(specnet.run(SPEC, set=changes, out=f"{folder}/run").predict, row)

    programs["numpy"] = of_run("numpy")
    try:
        programs["jit"] = of_run(JIT)
    except SpecError:
        missing = ("jit: specnet-jit is not installed",)

    def eager() -> Callable[[], object]:
        net = torch_net()
        import torch

        def predict(given: Any) -> Any:
            with torch.no_grad():
                return net(torch.tensor(given, dtype=torch.float64)).numpy()

        return repeated(predict, row)

    missing = added(programs, missing, {"PyTorch eager": eager})
    return Workload("predict one row, 1,000 times", programs, ("numpy", "jit"), missing)


def starts() -> Workload:
    """Whole processes."""

    def started(*args: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *args], check=True, capture_output=True)

    programs: Programs = {
        "specnet --help": started("-m", "specnet", "--help"),
        "specnet validate": started("-m", "specnet", "validate", str(SPEC)),
        "python -c pass": started("-c", "pass"),
    }
    missing = added(programs, (), {"import torch": lambda: _importable("torch", started("-c", "import torch"))})
    ours = ("specnet --help", "specnet validate")
    return Workload("start", programs, ours, missing, time.perf_counter)


def _importable(module: str, program: Callable[[], object]) -> Callable[[], object]:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise ImportError(name=module)
    return program


def workloads() -> Iterator[tuple[str, Callable[[], Workload]]]:
    """Each by the name that `--only` takes."""
    yield from {"full": full_batch, "batches": batches, "row": one_row, "start": starts}.items()
