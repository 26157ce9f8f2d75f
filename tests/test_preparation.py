from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.builtins.scalers import Standardize
from specnet.component import Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.errors import DataError, Finding
from specnet.preparation import Prepared, load_data, prepare
from specnet.registry import Selection, load_registry
from specnet.runs.fitting import task_of
from specnet.spec import Spec, load_spec
from specnet.spec.splitting import SplitSection
from specnet.splits import part
from specnet.streams import Streams
from specnet.units import Scale, Units

if TYPE_CHECKING:
    from specnet.arrays import Array


BUILTINS = load_registry(Selection(allowed=frozenset()))


class Given(Dataset):
    """Two columns of inputs and one of targets, as they are given; `loads` are the names that come with them."""

    type: Literal["given"] = "given"
    rows: tuple[tuple[float, ...], ...] = ((1.0, 2.0, 3.0),) * 4
    loads: tuple[str, ...] = ("a", "b")

    def plan(self) -> DatasetPlan:
        return DatasetPlan(("a", "b"), ("y",), len(self.rows))

    def load(self, ctx: LoadContext) -> Data:
        values = np.array(self.rows)
        return Data(Table(self.loads, values[:, :2]), Table(("y",), values[:, 2:]))


def spec_of(dataset: Dataset | None = None, **fields: Any) -> Spec:
    data = {
        "format": 1,
        "name": "small",
        "dataset": "arithmetic",
        "layers": [{"type": "dense", "units": 3}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.1},
        "training": {"epochs": 2},
        **fields,
    }
    spec = load_spec(data, None, BUILTINS)
    return spec if dataset is None else spec.model_copy(update={"dataset": dataset})


def data_of(values: Any) -> Data:
    rows = np.asarray(values, float)
    return Data(Table(("a", "b"), rows[:, :2]), Table(("y",), rows[:, 2:]))


def prepared(values: Any, **fields: Any) -> Prepared:
    split = {"train": 0.5, "test": 0.5, "shuffle": False}
    scaling = {"inputs": "standardize", "targets": "standardize"}
    return prepare(spec_of(**{"split": split, "scaling": scaling, **fields}), data_of(values), Streams(0))


def state_of(units: Units) -> dict[str, Array]:
    assert units.whole is not None
    return dict(units.whole.state)


def section(train: str | float, shuffle: bool = True) -> SplitSection:
    test = 1 - Decimal(str(train))
    return SplitSection(train=float(train), test=float(test), shuffle=shuffle)


def refusal(error: pytest.ExceptionInfo[DataError]) -> Finding:
    (finding,) = error.value.findings
    return finding


# Splits: refusals


@pytest.mark.parametrize(
    ("rows", "train", "message", "path"),
    [
        (1, "0.8", "1 row leaves none for test = 0.2", ("split", "test")),
        (2, "0.2", "2 rows leave none for train = 0.2", ("split", "train")),
        (3, "0.99", "3 rows leave none for test = 0.01", ("split", "test")),
        (0, "0.5", "0 rows leave none for train = 0.5", ("split", "train")),
    ],
)
def test_p13_a_part_that_would_be_empty(rows: int, train: str, message: str, path: tuple[str, str]) -> None:
    with pytest.raises(DataError) as error:
        section(train).counts(rows)
    assert refusal(error) == Finding("SN512", message, path, "more rows, or a larger fraction")
    with pytest.raises(DataError):
        part(data_of(np.ones((rows, 3))), section(train), Streams(0))


# Splits


@pytest.mark.parametrize(
    ("rows", "train", "parts"),
    [
        (10, "0.7", (7, 3)),
        (100, "0.71", (71, 29)),
        (100, "0.29", (29, 71)),
        (10_000, "0.7", (7_000, 3_000)),
        (3, "0.8", (2, 1)),
        (4, "0.75", (3, 1)),
        (5, "0.5", (3, 2)),
        (7, "0.9", (6, 1)),
        (442, "0.7", (309, 133)),
        (1, "1", (1, 0)),
        (5, "1", (5, 0)),
        (1_000_003, "0.3", (300_001, 700_002)),
    ],
)
def test_p17_sizes_come_from_exact_decimals(rows: int, train: str, parts: tuple[int, int]) -> None:
    assert section(train).counts(rows) == {"train": parts[0], "validation": 0, "test": parts[1]}


