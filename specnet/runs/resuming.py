"""resume: a run goes on from a checkpoint, and ends as it would have ended without the break."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet.artifacts import Checkpoints, RunDirectory, claimed
from specnet.errors import ArtifactError, Finding, UsageError
from specnet.failures import blamed
from specnet.plan import make_plan
from specnet.preparation import Prepared, load_data, parts_of, prepare
from specnet.records import TrackedRun
from specnet.registry import load_registry
from specnet.runs.changes import changes, check_names, looked_at, of_schedules, refuse, warn_of_machine
from specnet.runs.choosing import Choice, check, choose
from specnet.runs.fitting import task_of
from specnet.runs.made_with import stored_spec
from specnet.runs.path import built
from specnet.runs.receipt import check_receipt, receipt
from specnet.runs.scales import take_units
from specnet.runs.sources import RESOLVED, resolved_document
from specnet.runs.split_rows import SPLIT, stored_parts, write_parts
from specnet.runs.stopping import StopRequest
from specnet.runs.stored import RESULTS, load_run
from specnet.runs.tracking import Tracking, trackers
from specnet.runs.training import Training
from specnet.runs.watcher import Watcher, Watchers
from specnet.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.arrays import Index
    from specnet.component import Data
    from specnet.component.task import TrainingTask
    from specnet.plan import Plan
    from specnet.registry import Registry
    from specnet.runs.result import Run
    from specnet.spec import Document, Spec


_BEFORE = ("specnet", "python", "numpy", "plugins", "plugin_files", "repository", "data")
"""What a run that goes on keeps of the receipt that it had."""


def resume(
    path: str | Path,
    *,
    epochs: int | None = None,
    allow_change: Collection[str] = (),
    checkpoint: str | None = None,
    registry: Registry | None = None,
    watcher: Watcher | None = None,
    track: Iterable[str] = (),
) -> Run:
    """Trains a run on from its newest checkpoint, or the one of that name, and leaves what it would have left at once.

    `epochs` is how many there are to be in all, more than the run has had. A run that has finished is returned as it
    is. Raises what `run` raises, and ArtifactError SN612 for each change that `allow_change` does not name, SN613
    when there is nothing to go on from, SN614 while another process trains the run.
    """
    check_names(allow_change)
    names, seen = registry or load_registry(), watcher or Watcher()
    with blamed(names), claimed(Path(path)):
        directory = _opened(Path(path))
        before = stored_spec(directory, names)
        _check_epochs(epochs, before)
        if not _goes_on(directory, epochs):
            return load_run(path, names)
        spec = before if epochs is None else stored_spec(directory, names, {"training.epochs": epochs})
        return _Resumption(directory, before, spec, names, seen, frozenset(allow_change)).run(checkpoint, track)


def _opened(path: Path) -> RunDirectory:
    """The directory, with its resolved spec as the manifest has it: a process may have been killed between the two."""
    directory = RunDirectory.open(path)
    manifest = dict(directory.manifest)
    check_receipt(manifest, path)
    if RESOLVED not in manifest:
        return directory
    directory.write_json(RESOLVED, manifest.pop(RESOLVED))
    without = RESULTS if SPLIT in manifest["artifacts"] else (*RESULTS, SPLIT)  # one that is not listed is half done
    return directory.seal({name: manifest[name] for name in manifest.keys() - {"artifacts", "sha256"}}, without)


def _check_epochs(epochs: int | None, spec: Spec) -> None:
    if epochs is not None and epochs <= spec.training.epochs:
        message = f"the run is to have {spec.training.epochs:,} epochs already, and {epochs:,} is not more"
        raise UsageError(Finding("SN553", message, help="leave --epochs out, or name more"))


def _goes_on(directory: RunDirectory, epochs: int | None) -> bool:
    """False for a run that has finished. Raises ArtifactError SN613 for one that has diverged."""
    status, ending = directory.manifest.get("status"), directory.manifest.get("early_stopping", {})
    if status == "diverged":
        said = directory.manifest.get("divergence") or {}
        message = ": ".join(["the run has diverged, and would do so again", *filter(None, [said.get("message")])])
        help = "; ".join(["change its spec and run that", *filter(None, [said.get("help")])])
        raise ArtifactError(Finding("SN613", message, (), help, file=str(directory.path)))
    return status != "finished" or (epochs is not None and not ending.get("stopped", False))


@dataclass(frozen=True)
class _Resumption:
    """A run that goes on: the spec that it had before, and the one that it has from now on."""

    directory: RunDirectory
    before: Spec
    spec: Spec
    names: Registry
    seen: Watcher
    allowed: frozenset[str]

    def run(self, wanted: str | None, track: Iterable[str]) -> Run:
        """The run, once it has ended."""
        spec, directory, seen = self.spec, self.directory, self.seen
        document, tracking = resolved_document(directory), trackers(self.names, track)
        streams, stop, now = Streams(spec.seed, spec.rng), StopRequest(), datetime.now().astimezone()
        data = load_data(spec, document.folder, streams)
        found = changes(directory, self.before, self.names, data)
        refuse(found, self.allowed, directory.path)
        choice = choose(directory, wanted)
        is_known = "data" not in found and SPLIT in directory.manifest["artifacts"]
        parts = (
            stored_parts(directory, self.before, data, streams) if is_known else parts_of(self.before, data, streams)
        )
        training = self._training(document, data, parts, streams, choice, stop)
        found |= self._jump(training.task)
        refuse(found, self.allowed, directory.path)
        warn_of_machine(directory.manifest, directory.path)
        made = receipt(document, spec, {}, self.names, data, now, tracking)
        training = replace(training, manifest=self._manifest(made, choice, sorted(found)))
        tracked = TrackedRun.of(directory.path, now, spec, training.plan, training.task)
        told = Watchers(seen, Tracking(self.names, tracking, tracked, spec.training.epochs, seen))
        with stop:
            self._begin(training.manifest, None if is_known else parts)
            told.resumed(choice.name, choice.epoch, choice.passed)
            ended = training.lead(told)
        return training.end(told, *ended)

    def _training(
        self,
        document: Document,
        data: Data,
        parts: Mapping[str, Index],
        streams: Streams,
        choice: Choice,
        stop: StopRequest,
    ) -> Training:
        """What `run` makes too, with the scales and the weights of the checkpoint. Raises ArtifactError SN609."""
        spec, seen, checkpoint = self.spec, self.seen, choice.checkpoint
        seen.loaded(spec, data)
        plan = make_plan(spec.layers, spec.dataset.plan(), spec.loss)
        fresh = checkpoint is None
        prepared = prepare(spec, data, streams, parts) if fresh else self._prepared(plan, data, parts, choice)
        seen.prepared(spec, prepared)
        weights = built(document, spec, plan, streams, prepared, seen)
        task = task_of(spec, prepared, streams, stop, None if checkpoint is None else checkpoint.position)
        if checkpoint is not None:
            check(choice, spec, plan, task, same_spec="spec" not in self.allowed)
            weights.restore(checkpoint.weights)
        return Training(self.directory, spec, plan, weights, prepared, task, stop, {}, checkpoint)

    def _prepared(self, plan: Plan, data: Data, parts: Mapping[str, Index], choice: Choice) -> Prepared:
        """The rows in the units in which the weights were trained, whatever the rows are now."""
        stored = {} if choice.checkpoint is None else dict(choice.checkpoint.scaling)
        try:
            units = take_units(self.spec, plan, stored)
        except ValueError as error:
            raise ArtifactError(Finding("SN609", f"{choice.name} does not fit the spec: {error}")) from None
        return Prepared(data, parts, units["inputs"], units["targets"])

    def _jump(self, task: TrainingTask) -> dict[str, str]:
        """The change of a schedule that depends on how long training is."""
        if self.before.training.epochs == task.epochs:
            return {}
        shorter = replace(task, epochs=self.before.training.epochs)
        moments = ((shorter.moment(step), task.moment(step)) for step in looked_at(task.start.step))
        said = of_schedules(task.optimizer, moments)
        return {"schedule": said} if said else {}

    def _manifest(self, made: Mapping[str, Any], choice: Choice, changed: list[str]) -> dict[str, Any]:
        """The receipt of what the run is made with from now on, and what it was made with before."""
        old = self.directory.manifest
        spec = dict(old["spec"])
        if self.spec != self.before:
            spec["overrides"] = {**spec["overrides"], "training.epochs": self.spec.training.epochs}
            spec["resolved"] = made["spec"]["resolved"]
        before = {name: old[name] for name in _BEFORE if name in old}
        entry = {"at": made["started"], "checkpoint": choice.name, "epoch": choice.epoch, "changed": changed}
        resumed = [*old.get("resumed", []), {**entry, "before": before}]
        return {**made, "started": old["started"], "spec": spec, "resumed": resumed}

    def _begin(self, manifest: Mapping[str, Any], parts: Mapping[str, Index] | None) -> None:
        """The directory of a run that is running, whole at every moment: another spec is in the manifest first.

        Other rows of the parts are not listed while they are being written.
        """
        Checkpoints(self.directory.path).tidy()
        running = {**manifest, "status": "running"}
        if self.spec != self.before or parts is not None:
            said = self.spec.model_dump(mode="json")
            self.directory.seal({**running, RESOLVED: said}, (*RESULTS, RESOLVED, *([SPLIT] if parts else [])))
            self.directory.write_json(RESOLVED, said)
        if parts is not None:
            write_parts(self.directory, parts)
        self.directory.seal(running, RESULTS)
