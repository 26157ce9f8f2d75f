"""Training: a run that is ready goes to its end, or to where it is stopped, and is stored as far as it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specnet.artifacts import Checkpoints
from specnet.errors import Interrupted
from specnet.runs.baselines import baselines
from specnet.runs.divergence import record_of
from specnet.runs.fitting import fit
from specnet.runs.keeping import Keeper
from specnet.runs.receipt import digest_of_spec
from specnet.runs.result import Run, verdicts
from specnet.runs.scales import tensors_of
from specnet.runs.stored import save

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.artifacts import RunDirectory
    from specnet.component.task import TrainingTask
    from specnet.plan import Plan
    from specnet.preparation import Prepared
    from specnet.runs.checkpoint import Checkpoint
    from specnet.runs.fitting import Fitted
    from specnet.runs.stopping import StopRequest
    from specnet.runs.watcher import Watcher
    from specnet.spec import Spec
    from specnet.weights import Weights


@dataclass(frozen=True)
class Training:
    """All that a run needs to be trained, in a directory that has begun."""

    directory: RunDirectory
    spec: Spec
    plan: Plan
    weights: Weights
    prepared: Prepared
    task: TrainingTask
    stop: StopRequest
    manifest: Mapping[str, Any]
    before: Checkpoint | None = None
    """Where it goes on; its weights are in their place."""

    def lead(self, seen: Watcher) -> tuple[Run, Fitted]:
        """The run, once its directory is complete, and how it has ended. Raises ArtifactError."""
        seen.started(self.directory.path, self.spec, self.task)
        keeper = Keeper(
            Checkpoints(self.directory.path),
            self.spec.checkpoint,
            digest_of_spec(self.spec),
            self.weights,
            tensors_of(self.prepared.inputs, self.prepared.targets),
            None if self.before is None else self.before.position.step,
        )
        fitted = fit(self.spec, self.plan, self.weights, self.task, seen, keeper, self.before)
        result = self._result(fitted)
        save(self.directory, result)
        return result, fitted

    def end(self, seen: Watcher, result: Run, fitted: Fitted) -> Run:
        """Tells of the run and returns it. Raises DivergenceError and Interrupted where it has not finished."""
        seen.finished(result)
        if fitted.error is not None:
            raise fitted.error
        if fitted.status == "interrupted":
            raise Interrupted(self.directory.path, self.stop.signal)
        return result

    def _result(self, fitted: Fitted) -> Run:
        beside = baselines(self.task)
        return Run(
            self.directory.path,
            fitted.status,
            self.spec,
            self.plan,
            self.weights,
            self.prepared.inputs,
            self.prepared.targets,
            fitted.history,
            fitted.metrics,
            fitted.epochs,
            verdicts(self.spec, self.plan, fitted.metrics, fitted.epochs, beside),
            fitted.silent_units,
            self.manifest,
            fitted.early_stopping,
            record_of(fitted.error),
            beside,
        )