def test_p17_sizes_sum_to_the_rows_for_every_fraction_of_a_hundredth() -> None:
    for percent in range(1, 101):
        parted, exact = section(str(Decimal(percent) / 100)), Fraction(percent, 100)
        for rows in range(1, 201):
            train = floor(rows * exact + Fraction(1, 2))
            if train == 0 or (train == rows and percent < 100):
                with pytest.raises(DataError):
                    parted.counts(rows)
            else:
                assert parted.counts(rows) == {"train": train, "validation": 0, "test": rows - train}


def test_p13_the_sizes_do_not_depend_on_the_seed() -> None:
    data, parted = data_of(np.ones((10, 3))), section("0.8")
    sizes = {tuple(map(len, part(data, parted, Streams(seed)).values())) for seed in range(1_000)}
    assert sizes == {(8, 0, 2)}


def test_without_shuffling_the_first_rows_are_for_training() -> None:
    parts = part(data_of(np.ones((10, 3))), section("0.7", shuffle=False), Streams(0))
    assert parts["train"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert parts["test"].tolist() == [7, 8, 9]


def test_with_shuffling_every_row_is_in_one_part_and_the_seed_decides() -> None:
    data, parted = data_of(np.ones((100, 3))), section("0.7")
    parts = part(data, parted, Streams(3))
    train, test = parts["train"], parts["test"]
    assert sorted([*train, *test]) == list(range(100))
    assert train.tolist() != sorted(train)
    assert train.tolist() == Streams(3).of("split").permutation(100)[:70].tolist()
    assert part(data, parted, Streams(3))["train"].tolist() == train.tolist()
    assert part(data, parted, Streams(4))["train"].tolist() != train.tolist()


def three(train: str, validation: str, shuffle: bool = True) -> SplitSection:
    test = 1 - Decimal(train) - Decimal(validation)
    return SplitSection(train=float(train), validation=float(validation), test=float(test), shuffle=shuffle)


@pytest.mark.parametrize(
    ("rows", "train", "validation", "message"),
    [
        (3, "0.5", "0.1", "3 rows leave none for validation = 0.1"),
        (4, "0.5", "0.4", "4 rows leave none for test = 0.1"),
        (1, "0.2", "0.4", "1 row leaves none for train = 0.2"),
        (2, "0.6", "0.4", None),
        (3, "0.7", "0.15", "3 rows leave none for test = 0.15"),
    ],
)
def test_p13_no_part_of_three_is_empty(rows: int, train: str, validation: str, message: str | None) -> None:
    if message is None:
        assert all(three(train, validation).counts(rows)[part] for part in ("train", "validation"))
        return
    with pytest.raises(DataError) as error:
        three(train, validation).counts(rows)
    part_ = message.split(" for ")[1].split(" ")[0]
    assert refusal(error) == Finding("SN512", message, ("split", part_), "more rows, or a larger fraction")


@pytest.mark.parametrize(
    ("rows", "train", "validation", "parts"),
    [
        (100, "0.7", "0.15", (70, 15, 15)),
        (10, "0.7", "0.15", (7, 2, 1)),
        (10, "0.6", "0.2", (6, 2, 2)),
        (442, "0.6", "0.2", (265, 89, 88)),
        (3, "0.4", "0.3", (1, 1, 1)),
        (100, "0.29", "0.28", (29, 28, 43)),
        (5, "0.8", "0.2", (4, 1, 0)),
        (1_000_003, "0.3", "0.3", (300_001, 300_001, 400_001)),
    ],
)
def test_p17_sizes_of_three_parts(rows: int, train: str, validation: str, parts: tuple[int, int, int]) -> None:
    assert tuple(three(train, validation).counts(rows).values()) == parts


@given(rows=st.integers(1, 10**6), train=st.integers(1, 98), validation=st.integers(1, 98))
@settings(derandomize=True, deadline=None)
def test_p17_three_parts_sum_to_the_rows_and_each_is_within_one_of_its_share(
    rows: int, train: int, validation: int
) -> None:
    if train + validation > 100:
        return
    percents = {"train": train, "validation": validation, "test": 100 - train - validation}
    section = three(str(Decimal(train) / 100), str(Decimal(validation) / 100))
    try:
        counts = section.counts(rows)
    except DataError:
        assert min(percent for percent in percents.values() if percent) * rows < 100
        return
    assert list(counts) == ["train", "validation", "test"]
    assert sum(counts.values()) == rows
    assert all(abs(counts[name] - Fraction(rows * percent, 100)) < 1 for name, percent in percents.items())


def test_without_shuffling_validation_stands_between_training_and_test() -> None:
    parts = part(data_of(np.ones((10, 3))), three("0.5", "0.2", shuffle=False), Streams(0))
    assert {name: index.tolist() for name, index in parts.items()} == {
        "train": [0, 1, 2, 3, 4],
        "validation": [5, 6],
        "test": [7, 8, 9],
    }


def test_validation_rows_are_taken_from_the_test_and_leave_training_as_it_is() -> None:
    data = data_of(np.ones((100, 3)))
    two, both = part(data, section("0.7"), Streams(3)), part(data, three("0.7", "0.15"), Streams(3))
    assert both["train"].tolist() == two["train"].tolist()
    assert [*both["validation"], *both["test"]] == two["test"].tolist()


def test_scales_do_not_know_the_validation_rows() -> None:
    rows = [[0, 5, 100], [2, 7, 300], [1e6, 1e6, 1e6], [-1e6, 0, 0]]
    ready = prepared(rows, split={"train": 0.5, "validation": 0.25, "test": 0.25, "shuffle": False})
    assert state_of(ready.inputs)["mean"].tolist() == [1, 6]
    task = task_of(spec_of(), ready, Streams(0), lambda: False)
    assert task.validation is not None
    assert task.validation.inputs.tolist() == [[1e6 - 1, 1e6 - 6]]
    assert list(task.splits) == ["train", "validation", "test"]


# Scaling: refusals


@pytest.mark.parametrize(("column", "place"), [(0, "inputs"), (1, "inputs"), (2, "targets")])
def test_a_column_that_float64_cannot_scale(column: int, place: str) -> None:
    values = np.ones((4, 3))
    values[:2, column] = 1.5e308, 1.4e308
    with pytest.raises(DataError) as error:
        prepared(values)
    message = f"column '{'aby'[column]}' holds numbers too large to be scaled in float64"
    assert refusal(error) == Finding("SN510", message, ("scaling", place))


@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_column_that_float32_does_not_hold(column: int) -> None:
    values = np.ones((4, 3))
    values[3, column] = 1e39
    ready = prepared(values, scaling={})
    assert ready.split(ready.test, "float64").inputs.dtype == np.float64
    assert ready.split(ready.train, "float32").inputs.dtype == np.float32
    with pytest.raises(DataError) as error:
        ready.split(ready.test, "float32")
    message = f"column '{'aby'[column]}' holds numbers too large for float32"
    assert refusal(error) == Finding("SN510", message, ("dataset",))


def test_a_test_row_far_outside_of_the_training_rows() -> None:
    ready = prepared([[0, 1, 2], [1e-150, 1, 2], [1e300, 1, 2], [0, 1, 2]])
    with pytest.raises(DataError) as error:
        ready.split(ready.test, "float64")
    assert refusal(error).message == "column 'a' holds numbers too large for float64"


# Scaling


def test_scales_are_fitted_on_the_training_rows_alone() -> None:
    ready = prepared([[0, 5, 100], [2, 7, 300], [1e6, 1e6, 1e6], [-1e6, 0, 0]])
    assert {name: vector.tolist() for name, vector in state_of(ready.inputs).items()} == {"mean": [1, 6], "std": [1, 1]}
    assert {name: vector.tolist() for name, vector in state_of(ready.targets).items()} == {"mean": [200], "std": [100]}
    train = ready.split(ready.train, "float64")
    assert train.inputs.tolist() == [[-1, -1], [1, 1]]
    assert train.targets.tolist() == [[-1], [1]]
    assert ready.split(ready.test, "float64").inputs.tolist() == [[1e6 - 1, 1e6 - 6], [-1e6 - 1, -6]]


def test_scales_are_fitted_on_the_rows_that_shuffling_chose() -> None:
    values = np.arange(30.0).reshape(10, 3) ** 2
    ready = prepared(values, split={"train": 0.5, "test": 0.5})
    assert state_of(ready.inputs)["mean"].tolist() == values[ready.train, :2].mean(axis=0).tolist()
    assert np.allclose(ready.split(ready.train, "float64").targets.std(), 1, rtol=1e-12)


def test_p12_the_inverse_gives_the_units_of_the_data() -> None:
    ready = prepared(
        [[1, 2, 1000], [2, 2, 2000], [3, 2, 3000], [4, 2, 4000]], split={"train": 1.0, "test": 0.0, "shuffle": False}
    )
    scaled = ready.split(ready.train, "float64").targets
    assert scaled[:, 0].tolist() == pytest.approx([-1.3416, -0.4472, 0.4472, 1.3416], abs=1e-4)
    assert ready.targets.inverse(scaled)[:, 0].tolist() == [1000, 2000, 3000, 4000]


@given(
    rows=st.lists(st.tuples(*[st.floats(-1e9, 1e9, allow_subnormal=False)] * 3), min_size=2, max_size=20),
)
@settings(derandomize=True, deadline=None)
def test_p12_scaling_there_and_back(rows: list[tuple[float, ...]]) -> None:
    ready = prepared(rows, split={"train": 1.0, "test": 0.0, "shuffle": False})
    scaled = ready.split(ready.train, "float64")
    table = np.array(rows)
    # The error of a scaled value is an ulp of the largest number that it was made from.
    tolerance = 8 * np.finfo(float).eps * np.abs(table).max(initial=0.0)
    assert np.allclose(ready.inputs.inverse(scaled.inputs), table[:, :2], rtol=0, atol=tolerance)
    assert np.allclose(ready.targets.inverse(scaled.targets), table[:, 2:], rtol=0, atol=tolerance)


def test_without_a_scaler_numbers_pass_as_they_are() -> None:
    ready = prepared([[1, 2, 3], [4, 5, 6]], scaling={"targets": "standardize"})
    assert ready.inputs.scales == ()
    assert [scale.scaler for scale in ready.targets.scales] == [Standardize()]
    assert ready.split(ready.test, "float64").inputs.tolist() == [[4, 5]]
    x = np.array([[1.5, 2.5]])
    assert ready.inputs.transform(x) is x
    assert ready.inputs.inverse(x) is x


def test_the_state_is_copied_before_a_scaler_gets_it() -> None:
    class Careless(Standardize):
        """Takes its state apart."""

        def transform(self, state: dict[str, Array], x: Array) -> Array:
            return super().transform({name: state.pop(name) for name in list(state)}, x)

        def inverse(self, state: dict[str, Array], z: Array) -> Array:
            return super().inverse({name: state.pop(name) for name in list(state)}, z)

    scale = Scale.fit(Careless(), Table(("a",), np.array([[0.0], [2.0]])), ("scaling", "inputs"))
    x = np.array([[5.0]])
    assert scale.inverse(scale.transform(x)).tolist() == scale.inverse(scale.transform(x)).tolist() == [[5.0]]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rows_come_in_the_type_of_the_net_and_feature_major(dtype: str) -> None:
    ready = prepared(np.arange(24.0).reshape(8, 3))
    for split in (ready.split(ready.train, dtype), ready.split(ready.test, dtype)):
        assert len(split) == 4
        for values in (split.inputs, split.targets):
            assert values.dtype == np.dtype(dtype)
            assert values.flags.f_contiguous
    assert ready.data.inputs.values.tolist() == np.arange(24.0).reshape(8, 3)[:, :2].tolist()


def test_columns_that_hold_one_value_in_all_training_rows() -> None:
    assert prepared([[1, 2, 3], [1, 5, 3], [2, 2, 4], [3, 2, 5]]).constant_columns() == ["a", "y"]
    assert prepared([[1, 2, 3], [2, 3, 4], [9, 9, 9], [9, 9, 9]]).constant_columns() == []


# Loading


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Given(loads=("b", "a")), "the dataset planned the inputs ('a', 'b'), and loaded ('b', 'a') as (4, 2)"),
        (Given(loads=("a",)), "the dataset planned the inputs ('a', 'b'), and loaded ('a',) as (4, 2)"),
        (Given(rows=((1.0, 2.0, 3.0, 4.0),)), "the dataset planned the targets ('y',), and loaded ('y',) as (1, 2)"),
    ],
)
def test_a_dataset_loads_what_it_has_planned(dataset: Given, message: str) -> None:
    with pytest.raises(DataError) as error:
        load_data(spec_of(dataset), Path(), Streams(0))
    assert refusal(error) == Finding("SN511", message, ("dataset",))


