from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from specnet_sequence import specnet_components
from specnet_sequence.attention import MultiHeadAttention
from specnet_sequence.cells import Gru, Lstm, SimpleRnn
from specnet_sequence.encoding import PositionalEncoding
from specnet_sequence.transformer import TransformerBlock

from specnet.api import Layer, ShapeError
from specnet.testing import check_layer, contract_tests, failures
from specnet.testing.numbers import context, generator

CELLS: list[type[Any]] = [Gru, Lstm, SimpleRnn]

# What is refused


@pytest.mark.parametrize(
    ("layer", "shapes", "says"),
    [
        (Lstm(units=2), ((4,),), "lstm reads rows of shape (time, features), not (4,): reshape or embed them"),
        (Gru(units=2), ((4, 3, 2),), "gru reads rows of shape (time, features), not (4, 3, 2): reshape or embed them"),
        (
            SimpleRnn(units=2),
            ((4, 3), (4,)),
            "simple_rnn reads one input, not 2: only with `padding` it reads a second",
        ),
        (
            Lstm(units=2, padding=0.0),
            ((4, 3), (5,)),
            "what marks the padding of lstm has 4 times as its first axis, not (5,)",
        ),
        (
            Lstm(units=2, padding=0.0),
            ((4, 3), (4,), (4,)),
            "lstm reads a sequence and what marks its padding, not 3 inputs",
        ),
        (
            MultiHeadAttention(heads=2),
            ((4, 3),),
            "multi_head_attention shares 3 features among 2 heads: say head_size",
        ),
        (TransformerBlock(heads=1, hidden=2), ((4,),), "transformer_block reads rows of shape (time, features)"),
        (TransformerBlock(heads=1, hidden=2), ((4, 1),), "layer_norm needs two numbers or more in the last axis"),
        (PositionalEncoding(), ((4, 3), (4, 3)), "positional_encoding reads one input, not 2"),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit(layer: Layer, shapes: Any, says: str) -> None:
    with pytest.raises(ShapeError) as caught:
        layer.plan(shapes)
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize(
    ("cls", "table"),
    [
        *((cls, {"units": 0}) for cls in CELLS),
        (MultiHeadAttention, {"heads": 0}),
        (MultiHeadAttention, {"heads": 1, "head_size": 0}),
        (PositionalEncoding, {"base": 1.0}),
        (TransformerBlock, {"heads": 1, "hidden": 0}),
        (TransformerBlock, {"heads": 1, "hidden": 1, "dropout": 1.0}),
        (TransformerBlock, {"heads": 1, "hidden": 1, "norm": "both"}),
    ],
)
def test_numbers_out_of_range(cls: type[Layer], table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        cls.model_validate(table)


# The contract, beyond the defaults

test_contract = contract_tests("sequence")
SEQUENCE, MARKS = (4, 2), (4,)


@pytest.mark.parametrize(
    "layer",
    [
        *(cls(units=2, bidirectional=True, return_sequences=True) for cls in CELLS),
        *(cls(units=2, padding=0.0, bidirectional=True) for cls in CELLS),
        MultiHeadAttention(heads=3, head_size=2, causal=True, padding=0.0),
        TransformerBlock(heads=2, hidden=3, norm="after", causal=True),
        TransformerBlock(heads=1, hidden=3, padding=0.0, dropout=0.3),
    ],
    ids=str,
)
def test_it_keeps_the_contract(layer: Layer) -> None:
    shapes: list[Any] = [(SEQUENCE,)] if getattr(layer, "padding", None) is None else [(SEQUENCE,), (SEQUENCE, MARKS)]
    assert failures(check_layer(layer, *shapes)) == []


# Laws


def through(layer: Layer, *inputs: Any) -> Any:
    planned = layer.plan(tuple(x.shape[1:] for x in inputs))
    params = {p.name: generator(5, k).normal(size=p.shape) for k, p in enumerate(planned.params)}
    return layer.forward(context(training=False), params, *inputs)[0]


@settings(derandomize=True, max_examples=25)
@given(seed=st.integers(0, 99), t=st.integers(1, 4))
def test_what_is_causal_knows_nothing_of_the_future(seed: int, t: int) -> None:
    x = generator(seed).normal(size=(3, 5, 4))
    other = x.copy()
    other[:, t:] = generator(seed, 1).normal(size=(3, 5 - t, 4))
    for layer in (
        MultiHeadAttention(heads=2, causal=True),
        TransformerBlock(heads=2, hidden=3, causal=True),
        *(cls(units=2, return_sequences=True) for cls in CELLS),
    ):
        first, second = through(layer, x), through(layer, other)
        np.testing.assert_allclose(first[:, :t], second[:, :t], rtol=1e-12, atol=1e-12)
        assert not np.allclose(first[:, t:], second[:, t:])


@settings(derandomize=True, max_examples=25)
@given(seed=st.integers(0, 99), extra=st.integers(1, 4))
def test_padding_changes_nothing(seed: int, extra: int) -> None:
    x = generator(seed).normal(size=(3, 4, 2))
    padded = np.concatenate([x, np.full((3, extra, 2), -9.0)], axis=1)
    for cls in CELLS:
        layer = cls(units=3, bidirectional=True, padding=-9.0)
        np.testing.assert_allclose(through(layer, padded), through(layer, x), rtol=1e-12)
    for other in (MultiHeadAttention(heads=2, padding=-9.0), TransformerBlock(heads=1, hidden=3, padding=-9.0)):
        np.testing.assert_allclose(through(other, padded)[:, :4], through(other, x), rtol=1e-10, atol=1e-12)


@settings(derandomize=True, max_examples=25)
@given(seed=st.integers(0, 99))
def test_attention_does_not_know_the_order_of_times(seed: int) -> None:
    x, order = generator(seed).normal(size=(3, 5, 4)), generator(seed, 1).permutation(5)
    layer = MultiHeadAttention(heads=2)
    np.testing.assert_allclose(through(layer, x[:, order]), through(layer, x)[:, order], rtol=1e-10, atol=1e-12)


def test_where_all_is_padding_there_is_nothing_to_read() -> None:
    x = np.full((2, 3, 4), -9.0)
    params = {p.name: np.full(p.shape, 0.5) for p in MultiHeadAttention(heads=2).plan((x.shape[1:],)).params}
    gradients = {name: np.empty(value.shape) for name, value in params.items()}
    y, pull = MultiHeadAttention(heads=2, padding=-9.0).forward(context(gradients=gradients), params, x)
    np.testing.assert_array_equal(y, 0.5)
    assert not pull(np.ones(y.shape))[0].any()
    for cls in CELLS:
        assert not through(cls(units=2, padding=-9.0), x).any()


def test_the_forget_gate_is_open_at_first() -> None:
    x = generator(1).normal(size=(2, 3, 2))
    params = {p.name: np.zeros(p.shape) for p in Lstm(units=1).plan((x.shape[1:],)).params}
    params["b"][:] = [0.0, 1.0, 0.5, 0.0]
    with_bias, _ = Lstm(units=1, forget_bias=0.0).forward(context(), params, x)
    params["b"][1] = 0.0
    default, _ = Lstm(units=1).forward(context(), params, x)
    np.testing.assert_allclose(default, with_bias, rtol=1e-15)


def test_the_classes_stand_in_the_order_of_their_names() -> None:
    names = [cls.__name__ for cls in specnet_components()]
    assert names == sorted(names)
