"""Writes layers.json: outputs and gradients of layers of sequences by PyTorch in float64.

pip install torch==2.13.0 numpy && python tests/reference/layers.py

Whole layers are PyTorch's own, nn.RNN to nn.TransformerEncoderLayer; those with padding that give only the last state
read packed sequences. PyTorch gives nothing for the padding within a sequence, so that those which give all states go
through nn.RNNCell, nn.LSTMCell and nn.GRUCell time by time. The encoding is the formula of the paper.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

DRAW = torch.Generator().manual_seed(20_261_125)
ROWS, TIME, FEATURES, UNITS = 4, 5, 3, 2
LENGTHS = [5, 2, 1, 4]
PADDING = -7.0


def draw(*shape: int) -> Any:
    return torch.randn(*shape, generator=DRAW, dtype=torch.float64)


def recurrent(table: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Parameters by the names of specnet, and what goes through the layer of PyTorch with them."""
    kind = {"simple_rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[table["type"]]
    ends = ["", "_reverse"] if table.get("bidirectional") else [""]
    torch_layer = kind(FEATURES, UNITS, batch_first=True, bidirectional=len(ends) == 2).double()
    if table.get("activation") == "relu":
        torch_layer = nn.RNN(FEATURES, UNITS, nonlinearity="relu", batch_first=True).double()
    tall = torch_layer.weight_ih_l0.shape[0]
    params: dict[str, Any] = {}
    for end in ends:
        params |= {f"W{end}": draw(tall, FEATURES), f"U{end}": draw(tall, UNITS), f"b{end}": draw(tall)}
        if table["type"] == "gru":
            params[f"c{end}"] = draw(tall)

    def own() -> dict[str, Any]:
        named: dict[str, Any] = {}
        for end in ends:
            bias = params[f"b{end}"]
            if table["type"] == "lstm":  # PyTorch adds nothing to the forget gate
                bias = bias + torch.cat(
                    [torch.zeros(2), torch.full((2,), table.get("forget_bias", 1.0)), torch.zeros(4)]
                )
            zeros = torch.zeros(tall, dtype=torch.float64)
            named |= {f"weight_ih_l0{end}": params[f"W{end}"], f"weight_hh_l0{end}": params[f"U{end}"]}
            named |= {f"bias_ih_l0{end}": bias, f"bias_hh_l0{end}": params.get(f"c{end}", zeros)}
        return named

    def forward(x: Any, *_: Any) -> Any:
        if "padding" in table and table.get("return_sequences"):
            return by_cells(table["type"], own(), x)
        given = x
        if "padding" in table:
            given = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(LENGTHS), True, enforce_sorted=False)
        states, last = torch.func.functional_call(torch_layer, own(), (given,))
        if table.get("return_sequences"):
            return states
        return torch.cat(list(last[0] if table["type"] == "lstm" else last), dim=-1)

    return params, forward


