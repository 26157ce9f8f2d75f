"""One run in an MLflow store, by the client alone: the process-wide active run of MLflow is left to the user."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

if TYPE_CHECKING:
    from datetime import datetime

_PER_REQUEST = 100
"""MLflow's limit for the parameters of one request; that for metrics is larger."""
_LONGEST = 6000
"""MLflow's limit for the text of a parameter."""


class StoredRun:
    """A run that was just created."""

    def __init__(self, experiment: str, name: str, started: datetime, tags: Mapping[str, str]) -> None:
        # MLflow keeps one store for each text, also when the working directory has changed: the whole path is said.
        here = f"sqlite:///{Path('mlflow.db').resolve().as_posix()}"
        self._client = MlflowClient(tracking_uri=os.environ.get("MLFLOW_TRACKING_URI") or here)
        experiment_id = self._experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME") or experiment)
        tags = {_name(tag): value for tag, value in tags.items()}
        run = self._client.create_run(experiment_id, int(started.timestamp() * 1000), tags, name)
        self._id = run.info.run_id

    def parameters(self, values: Mapping[str, str]) -> None:
        """Logs texts, cut to what MLflow takes."""
        params = [Param(_name(name), value[:_LONGEST]) for name, value in values.items()]
        for first in range(0, len(params), _PER_REQUEST):
            self._client.log_batch(self._id, params=params[first : first + _PER_REQUEST])

    def metrics(self, values: Mapping[str, float], step: int, at: float) -> None:
        """Logs numbers of a step, at a time in seconds."""
        metrics = [Metric(_name(name), value, int(at * 1000), step) for name, value in values.items()]
        for first in range(0, len(metrics), _PER_REQUEST):
            self._client.log_batch(self._id, metrics=metrics[first : first + _PER_REQUEST])

    def end(self, status: str, tags: Mapping[str, str]) -> None:
        """Sets the last tags and the status."""
        self._client.log_batch(self._id, tags=[RunTag(_name(tag), value) for tag, value in tags.items()])
        self._client.set_terminated(self._id, status)

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is None:
            try:
                created: str = self._client.create_experiment(name)
            except MlflowException:  # another run may have been faster
                found = self._client.get_experiment_by_name(name)
                if found is None:
                    raise
            else:
                return created
        existing: str = found.experiment_id
        return existing


def flat(value: Any, place: str = "") -> dict[str, str]:
    """The leaves of plain data as text by dotted path; a list without tables is one leaf, in JSON."""
    return dict(_leaves(value, place))


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, tuple | list) and any(isinstance(item, Mapping) for item in value):
        items = list(enumerate(value))
    else:
        yield place, value if isinstance(value, str) else json.dumps(value)
        return
    for key, item in items:
        yield from _leaves(item, f"{place}.{key}" if place else str(key))


def _name(text: str) -> str:
    """The text with `_` for each character that MLflow takes in no name."""
    return re.sub(r"[^\w./ -]", "_", text)
