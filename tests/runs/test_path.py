from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

import specnet
from specnet import load_run, load_spec, run
from specnet.artifacts import decode_tensors, sha256_of
from specnet.cli import describe
from specnet.component import MeanMetric, Undefined
from specnet.errors import ArtifactError, DataError, DivergenceError, SpecError, SpecnetError
from specnet.preparation import load_data
from specnet.runs import Run, Watcher
from specnet.splits import part
from specnet.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from specnet.arrays import Array
    from specnet.component.task import TrainingTask
    from specnet.registry import Registry
    from specnet.spec import Spec

SPECS = Path(__file__).parents[2] / "specs"
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "metrics": ["norm_half_square_error"],
    "dataset": {"type": "arithmetic", "samples": 40},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 4, "activation": "relu"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 5, "log_every": 2},
    "checks": {"parameters_vs_rows": "off"},
    "predict": [{"inputs": [[30, 70]]}, {"inputs": [[3, 5], [888, 122]]}],
    "expect": [{"metric": "test.loss", "max": 1000}],
}
COLUMNS = ["train.loss", "train.norm_half_square_error", "test.loss", "test.norm_half_square_error"]
LINE: dict[str, Any] = {
    **SPEC,
    "metrics": [],
    "dataset": {"type": "csv", "path": "d.csv", "inputs": ["x"], "targets": ["y"]},
    "split": {"train": 1.0, "test": 0.0},
    "layers": [{"type": "dense", "units": 1}],
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.3},
    "training": {"epochs": 200},
    "predict": [],
    "expect": [],
}


def model(path: Path) -> bytes:
    return (path / "model.safetensors").read_bytes()


def strict(path: Path) -> Any:
    """The value of a JSON file, by a reader that takes no NaN and no infinity."""

    def refuse(text: str) -> None:
        raise AssertionError(f"{text} in {path.name}")

    return json.loads(path.read_text(), parse_constant=refuse)


# Refusals: what is not a run leaves nothing behind


@pytest.mark.parametrize(
    ("source", "set", "error"),
    [
        ("missing.toml", {}, SpecError),
        ({}, {}, SpecError),
        ({**SPEC, "seed": "3"}, {}, SpecError),
        (SPEC, {"training.epoch": 3}, SpecError),
        (SPEC, {"training.epochs": True}, SpecError),
        (SPEC, {"training.epochs": [5]}, SpecError),
        (SPEC, {"dataset.samples": 1}, SpecnetError),
        (SPEC, {"checks.parameters_vs_rows": "error", "layers.0.units": 40}, SpecError),
    ],
)
def test_what_is_refused_leaves_nothing(
    source: str | dict[str, Any], set: dict[str, Any], error: type[SpecnetError], tmp_path: Path
) -> None:
    with pytest.raises(error):
        run(source, set=set)
    with pytest.raises(error):
        run(source, set=set, out="out")
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_never_overwritten() -> None:
    first = run(SPEC, out="out")
    before = model(first.path)
    with pytest.raises(ArtifactError, match="SN604 out exists"):
        run(SPEC, set={"seed": 4}, out="out")
    assert model(first.path) == before


def test_predict_refuses() -> None:
    result = run(SPEC)
    for rows, says in [
        ([[1, 2, 3]], "a row needs 2 numbers (a, b), not 3 numbers"),
        ([[[1, 2]]], "a row needs 2 numbers (a, b), not 3 axes"),
        (5, "a row needs 2 numbers (a, b), not 1 numbers"),
        ([["one", 2]], "rows must be numbers, as many in each row"),
        ([[1, 2], [3]], "rows must be numbers, as many in each row"),
        ([[10**400, 2]], "rows must be numbers, as many in each row"),
        ([[1, 2], [3, float("nan")]], "row 2, column 'b': nan is no input"),
        ([[float("-inf"), 2]], "row 1, column 'a': -inf is not finite"),
    ]:
        with pytest.raises(SpecnetError) as caught:
            result.predict(rows)
        assert str(caught.value) == f"SN530 {says}"


def test_neither_the_source_nor_the_overrides_are_changed() -> None:
    source, set = json.loads(json.dumps(SPEC)), {"training.epochs": 2, "layers.0.activation.type": "linear"}
    run(source, set=set, out="out")
    assert source == SPEC
    assert set == {"training.epochs": 2, "layers.0.activation.type": "linear"}


