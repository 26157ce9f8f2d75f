"""SN560 to SN565: how rows are parted by columns, groups, times and files."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN560": code(
        "a split by a column that cannot part the rows",
        """
        `stratify`, `time` and `column` of `[split]` name a column of the dataset that is read, and that says what they
        need: classes, an order of time, or the texts train, validation and test. A column that is for nothing else is
        one of `dataset.columns` with `type = "text"` and the role id.
        """,
        example="""
        [split]
        stratify = "species"
        """,
        better="""
        [split]
        stratify = "a"
        """,
    ),
    "SN561": code(
        "a split that the dataset does not go with",
        """
        Rows of one group stay together, so that `stratify` and `time` cannot part them; and only a dataset of one file
        can have `validation_path` or `test_path`, another file of the same form.
        """,
        example="""
        [split]
        test_path = "test.csv"
        """,
        better="""
        [split]
        train = 0.7
        test = 0.3
        """,
    ),
    "SN562": code(
        "a class with too few rows",
        """
        With `stratify` each class has its share of each part, to within one row, and a class that has no row in one of
        them could not be learned or measured there. Take more rows of it, larger fractions or fewer folds, or let
        chance decide, without `stratify`.
        """,
        situation='A class of one row in the data of a spec with `[split] stratify = "y"`.',
    ),
    "SN563": code(
        "fewer groups or times than parts",
        """
        The rows of a group, and those of one time, stay together, and there are fewer of them than parts or folds: one
        would be empty.
        """,
        situation='Data of one day in a spec with `[split] time = "day"`.',
    ),
    "SN564": code(
        "a row that the split cannot place",
        """
        The column by which the rows are parted has a cell with nothing in it, another text than the parts of the split,
        or no time in ISO 8601. Each row must say where it belongs.
        """,
        situation='The text "valid" in a column that says of each row whether it is for train, validation or test.',
    ),
    "SN565": code(
        "a group in two parts",
        """
        A column or files say which rows are for what, and put rows of one group in two parts: the net would be measured
        on what it has seen. Move the rows, or take the role group from the column.
        """,
        situation="A patient with one row for training and one for the test, in a column with the role group.",
    ),
}
