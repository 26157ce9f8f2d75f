from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.builtins.initializers import Zeros
from specnet.builtins.layers.dense import Dense
from specnet.component import Buffer, Context, DatasetPlan, Layer, LayerPlan, Parameter, Shape, ShapeError
from specnet.errors import Finding, SpecError
from specnet.plan import Plan, make_plan, memory

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component.network import Pullback

COLUMNS = DatasetPlan(("a", "b"), ("y",), 100)


class Join(Layer):
    """As many numbers as all of its inputs together, a scale for each, and a running mean."""

    type: Literal["join"] = "join"

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        if any(len(shape) != 1 for shape in in_shapes):
            raise ShapeError(f"join reads columns, not {in_shapes}")
        width = sum(columns for (columns,) in in_shapes)
        scales = (Parameter(f"scale{i}", shape, Zeros(), 1, 1) for i, shape in enumerate(in_shapes))
        return LayerPlan((width,), tuple(scales), (Buffer("mean", (width,)),))

    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        raise NotImplementedError


class Image(Join):
    """One number made a picture of 4 by 4."""

    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        return LayerPlan((4, 4))


def dense(units: int = 1, **fields: Any) -> Dense:
    return Dense(units=units, **fields)


def join(*inputs: str, name: str | None = None) -> Join:
    return Join(inputs=inputs or None, name=name)


def planned(*layers: Layer, dataset: DatasetPlan = COLUMNS) -> Plan:
    return make_plan(layers, dataset)


def refusals(*layers: Layer, dataset: DatasetPlan = COLUMNS) -> tuple[Finding, ...]:
    with pytest.raises(SpecError) as caught:
        make_plan(layers, dataset)
    return caught.value.findings


def refusal(*layers: Layer, dataset: DatasetPlan = COLUMNS) -> Finding:
    (finding,) = refusals(*layers, dataset=dataset)
    return finding


# SN401, SN411: shapes


def test_shapes_that_a_layer_cannot_take() -> None:
    message = "dense reads one input with one axis of columns, not (2,), (2,)"
    assert refusal(dense(inputs=["inputs", "inputs"])) == Finding("SN401", message, ("layers", 0))


def test_a_layer_behind_a_broken_one_is_not_blamed() -> None:
    finding = refusal(dense(name="a"), dense(inputs=["a", "a"]), dense(), join(), join())
    assert (finding.code, finding.dotted) == ("SN401", "layers.1")


def test_two_broken_layers_are_two_findings() -> None:
    found = refusals(Image(name="image"), dense(), join("image"), dense(inputs=["inputs"]))
    assert [(finding.code, finding.dotted) for finding in found] == [("SN401", "layers.1"), ("SN401", "layers.2")]