# The run directory


def test_the_directory_is_complete() -> None:
    Path("s.toml").write_text((SPECS / "arith.toml").read_text())
    result = run("s.toml", set={"training.epochs": 2, "dataset.samples": 40}, out="out")
    assert sorted(path.name for path in result.path.iterdir()) == [
        "history.csv",
        "manifest.json",
        "metrics.json",
        "model.safetensors",
        "predictions.csv",
        "resolved.json",
        "spec.toml",
        "split.safetensors",
    ]
    manifest = strict(result.path / "manifest.json")
    assert manifest["status"] == "finished"
    assert manifest["artifacts"].keys() == {path.name for path in result.path.iterdir()} - {"manifest.json"}
    digests = {key: manifest["spec"].pop(key) for key in ("sha256", "resolved")}
    assert digests["resolved"] == sha256_of(result.path / "resolved.json")
    assert digests["sha256"] == sha256_of(result.path / "spec.toml")
    assert manifest["spec"] == {
        "file": "s.toml",
        "folder": str(Path.cwd()),
        "overrides": {"training.epochs": 2, "dataset.samples": 40},
    }
    assert (manifest["name"], manifest["seed"], manifest["specnet"]) == ("arith", 11, specnet.__version__)
    assert manifest["numpy"] == np.__version__
    assert manifest["data"] == manifest["plugins"] == {}


@pytest.mark.parametrize("addition", [b"# \xc3\xa9\r\n", b"\xef\xbb\xbf", b"\n\n   # last line without an end"])
def test_the_spec_is_kept_to_the_byte(addition: bytes) -> None:
    toml = (SPECS / "arith.toml").read_bytes()
    verbatim = addition + toml if addition == b"\xef\xbb\xbf" else toml + addition
    Path("s.TOML").write_bytes(verbatim)
    result = run("s.TOML", set={"training.epochs": 1, "dataset.samples": 40})
    assert (result.path / "spec.toml").read_bytes() == verbatim


def test_without_test_cases_there_are_no_predictions() -> None:
    result = run({**SPEC, "predict": []}, out="out")
    assert not (result.path / "predictions.csv").exists()
    assert result.predictions() == load_run("out").predictions() == []


def test_a_mapping_is_kept_as_json() -> None:
    result = run(SPEC, out="out")
    assert strict(result.path / "spec.json") == SPEC
    assert strict(result.path / "manifest.json")["spec"]["file"] == "<mapping>"
    assert model(result.path) == model(run(result.path / "spec.json", out="again").path)


def test_p56_there_is_one_name_from_the_start_on() -> None:
    class Seen(Watcher):
        def started(self, path: Path, spec: Spec, task: TrainingTask) -> None:
            self.path = path
            self.status = strict(path / "manifest.json")["status"]

    seen = Seen()
    result = run(SPEC, watcher=seen)
    assert seen.path == result.path
    assert seen.status == "running"
    assert list(Path("runs").iterdir()) == [result.path]
    assert load_run(result.path).path == result.path


def test_the_end_is_told_when_the_directory_is_complete() -> None:
    class Reading(Watcher):
        def finished(self, run: Run) -> None:
            self.read = load_run(run.path)

    reading = Reading()
    result = run(SPEC, watcher=reading)
    assert reading.read.metrics == result.metrics


def test_two_runs_have_two_directories() -> None:
    assert run(SPEC).path != run(SPEC).path
    assert len(list(Path("runs").iterdir())) == 2


# History and metrics


@pytest.mark.parametrize(
    ("epochs", "log_every", "logged"),
    [(5, 2, [1, 2, 4, 5]), (6, 3, [1, 3, 6]), (3, 100, [1, 3]), (1, 1, [1]), (4, 1, [1, 2, 3, 4]), (2, 2, [1, 2])],
)
def test_the_first_each_multiple_and_the_last_epoch_are_logged(epochs: int, log_every: int, logged: list[int]) -> None:
    result = run(SPEC, set={"training.epochs": epochs, "training.log_every": log_every}, out="out")
    assert result.history["epoch"].tolist() == logged
    header, *rows = [line.split(",") for line in Path("out", "history.csv").read_text().splitlines()]
    assert header == ["epoch", *COLUMNS]
    assert [int(row[0]) for row in rows] == logged


