"""SN2xx: names and plugins."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN201": code(
        "neither a name nor a table, where a component stands",
        """
        A component is written as a table with a `type`, or as its name alone where every default will do:
        `activation = "relu"` is short for `activation = { type = "relu" }`. A number, a list or a truth value names
        nothing.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 3
        activation = true
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 3
        activation = "linear"
        """,
    ),
    "SN202": code(
        "a component without a type",
        """
        The `type` says which component a table is, and so which keys it may have. There is no default: a spec says what
        it uses. The help lists the names that may stand there. A `type` that is no text is refused too.
        """,
        example="""
        [loss]
        convention = "mean"
        """,
        better="""
        [loss]
        type = "mse"
        convention = "mean"
        """,
    ),
    "SN203": code(
        "a name that no component has",
        """
        No built-in component and no installed plugin has the name. Names are exact and mean one thing for ever; what
        others call it is only a hint. The help names the nearest one. `specnet plugins list` shows all names; one of a
        plugin is written `namespace.name`.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 3
        activation = "linaer"
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 3
        activation = "linear"
        """,
    ),
    "SN204": code(
        "a name that several plugins offer",
        """
        A bare name of a third party is accepted when exactly one installed plugin offers it. Here several do, and what
        the spec means would depend on what is installed. Write the name with its namespace; it is always understood.
        """,
        situation='`activation = "snake"`, where the plugins acme and bolt both have a snake: write `acme.snake`.',
    ),
    "SN205": code(
        "a namespace that no plugin has",
        """
        What stands before the dot of a name, or behind `--track`, is the namespace of a plugin, and none that is
        installed has this one. Install it into the same environment; the help says which one was looked into. A
        `requires` in the spec tells others what to install.
        """,
        example="""
        [[layers]]
        type = "dense"
        units = 3
        activation = "acme.snake"
        """,
        better="""
        [[layers]]
        type = "dense"
        units = 3
        activation = "linear"
        """,
    ),
    "SN206": code(
        "a blocked plugin that is not installed",
        """
        `--no-plugin NAME` keeps a plugin from being imported. No installed plugin has this namespace or this
        distribution, so the one that is meant would be imported after all. Check the name with `specnet plugins list`.
        """,
        situation="`specnet --no-plugin acmee run small.toml`, where `acme` is installed.",
    ),
    "SN207": code(
        "a tracker that tracks nothing",
        """
        `--track` and SPECNET_TRACK name plugins that want to be told of a run, and this one has none of the run hooks.
        It may be meant for components alone. `specnet plugins list` says which plugins track runs.
        """,
        situation="`specnet run small.toml --track swish`: the plugin has an activation and no hook of a run.",
    ),
    "SN208": code(
        "there is no plugin at this path",
        """
        `plugins check PATH` takes a Python file, or the folder of a distribution whose `pyproject.toml` has an entry
        point in the group `specnet` and whose module lies in the folder or in `src`. The message says what is missing.
        """,
        situation="`specnet plugins check .` in a folder without a pyproject.toml.",
    ),
    "SN209": code(
        "a name that a new plugin cannot have",
        """
        A namespace is a Python name in small letters, and no plugin that is installed has it; the module that is made
        of it must be free, and so must the folder that it is written into. The message says what is in the way.
        """,
        situation="`specnet plugins new Acme-Nets --kind activation`",
    ),
    "SN210": code(
        "a plugin that cannot be used",
        """
        The plugin is installed, but it is blocked by an option, shares its namespace with another, or failed when it
        was imported; the message says which, with the error. Other plugins go on. Unblock it, uninstall one of the two,
        or tell its author.
        """,
        situation='`activation = "acme.snake"` with `specnet --no-plugins run`.',
    ),
    "SN211": code(
        "a required distribution is missing, or of another version",
        """
        `requires` lists the distributions, with versions, that a spec needs. This environment lacks one, and while it
        does, names that may come from it are not reported. The help has the command that installs it.
        """,
        example="""
        requires = ["specnet-of-nobody>=1.2"]
        """,
        better="""
        requires = ["numpy>=1.26"]
        """,
    ),
    "SN212": code(
        "this is no requirement",
        """
        An item of `requires` is a name and versions as pip writes them, such as `specnet-acme>=1.2`. Extras, markers
        and addresses are refused: what is needed would depend on the machine.
        """,
        example="""
        requires = ["numpy => 1.26"]
        """,
        better="""
        requires = ["numpy >= 1.26"]
        """,
    ),
    "SN213": code(
        "code of a plugin has failed",
        """
        A component of a plugin has raised an exception that is none of its protocol, or has given back what breaks its
        contract, while the spec was checked or while it ran. The message names the component, its distribution and the
        error, or the check of `specnet plugins check` that has failed; with `SPECNET_DEBUG=1` the traceback is shown.
        The fault is the plugin's: update it, or tell its author.
        """,
        situation="`specnet validate` of a spec whose dataset `acme.torn` divides by 0 when its columns are asked for.",
    ),
}
"""Every code of this family."""
