"""Layers of sequences: they read (rows, time, features), and what they need is in `specnet.api`."""

from __future__ import annotations

from specnet.api import Component, hookimpl
from specnet_sequence.attention import MultiHeadAttention
from specnet_sequence.cells import Gru, Lstm, SimpleRnn
from specnet_sequence.encoding import PositionalEncoding
from specnet_sequence.transformer import TransformerBlock

SPECNET_API = 1


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The layers of this plugin."""
    return [Gru, Lstm, MultiHeadAttention, PositionalEncoding, SimpleRnn, TransformerBlock]