def test_a_tenth_of_the_epochs_is_logged_by_default() -> None:
    assert run({**SPEC, "training": {"epochs": 25}}).history["epoch"].tolist() == [1, *range(2, 25, 2), 25]


def test_what_is_loaded_is_what_was_trained_bit_for_bit() -> None:
    trained = run(SPEC, out="out")
    loaded = load_run("out")
    assert list(loaded.history) == list(trained.history) == ["epoch", *COLUMNS]
    for name, values in trained.history.items():
        assert loaded.history[name].dtype == values.dtype == (np.int64 if name == "epoch" else np.float64)
        assert loaded.history[name].tobytes() == values.tobytes()
    assert loaded.metrics == trained.metrics
    assert list(trained.metrics) == COLUMNS
    assert (loaded.status, loaded.spec, loaded.plan) == (trained.status, trained.spec, trained.plan)
    assert loaded.verdicts == trained.verdicts
    assert loaded.silent_units == trained.silent_units
    assert loaded.weights.flat.tobytes() == trained.weights.flat.tobytes()
    rows = [[30, 70], [888, 122]]
    assert loaded.predict(rows).tobytes() == trained.predict(rows).tobytes()


def test_the_metrics_at_the_end_are_those_of_the_weights_at_the_end() -> None:
    result = run(SPEC)
    assert result.metrics["test.loss"] == result.history["test.loss"][-1]
    assert result.metrics["train.loss"] < result.history["train.loss"][-1]  # measured before the last update


def test_without_test_rows_there_are_no_test_columns() -> None:
    result = run(SPEC, set={"split.train": 1, "split.test": 0, "expect": []}, out="out")
    assert list(result.history) == ["epoch", *COLUMNS[:2]]
    assert list(result.metrics) == list(load_run("out").metrics) == COLUMNS[:2]


@pytest.mark.parametrize("samples", [4, 2])
def test_p16_a_single_test_row_is_measured(samples: int) -> None:
    set = {"dataset.samples": samples, "split.train": 1 - 1 / samples, "split.test": 1 / samples}
    result = run(SPEC, set=set, out="out")
    assert len(result.history["epoch"]) == 4
    assert all(np.isfinite(list(result.metrics.values())))
    assert strict(Path("out", "metrics.json"))["metrics"] == result.metrics


def test_p59_the_metrics_of_a_diverged_run_are_strict_json() -> None:
    # Squares of errors of 1e160 are infinite from the first step on.
    spec = {**SPEC, "scaling": {}, "dataset": {"type": "arithmetic", "samples": 40, "high": 1e160}}
    with pytest.raises(DivergenceError):
        run(spec, out="out")
    metrics = strict(Path("out", "metrics.json"))["metrics"]
    assert metrics["train.loss"] == metrics["test.loss"] == {"value": None, "reason": "inf"}
    for path in Path("out").glob("*.json"):
        strict(path)
    loaded = load_run("out")
    assert loaded.metrics["train.loss"] == float("inf")
    assert not loaded.verdicts[0].passed


# Equal seeds


@pytest.mark.parametrize("changes", [{}, {"training.batch_size": 9}, {"rng": "mt19937"}, {"split.shuffle": False}])
def test_equal_seeds_give_equal_bytes_and_others_do_not(changes: dict[str, Any]) -> None:
    first, second = (run(SPEC, set=changes).path for _ in range(2))
    for name in ("model.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert model(run(SPEC, set={**changes, "seed": 4}).path) != model(first)


def test_toml_and_json_say_the_same() -> None:
    cut = {"training.epochs": 3, "dataset.samples": 100}
    toml, json_ = (run(SPECS / name, set=cut).path for name in ("arith.toml", "arith.json"))
    assert model(toml) == model(json_)
    assert (toml / "resolved.json").read_bytes() == (json_ / "resolved.json").read_bytes()


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"seed": 9, "layers.0.units": 6},
        {"dataset.samples": "60", "training.batch_size": "7", "layers.0.activation.type": "linear"},
        {"training.epochs": 13, "training.log_every": 4},
    ],
)
def test_p65_the_resolved_spec_gives_the_same_run_without_overrides(overrides: dict[str, Any]) -> None:
    first = run(SPEC, set=overrides)
    again = run(first.path / "resolved.json")
    for name in ("model.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.json"):
        assert (first.path / name).read_bytes() == (again.path / name).read_bytes()
    assert load_spec(first.path / "resolved.json") == first.spec


