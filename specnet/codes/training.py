"""SN4xx: what the training of a spec has too little of."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN423": code(
        "the training is too short for a schedule",
        """
        A schedule that warms up, or that has phases, needs time for each of them, and the epochs or steps of this
        training are used up before. The value would never be what the schedule is there for. Shorten the phase, or
        train longer.
        """,
        example="""
        [optimizer]
        type = "gradient_descent"

        [optimizer.learning_rate]
        type = "linear_warmup"
        length = 50
        then = { type = "constant", value = 0.01 }
        """,
        better="""
        [optimizer]
        type = "gradient_descent"

        [optimizer.learning_rate]
        type = "linear_warmup"
        length = 5
        then = { type = "constant", value = 0.01 }
        """,
    ),
    "SN424": code(
        "a training batch has too few rows for a layer",
        """
        A layer such as `batch_norm` measures the rows of each batch while the net is trained, and one row has no
        variance. The last batch of an epoch has the rows that are left, so that 5 rows in batches of 2 end with one
        row. Take another batch_size, or another number of rows; outside training any number will do.
        """,
        example="""
        [[layers]]
        type = "batch_norm"

        [[layers]]
        type = "dense"
        units = 3

        [training]
        epochs = 20
        batch_size = 3
        """,
        better="""
        [[layers]]
        type = "batch_norm"

        [[layers]]
        type = "dense"
        units = 3

        [training]
        epochs = 20
        batch_size = 4
        """,
    ),
}
"""The codes of the length of a training, in steps and in rows."""