def test_more_parameters_than_an_array_holds() -> None:
    message = "with this layer there are more parameters than an array holds"
    assert refusal(dense(2**59), dense()) == Finding("SN411", message, ("layers", 0))
    found = refusals(dense(2**30), dense(2**30), dense(), dense(2**59))
    assert [(finding.code, finding.dotted) for finding in found] == [("SN411", "layers.1"), ("SN411", "layers.3")]
    assert planned(dense(2**28), dense()).parameter_count == 2**30 + 1
    # A dense layer on two columns has three parameters a unit, and 2**60 - 1 float64 fill 2**63 bytes.
    assert [refusal(dense((2**60 - 1) // 3 + more)).code for more in (0, 1)] == ["SN406", "SN411"]


def test_only_the_layer_that_is_too_large_is_blamed() -> None:
    finding = refusal(dense(2**59, inputs=["inputs"]), dense(inputs=["inputs"]))
    assert (finding.code, finding.dotted) == ("SN411", "layers.0")


def test_more_rows_than_an_array_holds() -> None:
    finding = refusal(dense(), dataset=DatasetPlan(("a", "b"), ("y",), 2**60))
    assert finding == Finding("SN411", "these are more rows than an array holds", ("dataset",))
    most = (2**60 - 1) // 3
    assert planned(dense(), dataset=DatasetPlan(("a", "b"), ("y",), most)).rows == most
    assert refusal(dense(), dataset=DatasetPlan(("a", "b"), ("y",), most + 1)).code == "SN411"


# SN402, SN403: names


def test_a_name_twice() -> None:
    finding = refusal(dense(name="a"), dense(), dense(name="a"))
    assert finding == Finding("SN402", "the name 'a' belongs to layers.0", ("layers", 2, "name"))


def test_a_name_three_times_is_two_findings() -> None:
    found = refusals(*[dense(name="a")] * 3)
    assert [(finding.code, finding.dotted) for finding in found] == [
        ("SN402", "layers.1.name"),
        ("SN402", "layers.2.name"),
    ]


def test_the_name_of_the_data() -> None:
    message = "the name 'inputs' belongs to the columns of the dataset"
    assert refusal(dense(name="inputs")) == Finding("SN402", message, ("layers", 0, "name"))


def test_an_unknown_name() -> None:
    finding = refusal(dense(name="hidden"), dense(name="other"), dense(inputs=["hiden"]))
    assert finding == Finding(
        "SN403", "no layer is named 'hiden'", ("layers", 2, "inputs", 0), "did you mean 'hidden'?"
    )


def test_an_unknown_name_that_is_near_to_none() -> None:
    finding = refusal(dense(name="hidden"), dense(inputs=["zzz"]))
    assert finding.help == "known: inputs, hidden"


def test_an_unnamed_layer_cannot_be_named_by_its_place() -> None:
    assert refusal(dense(), dense(inputs=["layers.0"])).code == "SN403"


@pytest.mark.parametrize("behind", [[], [dense(), join()]])
def test_a_layer_that_reads_nothing_that_is_there_is_one_finding(behind: list[Layer]) -> None:
    finding = refusal(dense(name="a"), join("a", "b"), *behind)
    assert (finding.code, finding.dotted) == ("SN403", "layers.1.inputs.1")
    finding = refusal(dense(name="a"), dense(inputs=["b"]), *behind)
    assert (finding.code, finding.dotted) == ("SN403", "layers.1.inputs.0")


def test_each_unknown_name_is_a_finding() -> None:
    found = refusals(join("x", "inputs", "y"), join("z"))
    assert [finding.dotted for finding in found] == ["layers.0.inputs.0", "layers.0.inputs.2", "layers.1.inputs.0"]


def test_a_layer_reads_at_least_one_input() -> None:
    finding = refusal(dense(), dense(inputs=[]))
    assert finding == Finding("SN403", "a layer reads at least one input", ("layers", 1, "inputs"))


# SN404: circles


def test_a_layer_that_reads_itself() -> None:
    finding = refusal(dense(), join("a", name="a"))
    assert finding == Finding("SN404", "this layer waits for itself", ("layers", 1, "inputs"))


def test_layers_that_read_each_other() -> None:
    finding = refusal(dense(inputs=["c"]), dense(name="b"), dense(name="c"))
    message = "these layers wait for each other: layers.0, layers.1, layers.2"
    assert finding == Finding("SN404", message, ("layers", 0, "inputs"))


def test_a_circle_is_named_without_those_that_wait_behind_it() -> None:
    finding = refusal(
        join("b", "inputs", name="behind"),
        dense(name="before", inputs=["inputs"]),
        join("before", "b", name="a"),
        dense(name="b", inputs=["a"]),
        join("behind", "b", name="last"),
        dense(),
    )
    message = "these layers wait for each other: layers.2, layers.3"
    assert finding == Finding("SN404", message, ("layers", 2, "inputs"))


def test_two_circles_are_two_findings() -> None:
    found = refusals(
        dense(name="a", inputs=["b"]),
        dense(name="b", inputs=["a"]),
        dense(name="c", inputs=["d"]),
        dense(name="d", inputs=["c"]),
        join("b", "d"),
    )
    assert [(finding.code, finding.dotted) for finding in found] == [
        ("SN404", "layers.0.inputs"),
        ("SN404", "layers.2.inputs"),
        ("SN406", "layers.4"),  # what a dense layer gives is known whatever it reads
    ]


# SN405, SN406: what is made of the layers


def test_a_layer_that_nothing_reads() -> None:
    help = "name it in the `inputs` of another, or take it out"
    finding = refusal(dense(), dense(name="a"), dense(inputs=["inputs"]), dense())
    assert finding == Finding("SN405", "nothing reads this layer", ("layers", 1), help)


def test_each_layer_that_nothing_reads_is_a_finding() -> None:
    found = refusals(*[dense(inputs=["inputs"])] * 3)
    assert [(finding.code, finding.dotted) for finding in found] == [("SN405", "layers.0"), ("SN405", "layers.1")]


def test_the_last_layer_is_not_read() -> None:
    finding = refusal(dense(name="a", inputs=["b"]), dense(name="b", inputs=["inputs"]))
    message = "the last layer gives the predictions and cannot be read by another"
    assert finding == Finding("SN405", message, ("layers", 1))


@pytest.mark.parametrize(
    ("layers", "targets", "message"),
    [
        ([dense(2)], ("y",), "the last layer gives 2 numbers a row, the dataset has 1 target (y)"),
        ([dense(1)], ("y", "z"), "the last layer gives 1 number a row, the dataset has 2 targets (y, z)"),
        (
            [dense(3), dense(4)],
            ("x", "y", "z"),
            "the last layer gives 4 numbers a row, the dataset has 3 targets (x, y, z)",
        ),
        ([dense(1), Image()], ("y",), "the last layer gives rows of shape (4, 4), the dataset has 1 target (y)"),
    ],
)
def test_as_many_outputs_as_targets(layers: list[Layer], targets: tuple[str, ...], message: str) -> None:
    finding = refusal(*layers, dataset=DatasetPlan(("a", "b"), targets))
    assert finding == Finding("SN406", message, ("layers", len(layers) - 1))


def test_two_faults_are_two_findings() -> None:
    found = refusals(dense(), dense(name="a"), dense(name="b", inputs=["a", "zz"]), dense(inputs=["inputs", "b"]))
    assert [finding.code for finding in found] == ["SN403"]
    found = refusals(dense(), dense(name="a"), dense(name="a"), dense(inputs=["zz"]))
    assert [finding.code for finding in found] == ["SN402"]  # zz may be what one of the two should be called
    found = refusals(dense(inputs=["inputs"]), dense(5, inputs=["inputs"]))
    assert [finding.code for finding in found] == ["SN405", "SN406"]
    found = refusals(dense(name="a", inputs=["a"]), dense(inputs=["inputs", "inputs"]))
    assert [finding.code for finding in found] == ["SN404", "SN401"]


# Plans


def test_the_plan_of_a_chain() -> None:
    plan = planned(dense(4), dense(3, name="middle"), dense(1))
    assert (plan.inputs, plan.targets, plan.rows) == (("a", "b"), ("y",), 100)
    assert [step.name for step in plan.steps] == ["layers.0", "middle", "layers.2"]
    assert [step.sources for step in plan.steps] == [(-1,), (0,), (1,)]
    assert [step.in_shapes for step in plan.steps] == [((2,),), ((4,),), ((3,),)]
    assert [step.out_shape for step in plan.steps] == [(4,), (3,), (1,)]
    assert [step.parameter_count for step in plan.steps] == [12, 15, 4]
    assert (plan.parameter_count, plan.width) == (31, 8)


def test_parameters_lie_one_behind_the_other_in_one_vector() -> None:
    plan = planned(dense(4), join(), dense(1))
    slots = [slot for step in plan.steps for slot in step.slots]
    assert [(slot.parameter.name, slot.offset, slot.size) for slot in slots] == [
        ("W", 0, 8),
        ("b", 8, 4),
        ("scale0", 12, 4),
        ("W", 16, 4),
        ("b", 20, 1),
    ]
    assert plan.parameter_count == 21
    assert [step.buffers for step in plan.steps] == [(), (Buffer("mean", (4,)),), ()]


def test_a_layer_may_read_several_and_be_read_by_several() -> None:
    plan = planned(
        dense(3, name="a"),
        dense(4, name="b", inputs=["inputs"]),
        join("a", "b", "inputs", "a", name="ab"),
        join("ab", "b"),
        dense(1),
    )
    assert [step.sources for step in plan.steps] == [(-1,), (-1,), (0, 1, -1, 0), (2, 1), (3,)]
    assert plan.steps[2].in_shapes == ((3,), (4,), (2,), (3,))
    assert [step.out_shape for step in plan.steps] == [(3,), (4,), (12,), (16,), (1,)]


def test_layers_may_stand_before_what_they_read() -> None:
    plan = planned(
        dense(3, name="c", inputs=["b"]), dense(2, name="b", inputs=["a"]), dense(5, name="a", inputs=["inputs"]),
        dense(1, inputs=["c"]),
    )  # fmt: skip
    assert [step.name for step in plan.steps] == ["a", "b", "c", "layers.3"]
    assert [step.sources for step in plan.steps] == [(-1,), (0,), (1,), (2,)]
    assert [step.out_shape for step in plan.steps] == [(5,), (2,), (3,), (1,)]


@given(data=st.data(), count=st.integers(1, 7))
@settings(derandomize=True, deadline=None)
def test_every_order_of_a_file_gives_the_same_net(data: st.DataObject, count: int) -> None:
    reads = [data.draw(st.lists(st.integers(-1, i - 1), min_size=1, max_size=3)) for i in range(count)]
    unread = sorted({*range(count)} - {source for sources in reads for source in sources})
    names = {-1: "inputs", **{i: f"n{i}" for i in range(count)}}
    layers: list[Layer] = [join(*(names[s] for s in reads[i]), name=names[i]) for i in range(count)]
    shuffled = data.draw(st.permutations(layers))
    last = [join(*(names[i] for i in unread), name="all"), dense(1)]
    straight, plan = planned(*layers, *last), planned(*shuffled, *last)
    assert [step.name for step in straight.steps] == [*[names[i] for i in range(count)], "all", f"layers.{count + 1}"]
    assert {step.name: step.out_shape for step in plan.steps} == {s.name: s.out_shape for s in straight.steps}
    assert all(source < place for place, step in enumerate(plan.steps) for source in step.sources)
    for step in plan.steps[:-1]:
        assert [plan.steps[s].name if s >= 0 else "inputs" for s in step.sources] == list(step.layer.inputs or ())
        assert step.in_shapes == tuple(plan.steps[s].out_shape if s >= 0 else (2,) for s in step.sources)
    slots = [slot for step in plan.steps for slot in step.slots]
    assert [slot.offset for slot in slots] == [
        sum(prod(s.parameter.shape) for s in slots[:i]) for i in range(len(slots))
    ]
    assert plan.parameter_count == straight.parameter_count == sum(slot.size for slot in slots)


def test_a_plan_is_frozen() -> None:
    plan = planned(dense())
    with pytest.raises(AttributeError):
        plan.rows = 5  # type: ignore[misc]
    with pytest.raises(AttributeError):
        plan.steps[0].name = "b"  # type: ignore[misc]


# Memory


def test_memory_by_hand() -> None:
    # 2 + 1 columns, (2 * 4 + 4) + (4 * 1 + 1) = 17 parameters, 4 + 1 numbers for a row on its way
    plan = planned(dense(4), dense(1))
    assert memory(plan, rows=100, batch=10, itemsize=8, states=0) == {
        "data": 100 * 3 * (8 + 8),
        "parameters": 17 * 3 * 8,
        "batch": 10 * 2 * 5 * 8,
    }
    assert memory(plan, rows=7, batch=3, itemsize=4, states=2) == {
        "data": 7 * 3 * (8 + 4),
        "parameters": 17 * 5 * 4,
        "batch": 3 * 2 * 5 * 4,
    }
