"""Sources: the spec that a path means, be it a file or the directory of a run."""

from __future__ import annotations

from pathlib import Path

from specnet.artifacts import RunDirectory
from specnet.spec import Document, read_document

RESOLVED = "resolved.json"


def document_of(path: Path) -> Document:
    """A spec file as it is, or what a run directory was trained on, whose paths start where they did then."""
    if not path.is_dir():
        return read_document(path)
    return resolved_document(RunDirectory.open(path))


def resolved_document(directory: RunDirectory) -> Document:
    """What the run of an open directory is trained on. Raises ArtifactError SN602 when it is not strict JSON."""
    folder = Path(directory.manifest["spec"]["folder"])
    content, data = directory.read_bytes(RESOLVED), directory.read_json(RESOLVED)
    return Document(str(directory.path / RESOLVED), folder, "json", content, data)
