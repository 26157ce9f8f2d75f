"""run: file -> Spec -> Plan -> Run -> run directory, in one straight line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet.artifacts import RunDirectory, claimed
from specnet.errors import SpecError
from specnet.failures import blamed
from specnet.inspection import TOLD_BY_A_RUN, doubts
from specnet.plan import make_plan
from specnet.preparation import as_planned, load_data, prepare
from specnet.records import TrackedRun
from specnet.registry import load_registry
from specnet.runs.arrays import data_of_arrays, with_arrays
from specnet.runs.fitting import task_of
from specnet.runs.receipt import receipt
from specnet.runs.stopping import StopRequest
from specnet.runs.stored import begin
from specnet.runs.tracking import Tracking, trackers
from specnet.runs.training import Training
from specnet.runs.watcher import Watcher, Watchers
from specnet.spec import lint, load_spec, placed, read_document
from specnet.streams import Streams
from specnet.weights import Weights

if TYPE_CHECKING:
    from specnet.component import Data
    from specnet.plan import Plan
    from specnet.preparation import Prepared
    from specnet.registry import Registry
    from specnet.runs.result import Run
    from specnet.spec import Document, Spec


def run(
    source: str | Path | Mapping[str, Any],
    *,
    set: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    registry: Registry | None = None,
    watcher: Watcher | None = None,
    track: Iterable[str] = (),
    data: tuple[Any, Any] | tuple[Any, Any, Any] | None = None,
) -> Run:
    """Trains the spec of a file (or mapping) and writes its run directory, `runs/NAME-...` unless `out` says where.

    `set` overrides values by dotted path; `track` adds namespaces of trackers to those of `SPECNET_TRACK`. With `data`,
    (X, y) or (X, y, weights), the rows are those of arrays or dataframes, and the spec needs no `[dataset]`. Raises
    SpecnetError for anything that is refused before training, PluginError for what a plugin's component raises at any
    time; DivergenceError and Interrupted come after the run directory has been written.
    """
    names = registry or load_registry()
    with blamed(names):
        document, rows = read_document(source), None if data is None else data_of_arrays(*data)
        document = document if rows is None else with_arrays(document, rows)
        return train(document, set or {}, out, names, watcher or Watcher(), track, rows)


def train(
    document: Document,
    overrides: Mapping[str, Any],
    out: str | Path | None,
    names: Registry,
    seen: Watcher,
    track: Iterable[str] | None,
    rows: Data | None = None,
) -> Run:
    """The run of a document, of `rows` where its dataset is not to be asked; None tracks nothing. Raises as `run`."""
    spec = load_spec(document, overrides, names)
    plan = make_plan(spec.layers, spec.dataset.plan(), spec.loss)
    tracking = [] if track is None else trackers(names, track)
    streams = Streams(spec.seed, spec.rng)
    data = load_data(spec, document.folder, streams) if rows is None else as_planned(spec, rows)
    prepared = _prepare(spec, data, streams, seen)
    weights = built(document, spec, plan, streams, prepared, seen)
    stop = StopRequest()
    task = task_of(spec, prepared, streams, stop)

    started = datetime.now().astimezone()
    manifest = receipt(document, spec, overrides, names, prepared.data, started, tracking)
    directory = RunDirectory.create(None, spec.name, started, None if out is None else Path(out))
    tracked = TrackedRun.of(directory.path, started, spec, plan, task)
    training = Training(directory, spec, plan, weights, prepared, task, stop, manifest)
    with stop, claimed(directory.path):
        begin(directory, document, spec, prepared.parts, manifest)
        seen = Watchers(seen, Tracking(names, tracking, tracked, task.epochs, seen))
        ended = training.lead(seen)
    return training.end(seen, *ended)


def _prepare(spec: Spec, data: Data, streams: Streams, seen: Watcher) -> Prepared:
    seen.loaded(spec, data)
    prepared = prepare(spec, data, streams)
    seen.prepared(spec, prepared)
    return prepared


def built(document: Document, spec: Spec, plan: Plan, streams: Streams, prepared: Prepared, seen: Watcher) -> Weights:
    """The initial weights of a net that the rules have nothing against. Raises SpecError."""
    weights = Weights(plan, spec.engine.dtype).initialize(streams)
    seen.planned(plan, weights)
    rows = len(prepared.data.inputs), len(prepared.train)
    findings = lint(spec, rows[0], training_rows=rows[1])  # the rules that wait for the rows, too
    if errors := [finding for finding in findings if finding.severity == "error"]:
        raise SpecError(*placed(document, errors))
    findings += [doubt for doubt in doubts(spec, prepared, told=3) if doubt.code not in TOLD_BY_A_RUN]
    seen.checked(plan, len(prepared.train), findings)
    return weights