def by_cells(kind: str, own: dict[str, Any], x: Any) -> Any:
    """All states, forwards, where the state stays at times of padding."""
    cell = {"simple_rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}[kind](FEATURES, UNITS).double()
    weights = {name.removesuffix("_l0"): value for name, value in own.items()}
    state = [torch.zeros(ROWS, UNITS, dtype=torch.float64)] * (2 if kind == "lstm" else 1)
    found = []
    for t in range(TIME):
        given = tuple(state) if kind == "lstm" else state[0]
        after = torch.func.functional_call(cell, weights, (x[:, t], given))
        is_real = torch.tensor([t < length for length in LENGTHS])[:, None]
        new = after if kind == "lstm" else (after,)
        state = [torch.where(is_real, b, a) for a, b in zip(state, new, strict=True)]
        found.append(state[0])
    return torch.stack(found, dim=1)


def attention(table: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    wide = 4
    layer = nn.MultiheadAttention(wide, table["heads"], batch_first=True).double()
    params = {"W": draw(3 * wide, wide), "b": draw(3 * wide), "O": draw(wide, wide), "c": draw(wide)}

    def forward(x: Any, *_: Any) -> Any:
        own = {"in_proj_weight": params["W"], "in_proj_bias": params["b"]}
        own |= {"out_proj.weight": params["O"], "out_proj.bias": params["c"]}
        return torch.func.functional_call(layer, own, (x, x, x), {"need_weights": False, **masks(table)})[0]

    return params, forward


def masks(table: dict[str, Any]) -> dict[str, Any]:
    """What attention does not read."""
    causal = torch.triu(torch.ones(TIME, TIME, dtype=torch.bool), 1) if table.get("causal") else None
    padded = torch.arange(TIME)[None] >= torch.tensor(LENGTHS)[:, None] if "padding" in table else None
    return {"attn_mask": causal, "key_padding_mask": padded}


NAMES = {
    "norm1_g": "norm1.weight",
    "norm1_b": "norm1.bias",
    "attention_W": "self_attn.in_proj_weight",
    "attention_b": "self_attn.in_proj_bias",
    "attention_O": "self_attn.out_proj.weight",
    "attention_c": "self_attn.out_proj.bias",
    "norm2_g": "norm2.weight",
    "norm2_b": "norm2.bias",
    "W1": "linear1.weight",
    "b1": "linear1.bias",
    "W2": "linear2.weight",
    "b2": "linear2.bias",
}


def block(table: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    first, f = table.get("norm", "before") == "before", table.get("activation", "relu")
    made = nn.TransformerEncoderLayer(4, table["heads"], table["hidden"], 0.0, f, batch_first=True, norm_first=first)
    layer = made.double()
    shapes = {name: value.shape for name, value in layer.named_parameters()}
    params = {name: draw(*shapes[theirs]) for name, theirs in NAMES.items()}

    def forward(x: Any, *_: Any) -> Any:
        said = masks(table)
        given = {"src_mask": said["attn_mask"], "src_key_padding_mask": said["key_padding_mask"]}
        return torch.func.functional_call(layer, {NAMES[name]: value for name, value in params.items()}, (x,), given)

    return params, forward


def encoding(table: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    def forward(x: Any) -> Any:
        added = torch.zeros(x.shape[1:], dtype=torch.float64)
        for t in range(x.shape[1]):
            for i in range(x.shape[2]):
                angle = torch.tensor(
                    t / table.get("base", 10_000.0) ** (2 * (i // 2) / x.shape[2]), dtype=torch.float64
                )
                added[t, i] = angle.cos() if i % 2 else angle.sin()
        return x + added

    return {}, forward


CASES: list[dict[str, Any]] = [
    {"type": "simple_rnn"},
    {"type": "simple_rnn", "activation": "relu", "return_sequences": True},
    {"type": "simple_rnn", "bidirectional": True},
    {"type": "simple_rnn", "padding": PADDING, "bidirectional": True},
    {"type": "simple_rnn", "padding": PADDING, "return_sequences": True},
    {"type": "lstm"},
    {"type": "lstm", "forget_bias": 0.0, "return_sequences": True},
    {"type": "lstm", "bidirectional": True, "return_sequences": True},
    {"type": "lstm", "padding": PADDING, "bidirectional": True},
    {"type": "lstm", "padding": PADDING, "return_sequences": True},
    {"type": "gru"},
    {"type": "gru", "return_sequences": True},
    {"type": "gru", "bidirectional": True, "return_sequences": True},
    {"type": "gru", "padding": PADDING, "bidirectional": True},
    {"type": "gru", "padding": PADDING, "return_sequences": True},
    {"type": "multi_head_attention", "heads": 1},
    {"type": "multi_head_attention", "heads": 2, "causal": True},
    {"type": "multi_head_attention", "heads": 4, "padding": PADDING},
    {"type": "multi_head_attention", "heads": 2, "padding": PADDING, "causal": True},
    {"type": "positional_encoding"},
    {"type": "positional_encoding", "base": 50.0},
    {"type": "transformer_block", "heads": 2, "hidden": 6},
    {"type": "transformer_block", "heads": 2, "hidden": 6, "norm": "after", "activation": "gelu"},
    {"type": "transformer_block", "heads": 4, "hidden": 3, "causal": True, "padding": PADDING},
]
MAKERS = {"multi_head_attention": attention, "positional_encoding": encoding, "transformer_block": block}


def measured(table: dict[str, Any]) -> dict[str, Any]:
    """All that went in and came out, there and back."""
    params, forward = MAKERS.get(table["type"], recurrent)(table)
    for value in params.values():
        value.requires_grad_()
    is_recurrent = table["type"] not in MAKERS
    said = {**table, "units": UNITS} if is_recurrent else table
    given = draw(ROWS, TIME, FEATURES if is_recurrent else 4)
    if "padding" in table:
        for row, length in enumerate(LENGTHS):
            given[row, length:] = PADDING
    x = given.requires_grad_()
    y = forward(x)
    dy = draw(*y.shape)
    y.backward(dy)
    return {
        "layer": said,
        "x": x.tolist(),
        "params": {name: value.tolist() for name, value in params.items()},
        "dy": dy.tolist(),
        "y": y.tolist(),
        "dx": x.grad.tolist(),
        "gradients": {name: value.grad.tolist() for name, value in params.items()},
    }


if __name__ == "__main__":
    torch.backends.mha.set_fastpath_enabled(False)
    rows = ",\n  ".join(json.dumps(measured(table)) for table in CASES)
    text = f'{{\n "source": "PyTorch {torch.__version__}, float64",\n "rows": [\n  {rows}\n ]\n}}\n'
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")