def test_inputs_and_targets_have_the_same_rows() -> None:
    class Short(Given):
        """One target too few."""

        def load(self, ctx: LoadContext) -> Data:
            data = super().load(ctx)
            return Data(data.inputs, Table(("y",), data.targets.values[1:]))

    with pytest.raises(DataError) as error:
        load_data(spec_of(Short()), Path(), Streams(0))
    assert refusal(error).message == "the dataset planned the targets ('y',), and loaded ('y',) as (3, 1)"


def test_a_dataset_gets_the_folder_of_the_spec_and_the_stream_of_the_data(tmp_path: Path) -> None:
    seen: list[LoadContext] = []

    class Watching(Given):
        """Keeps what it is given."""

        def load(self, ctx: LoadContext) -> Data:
            seen.append(ctx)
            return super().load(ctx)

    data = load_data(spec_of(Watching()), tmp_path, Streams(5))
    assert data.inputs.values.tolist() == [[1, 2]] * 4
    assert seen[0].folder == tmp_path
    assert seen[0].rng.uniform(0, 1, 3).tolist() == Streams(5).of("data").uniform(0, 1, 3).tolist()


# Batches


@pytest.mark.parametrize(("size", "rows"), [(1000, 30), (31, 30), (30, 30), (7, 7), (1, 1), ("full", 30)])
def test_p45_a_batch_is_at_most_the_training_rows(size: int | str, rows: int) -> None:
    spec = spec_of(training={"epochs": 2, "batch_size": size})
    ready = prepare(spec, data_of(np.ones((43, 3))), Streams(0))
    task = task_of(spec, ready, Streams(0), lambda: False)
    assert (len(task.train), task.batch_rows) == (30, rows)


