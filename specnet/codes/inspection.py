"""SN57x: what a look at the data makes doubtful of a spec."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN570": code(
        "numbers that look like classes",
        """
        A column of numbers holds only a few whole ones from 0 or 1 on, all of them often, as codes of classes do. A net
        takes numbers for amounts: class 3 lies as far beyond class 2 as that beyond class 1. Where they are names, let
        the column be a category; where they are amounts, ignore the warning with that reason.
        """,
        situation="A column `region` with 1, 2, 3 and 4 in `inputs`; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN571": code(
        "a category that no row has",
        """
        The list of a column has a category that is in no row of the data, so that its input or its output learns
        nothing. Mostly it is a slip of the finger, or the file is a part of a larger one: then ignore the warning and
        say so.
        """,
        situation='`categories = ["blue", "green", "red"]` for a file without `green`; then `specnet check SPEC`.',
        severity="warning",
        ignorable=True,
    ),
    "SN572": code(
        "a constant column",
        """
        A column holds one value in all training rows. As an input it tells nothing, and another value that comes later
        is one that the net was not trained on; as a target there is nothing to learn. A run says it while it scales.
        """,
        situation="A column `year` with 2024 in every row; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN573": code(
        "a column that is mostly empty",
        """
        More than half of the cells of a column are missing, and what `missing` of the column says stands for them: the
        net mostly sees what was made up. Leave the column out, or the rows.
        """,
        situation='A column with values in 3 of 100 rows and `missing = "median"`; then `specnet check SPEC`.',
        severity="warning",
        ignorable=True,
    ),
    "SN574": code(
        "two inputs that say the same",
        """
        One input can be had of another: they are the same, or differ by a factor and a constant, as the same length in
        inches and in centimetres. The second brings no knowledge, only parameters. Leave one of them out.
        """,
        situation="Columns `cm` and `inch` of the same lengths in `inputs`; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN575": code(
        "a class with hardly any rows",
        """
        A class has no training row, or less than a tenth of what it would have if all classes had as many. A net that
        never says so is right nearly always, and accuracy does not show it. More rows, a split that keeps shares, a
        metric such as f1 or a loss such as focal help.
        """,
        situation="A target that is 1 in 2 of 200 rows, with `binary_cross_entropy`; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN576": code(
        "targets that the last layer cannot give",
        """
        The activation of the last layer has bounds, and targets in the units of the net lie beyond, so that their rows
        can never be right. Scale the targets into the bounds, or take a last activation without them.
        """,
        situation="A last layer with `sigmoid` for unscaled prices of 100 and more; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN577": code(
        "an input that is the target",
        """
        In all training rows an input equals a target, or differs from it by a factor and a constant. Mostly it was
        computed from the target, or is known only after it: then the score is perfect, and the net useless. Leave the
        input out.
        """,
        situation="Prices with tax in `inputs`, and prices without in `targets`; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN578": code(
        "rows that are trained on and measured",
        """
        At least one in twenty rows of validation or test stands among the training rows as well, with the same inputs
        and targets. The net has seen the answer, so the score is better than it will be on new rows. Leave the copies
        out, or keep what is repeated in one part.
        """,
        situation="A file whose rows were written twice; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN579": code(
        "a part or a batch of very few rows",
        """
        Validation or test has fewer than ten rows, so that one of them moves the score by a tenth and more; or the last
        batch of an epoch has less than a tenth of the others, and its few rows move the net as much as a whole batch.
        """,
        situation="A file of 20 rows with `test = 0.2`; then `specnet check SPEC`.",
        severity="warning",
        ignorable=True,
    ),
    "SN580": code(
        "a table that no first spec can be made of",
        """
        `specnet init` needs a target that is a column of the table and holds more than one value, at least ten rows,
        and a column besides that differs from row to row. A target of texts is one of classes: fifty at the most.
        """,
        situation="`specnet init houses.csv --target cost` for a file without a column `cost`.",
    ),
    "SN581": code(
        "a spec that init does not write",
        """
        `specnet init` writes TOML, and never over a file that is there: a spec that somebody has changed would be lost.
        Name another file with `-o`, or say `--force`.
        """,
        situation="`specnet init houses.csv --target price -o houses.toml`, twice.",
    ),
}
"""The codes of inspection and of first specs."""
