"""What windows refuse and where they stand, for all layers that have some; see the tests of each for what they do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specnet.builtins.layers.convolution import Conv1d, Conv2d
from specnet.builtins.layers.pool import AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from specnet.builtins.layers.upsample import Upsample
from specnet.builtins.layers.windows import MOST, Window, reaches, windows_of
from specnet.component import Layer, ShapeError
from specnet.errors import SpecError
from specnet.registry import Registry
from specnet.spec import load_spec

if TYPE_CHECKING:
    from specnet.component import Shape

SIZES = "must be an integer from 1 to 1,073,741,824, or a list with one for each axis"
PADDING = "must be 'valid', 'same', an integer from 0 to 1,073,741,824, or a list with one for each axis"


def spec(**layer: Any) -> dict[str, Any]:
    layers = [{"type": "reshape", "shape": [2, 1]}, {"type": "conv1d", "filters": 2, "kernel_size": 1, **layer}]
    return {
        "format": 1,
        "name": "small",
        "dataset": {"type": "arithmetic", "samples": 100},
        "layers": [*layers, {"type": "flatten"}, {"type": "dense", "units": 3}],
        "loss": "mse",
        "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
        "training": {"epochs": 2},
    }


@pytest.mark.parametrize(
    ("key", "value", "shown", "wanted"),
    [
        *(
            ("kernel_size", value, shown, SIZES)
            for value, shown in ((0, "0"), (-1, "-1"), (True, "true"), (2.0, "2.0"))
        ),
        ("kernel_size", [], "[]", SIZES),
        ("kernel_size", [2, 0], "[2, 0]", SIZES),
        ("kernel_size", "same", "'same'", SIZES),
        ("kernel_size", MOST + 1, "1073741825", SIZES),
        ("stride", 0, "0", SIZES),
        ("dilation", [0], "[0]", SIZES),
        ("padding", -1, "-1", PADDING),
        ("padding", "full", "'full'", PADDING),
        ("padding", ["same"], "['same']", PADDING),
        ("padding", False, "false", PADDING),
    ],
)
def test_a_size_that_is_none(key: str, value: Any, shown: str, wanted: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(spec(**{key: value}), registry=Registry([]))
    (finding,) = caught.value.findings
    assert (finding.code, finding.dotted) == ("SN108", f"layers.1.{key}")
    assert finding.message == f"'{key}': {wanted}, not {shown}"


@pytest.mark.parametrize(
    ("layer", "came", "says"),
    [
        (
            Conv2d(filters=1, kernel_size=3),
            (64,),
            "conv2d reads rows of shape (height, width, channels), its input is (64,): a reshape before it gives them",
        ),
        (
            Conv2d(filters=1, kernel_size=3),
            (8, 8),
            "conv2d reads rows of shape (height, width, channels), its input is (8, 8): it has 2 axes",
        ),
        (
            Conv1d(filters=1, kernel_size=3),
            (8, 8, 1),
            "conv1d reads rows of shape (length, channels), its input is (8, 8, 1): it has 3 axes",
        ),
        (
            MaxPool(size=2),
            (64,),
            "max_pool reads rows of shape (..., channels), its input is (64,): a reshape before it gives them",
        ),
        (
            Conv2d(filters=1, kernel_size=5),
            (8, 3, 1),
            "conv2d sees 5 places of axis 1 (width) at once, its input has 3 there",
        ),
        (
            Conv1d(filters=1, kernel_size=3, dilation=4, padding=2),
            (4, 1),
            "conv1d sees 9 places of axis 0 (length) at once, its input has 4 there and 4 of padding",
        ),
        (AvgPool(size=3), (4, 4, 2, 1), "avg_pool sees 3 places of axis 2 at once, its input has 2 there"),
        (
            Conv2d(filters=1, kernel_size=(3,)),
            (8, 8, 1),
            "conv2d has a size of the window of [3], its input has 2 axes of places",
        ),
        (
            Conv1d(filters=1, kernel_size=3, stride=(1, 2)),
            (8, 1),
            "conv1d has a stride of [1, 2], its input has 1 axis of places",
        ),
        (
            Conv2d(filters=1, kernel_size=3, padding=(1, 1, 1)),
            (8, 8, 1),
            "conv2d has a padding of [1, 1, 1], its input has 2 axes of places",
        ),
        (Upsample(factor=(2,)), (8, 8, 1), "upsample has a factor of [2], its input has 2 axes of places"),
        (
            MaxPool(size=2, padding=2),
            (8, 8, 1),
            "max_pool has a padding of 2 and a size of 2: its first window would see nothing",
        ),
        (
            Conv2d(filters=4, kernel_size=1, groups=2),
            (8, 8, 3),
            "conv2d parts the channels of its input into 2 groups: 3 is no multiple",
        ),
        (
            Conv2d(filters=3, kernel_size=1, groups=2),
            (8, 8, 4),
            "conv2d parts the filters into 2 groups: 3 is no multiple",
        ),
    ],
)
def test_shapes_that_do_not_fit(layer: Layer, came: Shape, says: str) -> None:
    with pytest.raises(ShapeError, match=f"^{re.escape(says)}$"):
        layer.plan((came,))


@pytest.mark.parametrize(
    "layer",
    [Conv1d(filters=1, kernel_size=1), MaxPool(size=1), GlobalAvgPool(), GlobalMaxPool(), Upsample()],
    ids=str,
)
def test_two_inputs_are_one_too_many(layer: Layer) -> None:
    with pytest.raises(ShapeError, match=f"^{layer.type} reads one input, not 2$"):
        layer.plan(((4, 1), (4, 1)))


def test_the_layer_and_its_place_in_the_file_are_told() -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(spec(kernel_size=3), registry=Registry([]))
    (finding,) = caught.value.findings
    assert (finding.code, finding.dotted) == ("SN401", "layers.1")
    assert finding.message == "conv1d sees 3 places of axis 0 (length) at once, its input has 2 there"


sizes = st.integers(1, 9)


@given(sizes, st.integers(1, 4), sizes, st.integers(1, 3), st.integers(0, 4))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_each_tap_is_where_a_loop_would_look(size: int, kernel: int, stride: int, dilation: int, padding: int) -> None:
    """A loop over every window and tap, which asks of each place whether it is there."""
    try:
        (window,) = windows_of(MaxPool(size=1), (size,), kernel, stride, dilation, padding)
    except ShapeError:
        assert dilation * (kernel - 1) + 1 > size + 2 * padding
        return
    seen = [(tap, at * stride + tap * dilation - padding, at) for tap in range(kernel) for at in range(window.out)]
    wanted = {(tap, place, at) for tap, place, at in seen if 0 <= place < size}
    found = set()
    for (tap,), (_, source), (_, target) in reaches((window,)):
        pairs = zip(range(size)[source], range(window.out)[target], strict=True)
        found |= {(tap, place, at) for place, at in pairs}
    assert found == wanted
    last = (window.out - 1) * stride + dilation * (kernel - 1) - padding
    assert last < size + padding <= last + stride


@given(sizes, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
@settings(derandomize=True, deadline=None)
def test_same_keeps_the_places_and_fills_up_behind(size: int, kernel: int, stride: int, dilation: int) -> None:
    (window,) = windows_of(MaxPool(size=1), (size,), kernel, stride, dilation, "same")
    assert window.out == -(-size // stride)
    span = dilation * (kernel - 1) + 1
    whole = max(0, (window.out - 1) * stride + span - size)
    assert window == Window(size, kernel, stride, dilation, whole // 2, window.out)
