"""What every code of a finding means; each is explained once, here, for people and for reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.codes import (
    artefacts,
    data,
    inspection,
    model,
    names,
    output,
    running,
    shape,
    splits,
    syntax,
    training,
    wiring,
)

if TYPE_CHECKING:
    from specnet.codes.code import Code

FAMILIES = {
    "SN0": "the text of the file",
    "SN1": "keys, types and ranges",
    "SN2": "names and plugins",
    "SN3": "style and portability",
    "SN4": "the model",
    "SN5": "running",
    "SN6": "files on disk",
}
"""What the first digit says."""

_ROOMS = (syntax, shape, names, wiring, model, training, output, data, splits, inspection, running, artefacts)

CODES: dict[str, Code] = dict(sorted(entry for room in _ROOMS for entry in room.CODES.items()))
"""Every code of a finding, in their order."""

IGNORABLE = frozenset(name for name, code in CODES.items() if code.ignorable)
"""The warnings that `[[lint.ignore]]` may name: a spec with one of these can be run."""
