"""Sources: the spec that a path means, be it a file or the directory of a run."""

from __future__ import annotations

import json
from pathlib import Path

from specnet.artifacts import RunDirectory
from specnet.spec import Document, read_document

RESOLVED = "resolved.json"


def document_of(path: Path) -> Document:
    """A spec file as it is, or what a run directory was trained on, whose paths start where they did then."""
    if not path.is_dir():
        return read_document(path)
    directory = RunDirectory.open(path)
    content = directory.read_bytes(RESOLVED)
    folder = Path(directory.manifest["spec"]["folder"])
    return Document(str(path / RESOLVED), folder, "json", content, json.loads(content))
