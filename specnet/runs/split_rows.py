"""Split rows: which rows were for what, stored with the run, whatever would compute them later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.artifacts import decode_indices, encode_indices
from specnet.errors import ArtifactError, Finding
from specnet.preparation import parts_of
from specnet.spec.splitting import PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Index
    from specnet.artifacts import RunDirectory
    from specnet.component import Data
    from specnet.spec import Spec
    from specnet.streams import Streams

SPLIT = "split.safetensors"
"""Where the rows of each part are, counted from 0, in the order in which they are trained on."""


def write_parts(directory: RunDirectory, parts: Mapping[str, Index]) -> None:
    """The rows of each part, as a file that is not sealed yet."""
    directory.write_bytes(SPLIT, encode_indices(parts))


def stored_parts(directory: RunDirectory, spec: Spec, data: Data, streams: Streams) -> dict[str, Index]:
    """The rows of each part as they are stored; a run of an older version has none, and parts them as the spec says.

    Raises ArtifactError SN609 for rows that the data does not have, or that are in two parts.
    """
    if SPLIT not in directory.manifest["artifacts"]:
        return parts_of(spec, data, streams)
    parts = decode_indices(directory.read_bytes(SPLIT))
    if wrong := _wrong(parts, len(data.inputs)):
        raise ArtifactError(Finding("SN609", f"{SPLIT} does not fit the data: {wrong}", file=str(directory.path)))
    return {part: parts[part] for part in PARTS}


def _wrong(parts: Mapping[str, Index], rows: int) -> str:
    if parts.keys() != set(PARTS) or any(index.ndim != 1 for index in parts.values()):
        return f"it must list the rows of {', '.join(PARTS)}"
    every = np.concatenate(list(parts.values()))
    if len(every) and not 0 <= every.min() <= every.max() < rows:
        return f"it names row {int(every.max() if every.max() >= rows else every.min())}, and there are {rows}"
    return "" if len(np.unique(every)) == len(every) else "it names a row twice"
