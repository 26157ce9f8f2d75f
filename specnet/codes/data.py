"""SN5xx: the data that a run reads."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN501": code(
        "a data file cannot be read",
        """
        The file is not there, is a folder or no regular file, or may not be read; the message has the words of the
        system. Or it is damaged: packed data ends too early, or an array declares another size than it has. A relative
        path starts at the folder of the spec, wherever the command runs. `validate` reads no data and does not see
        this.
        """,
        situation="""
        `path = "rows.csv"` in `[dataset]`, where the file lies in `data/`: write `path = "data/rows.csv"`.
        """,
    ),
    "SN502": code(
        "a data file is not UTF-8",
        """
        No other encoding is guessed, because a wrong guess changes names in silence. The finding tells the byte, its
        offset and its row. Save the file as UTF-8; a byte order mark may stand before it. Or say what it is written in:
        `encoding` of a `csv` dataset takes `utf-16`, `cp1252` (Windows) and other character sets, and is as strict.
        """,
        situation="A CSV file with accents that a spreadsheet has exported as Windows-1252.",
    ),
    "SN503": code(
        "a header that does not name the columns",
        """
        The first line of a CSV file names its columns, since a spec speaks of columns by name. There is no such line,
        or a name in it is empty or stands twice. Give each column a name of its own.
        """,
        situation="A file that begins with an empty line, or with `a,b,a`.",
    ),
    "SN504": code(
        "a column that the file does not have",
        """
        An item of `inputs` or `targets` is not in the header. Names are exact, with their case and spaces. The help has
        the nearest name, or all of them, and says so when the cells are parted by something else than commas.
        """,
        situation='`inputs = ["ages"]` for a file with the header `age,income`.',
    ),
    "SN505": code(
        "a data file without rows",
        """
        There is a header and nothing below it, so there is nothing to learn from. Perhaps the program that writes the
        file has found nothing to export, or has been stopped.
        """,
        situation="A file with the one line `a,b,y`.",
    ),
    "SN506": code(
        "a row of another width than the header",
        """
        A row has a cell too many or too few, so that its numbers may stand in the wrong columns. Most often a comma
        stands within a cell, which then is quoted, or a line was cut off. Empty lines may only end the file. Arrays
        whose rows are not equally many, and images of another size than the spec says, are such rows as well.
        """,
        situation="The row `1,2` below the header `a,b,y`.",
    ),
    "SN507": code(
        "a cell that its column cannot take",
        """
        A cell holds something else than its column can be: no number in a column of numbers (`decimal`, `thousands`
        and `missing` of the dataset say how they are written), no listed category, no date. An empty cell is refused
        too, unless `missing` of its column says what is done about it; no value is made up for a gap in silence.
        """,
        situation="The cell `n/a` in a column of `inputs`.",
    ),
    "SN508": code(
        "this is not CSV",
        """
        A quotation mark is not closed, or text stands behind a closed one; or a row holds the character NUL, as UTF-16
        and binary files do. An open quotation mark takes in what follows, so the fault may be well above the end of
        the file. Inside a quoted cell a quotation mark is written twice.
        """,
        situation='The row `"a,1` in a file in which no later cell closes it.',
    ),
    "SN510": code(
        "numbers too large to train on",
        """
        The mean or the spread of a column, or a value in the dtype of the engine, is beyond what floating point holds;
        it would become infinity, and then every weight. Look for a wrong unit or a marker such as 1e308 for "unknown";
        float32 ends at about 3.4e38.
        """,
        situation='An unscaled column with 1e300, and `engine = { type = "numpy", dtype = "float32" }`.',
    ),
    "SN511": code(
        "a dataset that loads something else than it planned",
        """
        A dataset says before it reads which columns there are, and the net is planned for these. What it then loaded
        has other names or another shape. This is a fault of the plugin that the dataset comes from;
        `specnet.testing.check_dataset` shows it to its author.
        """,
        situation="A dataset whose `plan()` names two inputs and whose `load()` returns three.",
    ),
    "SN512": code(
        "a part of the split would be empty",
        """
        A fraction of the rows that is greater than 0 comes to no row at all, or no cell of the column of the split
        names a part that must be there, and nothing could be trained on it or measured. The split goes by exact
        counts, rounded half up. Take more rows, a larger fraction, or 0 for a part that is not wanted.
        """,
        example="""
        [split]
        train = 0.999
        test = 0.001
        """,
        better="""
        [split]
        train = 0.9
        test = 0.1
        """,
    ),
    "SN513": code(
        "the data has changed since the run",
        """
        `evaluate` measures a run on its own rows, and the digest of the file is no longer the one that the run has
        recorded. Numbers of other rows would not be comparable. Bring the file back as it was, or run the spec again.
        """,
        situation="A row is added to the CSV file of a run; then `specnet evaluate RUN`.",
    ),
    "SN518": code(
        "targets that the loss does not take",
        """
        A loss of classes takes probabilities: numbers from 0 to 1, in rows that sum to 1 where classes exclude each
        other; others have bounds of their own. A row of the data has something else. Look at the row that is named.
        """,
        situation="A target 2 in the data of a spec whose loss is `binary_cross_entropy`.",
    ),
    "SN521": code(
        "weights of rows that cannot be used",
        """
        Rows with weights are counted as sum(w l) / sum(w) in the loss. That needs a loss which is a mean of losses of
        single rows, as all built-in ones are; and in each part of the split a row whose weight is above 0.
        """,
        situation="A dataset whose rows all have the weight 0.",
    ),
    "SN519": code(
        "numbers that a layer of whole numbers cannot read",
        """
        An `embedding` has a row for each whole number from 0 to one less than its categories, and nothing for another.
        The first batch that has one ends the run. Count the categories, or number them from 0.
        """,
        situation="""
        Months from 1 to 12 in the data of an `embedding` with `categories = 12`: subtract 1, or write 13.
        """,
    ),
    "SN543": code(
        "arrays that cannot be trained on",
        """
        `specnet.run(spec, data=(X, y))` takes X with rows and columns, and y with as many rows, both of finite numbers:
        lists, arrays and dataframes whose columns are numbers; and perhaps a weight for each row, from 0 on. The
        message says what is there instead.
        """,
        situation="`specnet.run(spec, data=(X, y))`, where y has one row less than X.",
    ),
    "SN544": code(
        "rows that were in a program",
        """
        The run was made with `specnet.run(spec, data=(X, y))`, whose rows no file holds. It can be shown and predicts;
        what needs its rows again, such as `evaluate`, `resume` and `export`, cannot be had from the command line.
        """,
        situation="`specnet evaluate RUN` for a run that a program has made of two arrays.",
    ),
    "SN514": code(
        "a number that its scaler cannot take",
        """
        A scaler such as `log1p` is a formula that only some numbers have a value of; the data has one beyond them, in
        the training rows or in others. Take another scaler for the column, or look at what the number means.
        """,
        situation='The number -3 in a column with `scaler = "log1p"`, which takes what is greater than -1.',
    ),
    "SN515": code(
        "a gap that nothing is known for",
        """
        `missing = "mean"` and `missing = "median"` fill the empty cells of a column by its training rows, and in all
        of these the column is empty. Leave the column out, or say the number that stands for a gap.
        """,
        situation='A column that is empty in every training row, with `missing = "median"`.',
    ),
}
"""The codes of the data."""
