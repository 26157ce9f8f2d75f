"""SN0xx: the text of the file."""

from __future__ import annotations

from specnet.codes.code import code

CODES = {
    "SN001": code(
        "the file of a spec cannot be read",
        """
        The file is not there, is a folder or no regular file, has another suffix than .toml or .json, or more than
        10 MB; or a folder has no spec in it. The suffix says how a file is read. Check the spelling of the path:
        what is relative starts at the folder in which the command runs.
        """,
        situation="`specnet run no.toml`, where there is no such file.",
    ),
    "SN002": code(
        "the text is not UTF-8",
        """
        TOML and JSON are UTF-8 by definition, and no other encoding is guessed: a wrong guess would change names in
        silence. The finding tells the byte and its line. Save the file as UTF-8; a byte order mark may stand before it.
        """,
        situation="A name with an accent, in a file that an editor has saved as Latin-1.",
    ),
    "SN003": code(
        "the text is not TOML, or not JSON",
        """
        The parser has come to a character that cannot stand there; the place is where it was noticed, and the slip may
        be just before it. The help says what would do for the common slips. Also refused are JSON that is no object,
        NaN and Infinity in JSON, and nesting deeper than 100.
        """,
        example="""
        name = small
        """,
        better="""
        name = "small"
        """,
    ),
    "SN004": code(
        "a key or a table stands twice",
        """
        Many parsers take the later of the two without a word, and a person reads the first. The finding names both
        places: keep one of them. Several layers are written `[[layers]]`, with two brackets.
        """,
        example="""
        seed = 1
        seed = 2
        """,
        better="""
        seed = 2
        """,
    ),
    "SN005": code(
        "the file is empty",
        """
        There is nothing in it but white space, which would be told as many missing keys. Often an editor or a shell has
        cut the file short. The README and the folder specs/ have specs to start from.
        """,
        situation="`touch new.toml`, and then `specnet validate new.toml`.",
    ),
    "SN301": code(
        "a plugin's name without its namespace",
        """
        Exactly one installed plugin offers this name, and so it is understood here and today. Where another plugin
        offers it too, the spec is refused; `acme.snake` means one thing everywhere. `validate --fix` writes it.
        """,
        situation='`activation = "snake"` in a spec, where the plugin acme is installed: write `acme.snake`.',
        severity="warning",
        ignorable=True,
    ),
    "SN302": code(
        "this is TOML 1.1, and a spec is TOML 1.0",
        """
        Python reads TOML 1.1 from 3.15 on and refuses it before, so that such a spec would work on one machine and not
        on another. It is refused on all. The help says how TOML 1.0 writes the same.
        """,
        example="""
        scaling = { inputs = "standardize", }
        """,
        better="""
        scaling = { inputs = "standardize" }
        """,
    ),
}
"""Every code of this family, and the one of style and portability."""
