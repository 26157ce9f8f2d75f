"""SN5xx: training, and what is asked of the verbs that train and measure."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN509": code(
        "a tracker has failed",
        """
        A plugin that is told of the run has raised an error in one of its hooks. It is not called again, and the run
        goes on as if it had not been asked for: a tracker never costs a result. The message has its error; tell its
        author, or what it connects to.
        """,
        situation="`specnet run small.toml --track acme`, while the server of the tracker is down.",
        severity="warning",
    ),
    "SN520": code(
        "training has diverged",
        """
        The loss, a gradient or a weight became NaN or infinite, and no later step can repair it. Training stops in that
        batch, the run keeps the last finite weights, and the exit code is 4. The message names what was first not
        finite, and the norms of the last gradients; the help has the scale of the rows and the learning rate below
        which gradient descent would have been stable at first. Try a smaller one, and scaled inputs and targets.
        """,
        example="""
        [optimizer]
        type = "gradient_descent"
        learning_rate = 1e9
        """,
        better="""
        [optimizer]
        type = "gradient_descent"
        learning_rate = 0.01
        """,
    ),
    "SN530": code(
        "rows that cannot be predicted",
        """
        `--rows`, or the argument of `Run.predict`, is a list of rows with a cell for each input column, in the units of
        the data; from Python also columns by name. The message says what is there instead; `specnet show RUN` shows
        what the run was trained on. For a shell, the JSON stands in single quotes.
        """,
        situation="`specnet predict RUN --rows '[[30]]'` for a run with two inputs.",
    ),
    "SN532": code(
        "a part of the split without rows",
        """
        The run has no rows of the part that is to be measured: its spec gives it the fraction 0. Measure another part
        with `--split`, or train with a `[split]` that leaves rows for it.
        """,
        situation="`specnet evaluate RUN --split validation` for a run without validation rows.",
    ),
    "SN534": code(
        "a column of the result that is there already",
        """
        The columns of the data are passed through to the result, and one of them has the name of a prediction, as a
        result of `specnet predict` has. Nothing is renamed or replaced in silence: rename the column in the data, or
        leave its columns out with `--only-predictions`. Two categories of different targets may make one name, too.
        """,
        situation="`specnet predict RUN out.csv`, where `out.csv` is what `specnet predict RUN new.csv` has written.",
    ),
    "SN535": code(
        "options of predict or evaluate that do not go together",
        """
        `predict` takes a file or `--rows`, each with options of its own, and `evaluate` a file or a part of the run's
        own data; .npy and .npz files are not written to standard output, since their first bytes tell how many rows
        follow. Nothing has been read or written.
        """,
        situation="`specnet predict RUN new.csv --rows '[[1, 2]]'`",
    ),
    "SN536": code(
        "an array of another width than the inputs",
        """
        Columns are found by name. A .npy file, or one matrix in an .npz file, has none: it is taken by position, and
        then its columns must be the inputs, all of them and nothing else. Give these, or an .npz file with one array
        for each input under its name.
        """,
        situation="A .npy file of three columns for a run with two inputs.",
    ),
    "SN537": code(
        "rows that cannot be told apart by this column",
        """
        `evaluate --by` measures the rows of each value of a column. The data has no such column, or nearly every row
        has a value of its own in it. Name a column of groups.
        """,
        situation="`specnet evaluate RUN --by c`, where the data has the columns a and b.",
    ),
    "SN541": code(
        "a run that cannot be exported",
        """
        A component of the spec does not say what it does in a way that can be written elsewhere: a layer of a plugin
        without a `formula`, a method that uses what only its module has, or something that the other form has no words
        for. The message names it. Export to another form, or tell the author of the plugin.
        """,
        situation="`specnet export RUN --to numpy` for a net with a layer of a plugin that has no `formula`.",
    ),
    "SN542": code(
        "an export that does not predict as the run",
        """
        Before an export is there, it predicts the test rows by itself; it must run, and give what the run gives within
        1e-12 of the largest prediction, or 1e-6 where the engine has float32. This one did not, and nothing was
        written. That is a fault of the exporter or of a component, not of the spec: please report it.
        """,
        situation="An exporter of a plugin that forgets to undo the scaling of the targets.",
    ),
    "SN540": code(
        "there is not enough memory",
        """
        The system has refused memory that training needs. `specnet plan` estimates how much that is and for what; SN416
        warns of it beforehand. Take smaller batches, fewer rows or units, or
        `engine = { type = "numpy", dtype = "float32" }`.
        """,
        situation="A dataset with samples = 10_000_000_000_000.",
    ),
    "SN550": code(
        "specnet test finds no spec",
        """
        A path is not there or cannot be read, no file in the folder looks like a spec, or none has the text of `-k` in
        its name. Nothing was tested, and that must not look like success. Hidden folders and run directories are passed
        over.
        """,
        situation="`specnet test spec`, where the folder is called specs.",
    ),
    "SN551": code(
        "specnet test could not keep its results",
        """
        `--keep` makes a new folder and never mixes runs into one that is there; `--junit` writes a file into a folder
        that is there. This is asked before the training, so that no work is lost. Name another folder or file.
        """,
        situation="`specnet test specs --keep runs`, where runs exists.",
    ),
    "SN552": code(
        "specnet resolve cannot write the spec so",
        """
        `-o` takes a .toml or a .json file, which goes with `--format`, and never the spec that is read. TOML has no
        null: where a component takes null for something else than leaving the key out, `--format json` can say it.
        """,
        situation="`specnet resolve small.toml -o small.toml`",
    ),
    "SN553": code(
        "what specnet resume is asked for makes no sense",
        """
        `--epochs` is the number of epochs in all, the trained ones included, and must be more than the run has or is to
        have already. From Python, `allow_change` takes the names that the message lists.
        """,
        situation="`specnet resume RUN --epochs 10` for a run of 10 epochs.",
    ),
    "SN554": code(
        "specnet runs is asked for what no run has",
        """
        The folder is not there, or holds no run, or none of the runs has the metric or the column that is to be shown
        or sorted by. `specnet runs list` shows what there is; names are `test.loss`, `train.r2` and so on.
        """,
        situation="`specnet runs list out --sort test.los`",
    ),
}
"""The codes of training and of its verbs."""