def test_without_a_test_fraction_there_are_no_test_rows() -> None:
    spec = spec_of(split={"train": 1.0, "test": 0.0})
    ready = prepare(spec, data_of(np.ones((5, 3))), Streams(0))
    task = task_of(spec, ready, Streams(0), lambda: False)
    assert (len(task.train), task.test) == (5, None)


@pytest.mark.parametrize("size", [1e300, 1e15, 1e9, 1e3, 1.0, 1e-3, 1e-9, 1e-13, 1e-15, 1e-170, 1e-300])
def test_p23_a_column_of_any_size_is_scaled(size: float) -> None:
    column = np.random.default_rng(0).uniform(-0.5, 0.5, (200, 1)) * size
    scaler = Standardize()
    scaled = scaler.transform(scaler.fit(column), column)
    assert abs(scaled.mean()) < 1e-9
    assert abs(scaled.std() - 1) < 1e-9


def test_p22_what_single_precision_cannot_square() -> None:
    column = np.array([[-3e19], [3e19]])
    assert Standardize().fit(column)["std"] == pytest.approx([3e19], rel=1e-15)


def test_p21_the_mean_of_many_ones_is_one() -> None:
    state = Standardize().fit(np.ones((2**20, 2)))
    assert state["mean"].tolist() == [1.0, 1.0]
    assert state["std"].tolist() == [0.0, 0.0]


def test_p24_training_and_prediction_scale_by_one_function() -> None:
    column = np.random.default_rng(1).uniform(size=(1000, 1))
    scaler = Standardize()
    state = scaler.fit(column)
    assert np.array_equal(scaler.transform(state, column), (column - state["mean"]) / state["std"])
