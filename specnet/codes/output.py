"""SN4xx: what comes out of the net, and what losses and metrics take it for."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN412": code(
        "what a loss or metric applies is applied already",
        """
        With `from_logits = true` a loss puts the predictions through a sigmoid or a softmax itself. The last layer has
        done so, and done twice it flattens every answer. Take one of the two away: the activation or layer, or
        `from_logits = false`.
        """,
        example="""
        scaling = { inputs = "standardize" }
        loss = { type = "binary_cross_entropy", from_logits = true }

        [[layers]]
        type = "dense"
        units = 3
        activation = "sigmoid"
        """,
        better="""
        scaling = { inputs = "standardize" }
        loss = { type = "binary_cross_entropy", from_logits = false }

        [[layers]]
        type = "dense"
        units = 3
        activation = "sigmoid"
        """,
    ),
    "SN417": code(
        "a distribution over one unit",
        """
        A softmax makes the numbers of a row sum to 1. Over one number it is always 1, whatever the net has learned.
        Write a unit for each class, or for one of two classes a sigmoid.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 1

        [[layers]]
        type = "softmax"

        [[layers]]
        type = "dense"
        units = 3
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 2

        [[layers]]
        type = "softmax"

        [[layers]]
        type = "dense"
        units = 3
        """,
    ),
    "SN418": code(
        "a loss or metric that the last layer is not made for",
        """
        With `from_logits = false` a loss takes logarithms of probabilities, and the last layer gives numbers of any
        size. Let the loss make them, with `from_logits = true`, or end the net with a sigmoid or a softmax.
        """,
        example="""
        scaling = { inputs = "standardize" }
        loss = { type = "binary_cross_entropy", from_logits = false }
        """,
        better="""
        scaling = { inputs = "standardize" }
        loss = { type = "binary_cross_entropy", from_logits = true }
        """,
    ),
    "SN419": code(
        "targets or outputs that a loss or metric cannot take",
        """
        A loss of classes takes targets for what they are, from 0 to 1, and scaled ones are something else; it may need
        an output for each class, and a metric of one class of two a threshold. The message says which it is.
        """,
        example="""
        loss = { type = "binary_cross_entropy", from_logits = true }
        """,
        better="""
        scaling = { inputs = "standardize" }
        loss = { type = "binary_cross_entropy", from_logits = true }
        """,
    ),
}
"""The codes of outputs, losses and metrics."""