def test_p65_what_follows_from_an_overridden_value_follows() -> None:
    result = run({**SPEC, "training": {"epochs": 5}}, set={"training.epochs": 40})
    assert result.spec.training.log_every == 4


_TRAIN = """
import json, sys
from specnet import run
result = run(sys.argv[1], set={"training.epochs": 40, "training.batch_size": 500, "layers.0.units": 64})
print(json.dumps(result.metrics))
"""


def test_p51_another_number_of_threads_changes_nothing_that_matters() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(specnet.__file__).parents[1])}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _TRAIN, str(SPECS / "arith.toml")],
            stdout=subprocess.PIPE,
            env={**environment, "OPENBLAS_NUM_THREADS": threads},
        )
        for threads in ("1", "2")
    ]
    one, two = (json.loads(process.communicate(timeout=60)[0]) for process in processes)
    assert one == pytest.approx(two, rel=1e-9, abs=0)
    manifests = [strict(path) for path in Path("runs").glob("*/manifest.json")]
    assert {manifest["threads"]["OPENBLAS_NUM_THREADS"] for manifest in manifests} == {"1", "2"}


# Units


def test_p12_predictions_are_in_the_units_of_the_data() -> None:
    Path("d.csv").write_text("x,y\n" + "".join(f"{x},{1000 * x}\n" for x in (1, 2, 3)))
    result = run({**LINE, "predict": [{"inputs": [[1], [2], [3]]}]}, out="out")
    np.testing.assert_allclose(result.predict([[1], [2], [3]])[:, 0], [1000, 2000, 3000], rtol=1e-9)
    assert Path("out", "predictions.csv").read_text().startswith("x,predicted y\n1.0,")
    assert result.metrics["train.loss"] < 1e-20


def test_p12_losses_are_in_the_units_of_the_net() -> None:
    result = run(SPEC)
    data = load_data(result.spec, Path.cwd(), Streams(3))
    parts = part(data, result.spec.split, Streams(3))
    train, test = parts["train"], parts["test"]
    std = data.targets.values[train].std(axis=0)
    errors = (result.predict(data.inputs.values[test]) - data.targets.values[test]) / std
    assert result.metrics["test.loss"] == pytest.approx(np.mean(errors**2), rel=1e-12)


def test_predictions_are_kept_and_read_back_bit_for_bit() -> None:
    result = run(SPEC, out="out")
    header, *rows = [line.split(",") for line in Path("out", "predictions.csv").read_text().splitlines()]
    assert header == ["a", "b", "predicted a+b", "predicted a-b", "predicted |a-b|"]
    table = np.array(rows, np.float64)
    assert table[:, :2].tolist() == [[30, 70], [3, 5], [888, 122]]
    assert table[:, 2:].tobytes() == result.predict(table[:, :2]).tobytes()
    assert result.predictions() == [(row[:2], row[2:]) for row in table.tolist()]


