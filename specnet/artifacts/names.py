"""A file name of a run is one plain word on every system, and stays in its directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import ArtifactError, Finding
from specnet.filenames import is_plain

if TYPE_CHECKING:
    from pathlib import Path


def check_name(name: str) -> str:
    """The name itself. Raises ArtifactError SN608 unless it is plain."""
    if is_plain(name):
        return name
    help = "a letter or digit first, then at most 79 of A-Z a-z 0-9 . _ -; no dot at the end, no device of Windows"
    raise ArtifactError(Finding("SN608", f"{name!r} is not a file name for a run directory", help=help))


def place_in(directory: Path, name: str) -> Path:
    """`directory/name`. Raises ArtifactError SN608 unless the name is plain and, followed as a link, stays inside."""
    path = directory / check_name(name)
    try:
        stays = path.resolve(strict=path.is_symlink()).is_relative_to(directory.resolve())
    except (OSError, RuntimeError):  # a link in a circle or to nowhere; RuntimeError before Python 3.13
        stays = False
    except ValueError:  # a NUL in the path: whoever opens it says so
        stays = True
    if not stays:
        raise ArtifactError(Finding("SN608", f"{name!r} is a link that leaves {directory}"))
    return path
