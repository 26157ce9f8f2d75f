"""SN4xx: the rest of the model: what is measured and expected, and what is probably not meant."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN407": code(
        "two metrics with one name",
        """
        Each metric is a column of the history, called by its type; `loss` is there already. Two columns of one name
        could not be told apart by an `[[expect]]` or by whoever reads the file. Name each metric once.
        """,
        example="""
        metrics = ["norm_half_square_error", "norm_half_square_error"]
        """,
        better="""
        metrics = ["norm_half_square_error"]
        """,
    ),
    "SN408": code(
        "a row to predict that has another width than the data",
        """
        Each row of `[[predict]]` has one number for each input column, in the order of the columns and in the units of
        the data. The message says how many there are, and their names.
        """,
        example="""
        [[predict]]
        inputs = [[30, 70], [3, 5, 8]]
        """,
        better="""
        [[predict]]
        inputs = [[30, 70], [3, 5]]
        """,
    ),
    "SN409": code(
        "an expectation of a metric that nobody measures",
        """
        The metric of an `[[expect]]` is a column of the history: a part of the split, a dot, and `loss` or one of the
        `metrics`. A part with the fraction 0 is not measured. The help names the nearest, or lists them.
        """,
        example="""
        [[expect]]
        metric = "loss"
        max = 0.1
        """,
        better="""
        [[expect]]
        metric = "test.loss"
        max = 0.1
        """,
    ),
    "SN410": code(
        "as many parameters as training rows, or more",
        """
        Such a net can learn its rows by heart, and a small training loss says nothing of new rows. Take fewer units, or
        more rows. It is a rule of thumb: `[checks] parameters_vs_rows` makes it an "error" or turns it "off", and
        where it is right to be so, say why in `[[lint.ignore]]`.
        """,
        example="""
        [dataset]
        type = "arithmetic"
        samples = 30
        """,
        better="""
        [dataset]
        type = "arithmetic"
        samples = 300
        """,
        severity="warning",
        ignorable=True,
    ),
    "SN413": code(
        "a bounded output for targets beyond its bounds",
        """
        Scaled targets lie on both sides of 0 and beyond 1, and the activation of the last layer cannot give such
        numbers, however long it is trained. Let the last layer be linear, or leave the targets unscaled when they lie
        within the bounds.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 3
        activation = "sigmoid"
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 3
        activation = "linear"
        """,
        severity="warning",
        ignorable=True,
    ),
    "SN414": code(
        "a batch that is larger than the training rows",
        """
        One batch then holds all training rows, and each epoch is one update: the number says something that does not
        happen. Write "full" when that is meant, or a smaller number. The rows for the test do not count.
        """,
        example="""
        [training]
        epochs = 20
        batch_size = 100
        """,
        better="""
        [training]
        epochs = 20
        batch_size = "full"
        """,
        severity="warning",
        ignorable=True,
    ),
    "SN415": code(
        "a setting without effect",
        """
        What is said changes nothing: a `log_every` beyond the last epoch, or `shuffle = true` where one batch holds all
        rows. A reader would think that it does. Leave it out, or change what keeps it from having an effect.
        """,
        example="""
        [training]
        epochs = 20
        log_every = 50
        """,
        better="""
        [training]
        epochs = 20
        log_every = 5
        """,
        severity="warning",
        ignorable=True,
    ),
    "SN416": code(
        "more memory than this machine has",
        """
        Rows, parameters with what the optimizer keeps of them, and one batch on its way there and back are estimated
        together, and the sum is beyond the memory that is built in. Training would crawl or end with SN540. The help
        says what most of it is for; float32 halves it.
        """,
        example="""
        [dataset]
        type = "arithmetic"
        samples = 1_000_000_000_000
        """,
        better="""
        [dataset]
        type = "arithmetic"
        samples = 10_000
        """,
        severity="warning",
        ignorable=True,
    ),
    "SN420": code(
        "an expectation that no training can meet",
        """
        The number of parameters and the shape of the output are known before training, and no run has more epochs than
        `[training]` gives it. The expectation would fail each time, after all the work. Change the net, or what is
        expected of it.
        """,
        example="""
        [[expect]]
        parameters = 30
        """,
        better="""
        [[expect]]
        parameters = 27
        """,
    ),
    "SN421": code(
        "something watches what is not measured",
        """
        The metric of `[early_stopping]`, or of a schedule such as `reduce_on_plateau`, is a column of the history, by
        default `validation.loss`, and for that there must be validation rows. Give them a part of the split, or watch
        another metric; watching the test rows would spoil them as a test.
        """,
        example="""
        [early_stopping]
        patience = 5
        """,
        better="""
        [split]
        train = 0.7
        validation = 0.1
        test = 0.2

        [early_stopping]
        patience = 5
        """,
    ),
    "SN422": code(
        "this cannot be ignored",
        """
        `[[lint.ignore]]` silences warnings, each with its reason. An error stays one, because the spec cannot be run,
        and an unknown code would silence nothing. `specnet explain CODE` says whether it can be ignored.
        """,
        example="""
        [[lint.ignore]]
        code = "SN406"
        reason = "it should train all the same"
        """,
        better="""
        [[lint.ignore]]
        code = "SN410"
        reason = "learning by heart is what it shows"
        """,
    ),
    "SN428": code(
        "the engine cannot run this",
        """
        An engine from a plugin may be made for some nets only: one that compiles formulas cannot compile all that
        Python can do, and one for small nets has a limit. It says so before training, and the finding names the
        component and, where it is code that stands in the way, the line. Take another engine, or another component.
        """,
        situation="a spec whose `[engine]` refuses a layer of it",
    ),
}
"""The codes of the model beside its wiring."""