def test_p57_a_column_may_have_any_name(tmp_path: Path) -> None:
    names = ["val/loss", "a/../../b", "/etc/passwd", "..", 'with "quotes"', "épaisseur, mm"]
    dataset = {"type": "csv", "path": "d.csv", "inputs": ["x", "../in"], "targets": names}
    header = ",".join(["x", "../in", *('"' + name.replace('"', '""') + '"' for name in names)])
    rows = "".join(f"{i},{i % 3}," + ",".join(str(i % (k + 2)) for k in range(6)) + "\n" for i in range(20))
    Path("d.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    before = set(tmp_path.parent.rglob("*"))
    changes = {"dataset": dataset, "layers": [{"type": "dense", "units": 6}], "predict": [{"inputs": [[1, 2]]}]}
    result = run({**SPEC, **changes}, out="out")
    made = {path.relative_to(tmp_path).as_posix() for path in set(tmp_path.parent.rglob("*")) - before}
    assert {path for path in made if not path.startswith("out/")} == {"out"}
    assert {path.removeprefix("out/") for path in made - {"out"}} == {
        *("history.csv", "manifest.json", "metrics.json", "model.safetensors", "predictions.csv"),
        *("resolved.json", "spec.json", "split.safetensors"),
    }
    loaded = load_run("out")
    assert loaded.plan.targets == result.plan.targets == tuple(names)
    assert loaded.predictions() == result.predictions()


def test_predict_takes_a_row_or_rows_and_leaves_them_alone() -> None:
    result = run(SPEC)
    rows = np.array([[30.0, 70.0], [3.0, 5.0]])
    before = rows.copy()
    predictions = result.predict(rows)
    assert predictions.shape == (2, 3)
    np.testing.assert_allclose(result.predict([30, 70]), predictions[:1], rtol=1e-14)
    assert result.predict(rows.astype(int)).tolist() == predictions.tolist()
    assert rows.tobytes() == before.tobytes()
    assert result.predict(np.empty((0, 2))).shape == (0, 3)


def test_many_rows_are_predicted_as_each_alone() -> None:
    result = run(SPEC)
    rows = Streams(0).of("data").uniform(0, 100, (5000, 2))  # more than the engine takes at once
    together = result.predict(rows)
    np.testing.assert_allclose(together[::999], [result.predict(row)[0] for row in rows[::999]], rtol=1e-11)


# Batches


@pytest.mark.parametrize("shuffle", [True, False])
def test_p28_the_loss_of_an_epoch_does_not_depend_on_the_batches(shuffle: bool) -> None:
    still = {"optimizer.learning_rate": 1e-300, "training.epochs": 2, "training.shuffle": shuffle}
    wanted = run(SPEC, set=still)
    for size in (1, 2, 3, 5, 9, 13, 14, 27, 28):
        result = run(SPEC, set={**still, "training.batch_size": size})
        assert result.weights.flat.tobytes() == wanted.weights.flat.tobytes()
        for name in COLUMNS:
            np.testing.assert_allclose(result.history[name], wanted.history[name], rtol=1e-12)


@pytest.mark.parametrize("size", [28, 29, 1000, 2**63])
def test_p45_a_batch_that_is_larger_than_the_data_is_the_full_batch(size: int) -> None:
    wanted, result = (run(SPEC, set={"training.batch_size": n}) for n in ("full", size))
    assert model(result.path) == model(wanted.path)


def test_mini_batches_in_a_new_order_are_other_steps() -> None:
    in_order, shuffled, full = (
        run(SPEC, set=changes).weights.flat
        for changes in ({"training.batch_size": 9, "training.shuffle": False}, {"training.batch_size": 9}, {})
    )
    assert not np.array_equal(in_order, shuffled)
    assert not np.array_equal(shuffled, full)


SEEN: list[float] = []


class Rows(MeanMetric):
    """The first target of each row; SEEN keeps them in the order in which they came."""

    type: Literal["rows"] = "rows"

    def rows(self, prediction: Array, target: Array, xp: Any) -> Array:
        SEEN.extend(target[:, 0].tolist())
        first: Array = target[:, 0]
        return first


@pytest.fixture
def watching(offering: Callable[..., Registry]) -> Registry:
    return offering(Rows)


def orders(changes: Mapping[str, Any], registry: Registry) -> list[list[int]]:
    """The rows of each epoch, by their number, as training has seen them."""
    count = 23
    Path("d.csv").write_text("x,y\n" + "".join(f"{i},{i}\n" for i in range(count)))
    settings = {"split.shuffle": False, "training.epochs": 4, "training.log_every": 1, **changes}
    SEEN.clear()
    run({**LINE, "metrics": ["test.rows"], "scaling": {}}, set=settings, registry=registry)
    end = 3 * count  # what the metrics at the end have seen: those of the net and of two baselines
    assert SEEN[-end:] == list(range(count)) * 3
    return [list(map(int, SEEN[i : i + count])) for i in range(0, len(SEEN) - end, count)]


def test_p50_the_order_of_an_epoch_follows_from_the_seed_and_its_number(watching: Registry) -> None:
    slow = {"optimizer.learning_rate": 1e-9}
    seen = orders({**slow, "training.batch_size": 5}, watching)
    assert seen == [Streams(3).of("shuffle", epoch).permutation(23).tolist() for epoch in (1, 2, 3, 4)]
    assert all(sorted(order) == list(range(23)) for order in seen)
    assert len({tuple(order) for order in seen}) == 4
    assert orders({**slow, "training.batch_size": 5, "training.epochs": 2}, watching) == seen[:2]
    assert orders({**slow, "training.batch_size": 8}, watching) == seen
    assert orders({**slow, "training.batch_size": 5, "seed": 4}, watching) != seen
    assert orders({**slow, "training.batch_size": 5, "training.shuffle": False}, watching) == [list(range(23))] * 4


# float32


def test_float32_is_float32_and_near_float64() -> None:
    wide = run(SPEC)
    narrow = run({**SPEC, "engine": {"type": "numpy", "dtype": "float32"}}, out="narrow")
    tensors, _ = decode_tensors(model(narrow.path))
    assert {str(array.dtype) for name, array in tensors.items() if not name.startswith("scaling/")} == {"float32"}
    assert {str(array.dtype) for name, array in tensors.items() if name.startswith("scaling/")} == {"float64"}
    assert narrow.weights.flat.dtype == np.float32
    rows = [[30, 70], [3, 5], [888, 122]]
    predictions, wanted = narrow.predict(rows), wide.predict(rows)
    assert predictions.dtype == np.float64
    assert np.isfinite(predictions).all()
    np.testing.assert_allclose(predictions, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
    np.testing.assert_allclose(narrow.weights.flat, wide.weights.flat, rtol=0, atol=1e-5)
    assert load_run("narrow").predict(rows).tobytes() == predictions.tobytes()


@pytest.mark.parametrize("size", ["full", 9])
def test_float32_learns_in_batches(size: int | str) -> None:
    result = run({**SPEC, "engine": {"type": "numpy", "dtype": "float32"}}, set={"training.batch_size": size})
    assert result.metrics["train.loss"] < result.history["train.loss"][0]


def test_a_row_beyond_float32_is_predicted_without_a_warning() -> None:
    result = run({**SPEC, "engine": {"type": "numpy", "dtype": "float32"}})
    assert result.predict([[1e300, 1]]).shape == (1, 3)


def test_p26_targets_that_the_loss_does_not_take(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,a,b\n" + "1,1,0\n2,0,1\n" * 5 + "3,1,2\n")
    (tmp_path / "spec.toml").write_text(
        'format = 1\nname = "classes"\n'
        '[dataset]\ntype = "csv"\npath = "rows.csv"\ninputs = ["x"]\ntargets = ["a", "b"]\n'
        '[[layers]]\ntype = "dense"\nunits = 2\n'
        '[loss]\ntype = "categorical_cross_entropy"\nfrom_logits = true\n'
        '[optimizer]\ntype = "gradient_descent"\nlearning_rate = 0.1\n'
        "[training]\nepochs = 1\n"
    )
    with pytest.raises(DataError) as caught:
        run(tmp_path / "spec.toml", out=tmp_path / "out")
    (finding,) = caught.value.findings
    wanted = "row 12 of the data is no target of categorical_cross_entropy: 2 is not from 0 to 1"
    assert (finding.code, finding.message) == ("SN518", wanted)
    assert not (tmp_path / "out").exists()


def test_p16_a_metric_of_one_row_is_null_with_a_reason(tmp_path: Path) -> None:
    spec = {
        "format": 1,
        "name": "one",
        "dataset": {"type": "arithmetic", "samples": 4},
        "split": {"train": 0.75, "test": 0.25},
        "layers": [{"type": "dense", "units": 3}],
        "loss": "mse",
        "metrics": ["r2", "mse"],
        "optimizer": {"type": "gradient_descent", "learning_rate": 1e-6},
        "training": {"epochs": 2},
        "expect": [{"metric": "test.r2", "min": -1e300}],
    }
    result = run(spec, out=tmp_path / "out")
    metrics = json.loads((result.path / "metrics.json").read_text())
    assert metrics["metrics"]["test.r2"] == {"value": None, "reason": "it needs at least 2 rows"}
    assert metrics["expect"][0]["value"] == metrics["metrics"]["test.r2"]
    assert metrics["metrics"]["test.mse"] == result.metrics["test.loss"]
    for seen in (result, load_run(result.path)):
        value = seen.metrics["test.r2"]
        assert isinstance(value, Undefined)
        assert value.reason == "it needs at least 2 rows"
        assert [verdict.passed for verdict in seen.verdicts] == [False]
    assert np.isnan(result.history["test.r2"]).all()
    assert "test.r2 undefined (it needs at least 2 rows)" in describe.metrics(result)
    assert describe.verdict(result.verdicts[0]).startswith("expect -1e+300 <= test.r2 = undefined (it needs")
