"""Stored runs: a Run to its directory and back."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet.artifacts import RunDirectory, decode_tensors, encode_tensors, finite_or_reasons
from specnet.component import Undefined
from specnet.errors import ArtifactError, Finding
from specnet.plan import make_plan
from specnet.registry import load_registry
from specnet.runs.baselines import NAMES, Baseline
from specnet.runs.early_stopping import Ending
from specnet.runs.fingerprint import digest_of_result
from specnet.runs.fitting import history_column
from specnet.runs.made_with import load_with_its_plugins
from specnet.runs.receipt import check_receipt
from specnet.runs.result import Run, verdict_record, verdicts
from specnet.runs.scales import take_units, tensors_of
from specnet.runs.sources import RESOLVED
from specnet.runs.split_rows import write_parts
from specnet.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specnet.arrays import Array, Index
    from specnet.plan import Plan
    from specnet.registry import Registry
    from specnet.spec import Document, Spec
    from specnet.units import Units


MODEL = "model.safetensors"
RESULTS = (MODEL, "history.csv", "metrics.json", "predictions.csv")
"""What `save` writes; a run that goes on has none of it until it ends again."""


def begin(
    directory: RunDirectory, document: Document, spec: Spec, parts: Mapping[str, Index], manifest: Mapping[str, Any]
) -> None:
    """Writes what is known before training; until `save` the manifest says that the run is running."""
    directory.write_bytes(f"spec.{document.format}", document.content)
    directory.write_json(RESOLVED, spec.model_dump(mode="json"))
    write_parts(directory, parts)
    directory.seal({**manifest, "status": "running"})


def save(directory: RunDirectory, run: Run) -> None:
    """Writes the model, the history, the metrics and the predictions, and the manifest last."""
    tensors = {**run.weights.tensors(), **tensors_of(run.inputs, run.targets)}
    columns = {"inputs": list(run.plan.inputs), "targets": list(run.plan.targets)}
    directory.write_bytes(MODEL, encode_tensors(tensors, {"format": 1, **columns}))
    directory.write_csv("history.csv", list(run.history), zip(*(c.tolist() for c in run.history.values()), strict=True))
    directory.write_json("metrics.json", _report(run))
    if run.spec.predict:
        header = [*run.input_names, *(f"predicted {name}" for name in run.plan.outputs)]
        directory.write_csv("predictions.csv", header, (inputs + outputs for inputs, outputs in run.predictions()))
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    digests = {"result": {"sha256": digest_of_result(run)}}
    wrong = {} if run.divergence is None else {"divergence": run.divergence}
    directory.seal({**run.manifest, "status": run.status, "finished": finished, **digests, **wrong, **_ending(run)})


def load_run(path: str | Path, registry: Registry | None = None) -> Run:
    """The run of a directory, with every artefact checked against its digest.

    Raises ArtifactError when the directory is no run, has changed or was not finished, and SpecError when a
    component of the spec is not installed.
    """
    directory = RunDirectory.open(Path(path))
    manifest = directory.manifest
    _require_a_result(manifest, path)
    check_receipt(manifest, directory.path)
    spec = load_with_its_plugins(directory, registry or load_registry())
    plan = make_plan(spec.layers, spec.dataset.plan(), spec.loss)
    tensors, _ = decode_tensors(directory.read_bytes(MODEL))
    weights, scales = _fitted(spec, plan, tensors, directory.path)
    with _as_of_a_run(directory.path):
        report = directory.read_json("metrics.json")
        metrics = {name: _number(report["metrics"][name]) for name in spec.columns()}
        epochs, ending = int(report["epochs"]), Ending.read(report.get("early_stopping"))
        silent = {name: (int(silent), int(units)) for name, (silent, units) in report["silent_units"].items()}
        history, divergence = _history(directory), _divergence(manifest)
        stored = report.get("baselines", {})
        beside: dict[str, Baseline] = {name: _baseline(stored[name], spec) for name in NAMES if name in stored}
    return Run(
        path=directory.path,
        status=manifest["status"],
        spec=spec,
        plan=plan,
        weights=weights,
        inputs=scales["inputs"],
        targets=scales["targets"],
        history=history,
        metrics=metrics,
        epochs=epochs,
        verdicts=verdicts(spec, plan, metrics, epochs, beside),
        silent_units=silent,
        manifest=manifest,
        early_stopping=ending,
        divergence=divergence,
        baselines=beside,
    )


def _require_a_result(manifest: Mapping[str, Any], path: str | Path) -> None:
    if manifest.get("status") not in ("finished", "interrupted", "diverged"):
        message = f"the run has no result: its status is {manifest.get('status')!r}"
        help = f"if no process is training it, specnet resume {path}"
        raise ArtifactError(Finding("SN610", message, (), help, file=str(path)))


@contextmanager
def _as_of_a_run(path: Path) -> Iterator[None]:
    """Files whose digests are right may still have been written by a stranger."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{path} is not a run directory: its files do not say what those of a run say"
        raise ArtifactError(Finding("SN605", message)) from error


def _divergence(manifest: Mapping[str, Any]) -> dict[str, str] | None:
    said = manifest.get("divergence")
    return None if said is None else {part: str(said[part]) for part in ("message", "help")}


def _ending(run: Run) -> dict[str, Any]:
    return {} if run.early_stopping is None else {"early_stopping": run.early_stopping.record()}


def _report(run: Run) -> dict[str, Any]:
    metrics = finite_or_reasons(run.metrics)
    expect = [verdict_record(verdict) for verdict in run.verdicts]
    beside = {name: baseline.record() for name, baseline in run.baselines.items()}
    said = {"metrics": metrics, "epochs": run.epochs, "expect": expect, "silent_units": run.silent_units}
    return {**said, "baselines": beside, **_ending(run)}


def _baseline(record: Mapping[str, Any], spec: Spec) -> Baseline:
    if "reason" in record:
        return Baseline(reason=record["reason"])
    return Baseline({name: _number(record[name]) for name in spec.columns()})


def _number(value: Any) -> float:
    """What `finite_or_reason` has written."""
    if not isinstance(value, dict):
        return float(value)
    reason: str = value["reason"]
    return float(reason) if reason in ("nan", "inf", "-inf") else Undefined(reason)


def _fitted(spec: Spec, plan: Plan, tensors: dict[str, Array], path: Path) -> tuple[Weights, dict[str, Units]]:
    try:
        scales = take_units(spec, plan, tensors)
        return Weights(plan, spec.engine.dtype).restore(tensors), scales
    except ValueError as error:
        raise ArtifactError(Finding("SN609", f"{MODEL} does not fit the spec: {error}", file=str(path))) from None


def _history(directory: RunDirectory) -> dict[str, Array | Index]:
    header, rows = directory.read_csv("history.csv")
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    return {name: history_column(name, list(map(float, column))) for name, column in zip(header, columns, strict=True)}
