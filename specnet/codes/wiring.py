"""SN4xx: the layers, how they are joined and what shapes they give."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN401": code(
        "a layer cannot take the shapes that it gets",
        """
        Shapes are planned from shapes before any data is read, and each layer says what it can take. The message is
        that of the layer. `specnet plan` shows the shape that each of the layers before it gives.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 3
        inputs = ["inputs", "inputs"]
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 3
        inputs = ["inputs"]
        """,
    ),
    "SN402": code(
        "a layer's name is taken",
        """
        The `inputs` of other layers find a layer by its name, so two cannot share one. The name `inputs` belongs to
        the columns of the dataset. A layer that nobody names needs no name.
        """,
        example="""
        [[layers]]
        type = "dense"
        name = "hidden"
        units = 4

        [[layers]]
        type = "dense"
        name = "hidden"
        units = 3
        """,
        better="""
        [[layers]]
        type = "dense"
        name = "hidden"
        units = 4

        [[layers]]
        type = "dense"
        name = "output"
        units = 3
        """,
    ),
    "SN403": code(
        "a layer reads what there is not",
        """
        The `inputs` of a layer list the names of other layers, or `inputs` for the columns of the dataset, and at least
        one of them. Without `inputs` a layer reads the one before it. Give the layer that is meant a `name`; numbers
        and paths such as layers.0 are no names.
        """,
        example="""
        [[layers]]
        type = "dense"
        name = "hidden"
        units = 4

        [[layers]]
        type = "dense"
        inputs = ["hiden"]
        units = 3
        """,
        better="""
        [[layers]]
        type = "dense"
        name = "hidden"
        units = 4

        [[layers]]
        type = "dense"
        inputs = ["hidden"]
        units = 3
        """,
    ),
    "SN404": code(
        "layers that wait for each other",
        """
        The layers are a graph without circles: each is computed from others that are finished, and here each waits
        for the next. A layer without `inputs` waits for the one before it. Take one of the named edges out.
        """,
        example="""
        [[layers]]
        type = "dense"
        name = "first"
        inputs = ["second"]
        units = 4

        [[layers]]
        type = "dense"
        name = "second"
        inputs = ["first"]
        units = 3
        """,
        better="""
        [[layers]]
        type = "dense"
        name = "first"
        inputs = ["inputs"]
        units = 4

        [[layers]]
        type = "dense"
        name = "second"
        inputs = ["first"]
        units = 3
        """,
    ),
    "SN405": code(
        "the net has another end than its last layer",
        """
        The last layer of the file gives the predictions. A layer that nothing reads would be computed for nothing, and
        a last layer that another reads would not be the end. Name the layer in the `inputs` of another, take it out,
        or move the output to the end of the file.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 4

        [[layers]]
        type = "dense"
        inputs = ["inputs"]
        units = 3
        """,
        better="""
        [[layers]]
        type = "dense"
        name = "hidden"
        units = 4

        [[layers]]
        type = "dense"
        inputs = ["hidden"]
        units = 3
        """,
    ),
    "SN406": code(
        "the output does not fit the targets",
        """
        The loss compares the last layer with the targets number by number, so it gives as many in a row as the dataset
        has target columns. Set the `units` of the last layer to that number; the message lists the columns.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 2
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 3
        """,
    ),
    "SN411": code(
        "more numbers than an array holds",
        """
        The parameters of a net, or the rows of a dataset, stand in arrays, and no array counts this far: it is a
        matter of addresses, not of this machine's memory (that is SN416). Most likely a number has too many digits.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 1_000_000_000_000_000_000

        [[layers]]
        type = "dense"
        units = 3
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 10

        [[layers]]
        type = "dense"
        units = 3
        """,
    ),
    "SN425": code(
        "inputs that a layer of whole numbers cannot read",
        """
        An `embedding` looks its inputs up as they stand: they are whole numbers from 0 to one less than its categories.
        Scaled inputs are none, and a row to predict may have others. What the rows of the data have is seen when they
        are read (SN519).
        """,
        example="""
        [dataset]
        type = "csv"
        path = "tones.csv"
        inputs = ["first", "second"]
        targets = ["third"]

        [[layers]]
        type = "embedding"
        categories = 12
        units = 3

        [[layers]]
        type = "flatten"

        [[layers]]
        type = "dense"
        units = 1
        """,
        better="""
        [dataset]
        type = "csv"
        path = "tones.csv"
        inputs = ["first", "second"]
        targets = ["third"]

        [scaling]
        targets = "standardize"

        [[layers]]
        type = "embedding"
        categories = 12
        units = 3

        [[layers]]
        type = "flatten"

        [[layers]]
        type = "dense"
        units = 1
        """,
    ),
}
"""The codes of the wiring."""
