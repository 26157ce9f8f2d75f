"""SN1xx: keys, types and ranges, in the file and on the command line."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN101": code(
        "there are more faults than are told",
        """
        A report tells the first 200 faults of a file and the number of the rest. So many have one cause as a rule: the
        file is no spec, or a table has another place. Mend what is told, and look again.
        """,
        situation="`specnet validate` of a file with a thousand keys that no spec has.",
    ),
    "SN102": code(
        "a key that is unknown here",
        """
        A key that nobody reads would be a setting without effect, so each table is closed. The help names the key that
        is probably meant, or those that may stand here; `specnet validate` goes on as if the meant one stood there.
        docs/reference.md has every key.
        """,
        example="""
        [training]
        epochs = 20
        batchsize = 8
        """,
        better="""
        [training]
        epochs = 20
        batch_size = 8
        """,
    ),
    "SN103": code(
        "a key is missing",
        """
        What has no sensible default must be said: which data, which layers, which loss, how long. A component may ask
        for keys of its own, such as the units of a dense layer. Write the key; docs/reference.md says which are
        required and what they take.
        """,
        example="""
        [training]
        batch_size = 8
        """,
        better="""
        [training]
        epochs = 20
        batch_size = 8
        """,
    ),
    "SN104": code(
        "a value of the wrong type",
        """
        Types are strict: true is no integer, "0.01" is no number, 4.0 is no integer. Only an integer is taken where
        any number will do. What is converted in silence hides a slip. Write the value as the message says; on the
        command line, `--set` reads text as the type of its place.
        """,
        example="""
        [optimizer]
        type = "gradient_descent"
        learning_rate = "0.01"
        """,
        better="""
        [optimizer]
        type = "gradient_descent"
        learning_rate = 0.01
        """,
    ),
    "SN105": code(
        "a number out of its range",
        """
        The number has the right type, but no such training, layer or dataset can be: no epochs, a negative seed, a
        learning rate of 0. An explicit 0 is never taken for "not said". The message gives the bound.
        """,
        example="""
        [training]
        epochs = 0
        """,
        better="""
        [training]
        epochs = 20
        """,
    ),
    "SN106": code(
        "a number that is not finite",
        """
        inf and nan are TOML, but no setting means them, and one of them spoils every number that it meets. An integer
        beyond the range of float64, about 1.8e308, is refused for the same reason. Write a finite number, or leave the
        key out where it has a default.
        """,
        example="""
        [optimizer]
        type = "gradient_descent"
        learning_rate = inf
        """,
        better="""
        [optimizer]
        type = "gradient_descent"
        learning_rate = 0.01
        """,
    ),
    "SN107": code(
        "a value that is not among the choices",
        """
        The key takes one of a few words or numbers, and the message lists them; they are exact, with their case. For
        `format` the choice is the version of the spec format that this specnet reads.
        """,
        example="""
        [loss]
        type = "mse"
        convention = "average"
        """,
        better="""
        [loss]
        type = "mse"
        convention = "mean"
        """,
    ),
    "SN108": code(
        "a value that breaks a rule of its table",
        """
        Type and range are right, but the value does not go with the rest: fractions that do not sum up to 1, a min
        above its max, a list that is too short, a name that no file could have. The message states the rule.
        """,
        example="""
        [split]
        train = 0.7
        test = 0.2
        """,
        better="""
        [split]
        train = 0.7
        validation = 0.1
        test = 0.2
        """,
    ),
    "SN109": code(
        "--set leads nowhere",
        """
        The path goes to an item that the list does not have, or below a plain value. Items are counted from 0, and
        `--set` changes items but adds none. A key that is merely unknown is SN102, as in a file.
        """,
        situation="`specnet run small.toml --set layers.7.units=16`, where the spec has two layers.",
    ),
    "SN110": code(
        "--set without path=value",
        """
        The option takes the dotted path of a value, `=`, and the value, in one word for the shell. Quote it when it has
        spaces or brackets. Everything behind the first `=` is the value.
        """,
        situation="`specnet run small.toml --set training.epochs 100`, with a space for the `=`.",
    ),
    "SN111": code(
        "--output that cannot be done",
        """
        There is no such format, its file has no name, two outputs go to one file, or a document for programs shares
        standard output with something else, which no program could read. Give each its own file:
        `--output sarif:FILE`.
        """,
        situation="`specnet validate specs --output sarf:report.sarif`, where `sarif` is meant.",
    ),
    "SN112": code(
        "--stdin-filename without standard input",
        """
        The option gives a name to what is read from standard input, and that is read for the path `-` alone. Add `-` to
        the paths, or leave the option out.
        """,
        situation="`specnet validate specs --stdin-filename small.toml`",
    ),
    "SN113": code(
        "--check and --output at once",
        """
        `specnet schema --check FILE` compares and writes nothing; `--output FILE` writes. What both together would mean
        is not clear, so it is not guessed. Call it once for each.
        """,
        situation="`specnet schema --check old.json --output new.json`",
    ),
    "SN114": code(
        "specnet explain cannot tell what is asked",
        """
        No finding has this code, or `--all` stands beside single codes. A code is SN and three digits; the first digit
        is its family. `specnet explain` alone lists all of them.
        """,
        situation="`specnet explain SN999`",
    ),
    "SN115": code(
        "this is no code and no beginning of one",
        """
        `--select` and `--ignore` take codes such as SN102, or their beginnings: SN4 stands for all that begin so.
        Several are parted by commas, or the option is repeated. A word that is no code would select nothing in silence.
        """,
        situation="`specnet validate small.toml --select shape`",
    ),
    "SN116": code(
        "standard input cannot be fixed",
        """
        `--fix` writes into the files that it has read, and standard input is none. `--diff` prints what would change,
        as a patch; an editor can apply that to what it holds.
        """,
        situation="`specnet validate - --fix`",
    ),
}
"""Every code of this family."""
