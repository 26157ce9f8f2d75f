"""One event file, written where it is asked for: an error is raised there, and not in a thread of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

# Not tensorboardX.SummaryWriter: its thread dies of a full disk without a word, and then its queue blocks the training.
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.summary import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_INTERVAL = 1.0
"""Seconds between two flushes, each of which waits for the disk."""


class Events:
    """The event file of one run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._writer = EventsWriter(str(folder / "events"))
        self._flushed = time.monotonic()

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """A point of each curve; tags are the columns of the history."""
        points = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=points)))
        if time.monotonic() - self._flushed >= _INTERVAL:
            self.flush()

    def text(self, tag: str, markdown: str) -> None:
        """A text beside the curves."""
        self._write(Event(wall_time=time.time(), summary=text(tag, markdown)))

    def flush(self) -> None:
        """Brings to disk what is written."""
        self._writer.flush()
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Brings the rest to disk."""
        self._writer.close()

    def _write(self, event: Event) -> None:
        self._writer.write_event(event)
