from __future__ import annotations

import importlib
import json
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from specnet import load_run, resume, run
from specnet.cli import main
from specnet.errors import DivergenceError, Finding, Interrupted, UsageError
from specnet.records import LoggedEpoch, RunEnd, TrackedRun, Verdict, frozen, numbers
from specnet.registry import Selection, load_registry
from specnet.runs import Watcher
from specnet.runs.watcher import Watchers

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "trackers.md").read_text(encoding="utf-8")
SPEC: dict[str, Any] = {
    "format": 1,
    "name": "small",
    "seed": 3,
    "dataset": {"type": "arithmetic", "samples": 40},
    "scaling": {"inputs": "standardize", "targets": "standardize"},
    "layers": [{"type": "dense", "units": 2, "activation": "relu"}, {"type": "dense", "units": 3}],
    "loss": "mse",
    "optimizer": {"type": "gradient_descent", "learning_rate": 0.01},
    "training": {"epochs": 10, "log_every": 4},
    "expect": [{"metric": "test.loss", "max": 1000}],
}
DIVERGING: dict[str, Any] = {"optimizer.learning_rate": 1e9, "training.log_every": 1}

HEAD = "from specnet.api import hookimpl\n\nSPECNET_API = 1\nseen = []\n"
STARTED = "@hookimpl\ndef specnet_run_started(run):\n    {}\n"
EPOCH = "@hookimpl\ndef specnet_epoch_ended(run, epoch):\n    {}\n"
ENDED = "@hookimpl\ndef specnet_run_ended(run, end):\n    {}\n"
TRACKER = (
    HEAD
    + STARTED.format("seen.append(('started', run))")
    + EPOCH.format("seen.append(('epoch', run, epoch))")
    + ENDED.format("seen.append(('ended', run, end))")
)
SLOW = "import time\ntime.sleep(3600)\n"
NO_HOOK = HEAD + "@hookimpl\ndef specnet_components():\n    return []\n"

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a plugin of that namespace; what else is installed where the tests run is no business of theirs."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delenv("SPECNET_TRACK", raising=False)
    monkeypatch.setattr("specnet.registry.distributions", lambda: distributions(path=[str(folder)]))
    modules = []

    def plugin(namespace: str, source: str = TRACKER) -> None:
        (folder / f"specnet_{namespace}.py").write_text(source)
        info = folder / f"specnet_{namespace}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: specnet-{namespace}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[specnet]\n{namespace} = specnet_{namespace}\n")
        importlib.invalidate_caches()
        modules.append(f"specnet_{namespace}")

    yield plugin
    for name in modules:
        sys.modules.pop(name, None)


def seen(namespace: str) -> list[Any]:
    found: list[Any] = sys.modules[f"specnet_{namespace}"].seen
    return found


def steps(namespace: str) -> list[str]:
    return [name for name, *_ in seen(namespace)]


def command(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[object, str, str]:
    Path("spec.json").write_text(json.dumps(SPEC))
    with pytest.raises(SystemExit) as caught:
        main(["run", "spec.json", "--out", "out", *args])
    return caught.value.code, *capsys.readouterr()


# Refusals: before anything is trained or written


@pytest.mark.parametrize(
    ("source", "namespace", "code", "message"),
    [
        (TRACKER, "accme", "SN205", "no installed plugin has the namespace 'accme'"),
        (NO_HOOK, "acme", "SN207", "specnet-acme 1.2 tracks nothing"),
        (
            "import no_such_module",
            "acme",
            "SN210",
            "tracker 'acme' comes from specnet-acme 1.2, unusable: "
            "ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (
            HEAD + "@hookimpl\ndef specnet_run_started(path):\n    pass\n",
            "acme",
            "SN210",
            "tracker 'acme' comes from specnet-acme 1.2, unusable: PluginValidationError: Plugin 'acme' for hook "
            "'specnet_run_started'",
        ),
        (
            HEAD + "@hookimpl\ndef specnet_run_begun(run):\n    pass\n",
            "acme",
            "SN210",
            "tracker 'acme' comes from specnet-acme 1.2, unusable: PluginValidationError: unknown hook "
            "'specnet_run_begun'",
        ),
    ],
)
def test_what_cannot_track_is_refused(
    install: Install, capsys: pytest.CaptureFixture[str], source: str, namespace: str, code: str, message: str
) -> None:
    install("acme", source)
    exit_code, _, err = command(capsys, "--track", namespace)
    assert exit_code == 2
    assert err.startswith(f"{code} {message}")
    assert not Path("out").exists()
    with pytest.raises(UsageError) as caught:
        run(SPEC, track=[namespace], out="out")
    assert caught.value.findings[0].code == code
    assert not Path("out").exists()


def test_help_for_a_slip_and_for_a_plugin_without_run_hooks(install: Install) -> None:
    install("acme", NO_HOOK)
    with pytest.raises(UsageError, match=r"did you mean 'acme'\? plugins installed in .*: acme"):
        run(SPEC, track=["acne"])
    with pytest.raises(UsageError) as caught:
        run(SPEC, track=["acme"])
    assert caught.value.findings == (Finding("SN207", "specnet-acme 1.2 tracks nothing", help="it has no run hook"),)


def test_a_blocked_tracker_is_refused_and_not_imported(install: Install) -> None:
    install("acme", SLOW)
    with pytest.raises(UsageError, match=r"SN210 tracker 'acme' comes from specnet-acme 1\.2, unusable: it is blocked"):
        run(SPEC, track=["acme"], registry=load_registry(Selection(blocked=frozenset({"acme"}))))


def test_the_environment_is_refused_like_the_option(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("acme")
    monkeypatch.setenv("SPECNET_TRACK", "acme,nobody")
    with pytest.raises(UsageError, match="SN205 no installed plugin has the namespace 'nobody'"):
        run(SPEC)


# A tracker that fails

KINDS = ["OSError('disk\\nfull')", "SystemExit(3)", "GeneratorExit()"]


@pytest.mark.parametrize("error", KINDS)
@pytest.mark.parametrize("hook", [STARTED, EPOCH, ENDED])
def test_a_tracker_that_raises_harms_nobody(
    install: Install, capsys: pytest.CaptureFixture[str], hook: str, error: str
) -> None:
    run(SPEC, out="alone")
    failing = TRACKER.replace(
        hook.split("    ")[0], hook.split("    ")[0] + "    seen.append(('tried',))\n    fail()\n"
    )
    install("aaa", f"{failing}\ndef fail():\n    raise {error}\n")
    install("zzz")
    code, out, err = command(capsys, "--track", "aaa", "--track", "zzz")
    assert code == 0
    name = hook.split("def ")[1].split("(")[0]
    said = {"O": "OSError: disk\\nfull", "S": "SystemExit: 3", "G": "GeneratorExit: "}[error[0]]
    failed = f"tracker 'aaa' (specnet-aaa 1.2) failed in {name} and is not called again"
    assert err == f"warning SN509 {failed}: {said}\n"
    assert "finished: out" in out
    assert steps("aaa").count("tried") == 1
    assert steps("aaa")[-1] == "tried"
    assert steps("zzz") == ["started", "epoch", "epoch", "epoch", "epoch", "ended"]
    for file in ("model.safetensors", "history.csv", "metrics.json", "resolved.json"):
        assert Path("out", file).read_bytes() == Path("alone", file).read_bytes()
    assert load_run("out").status == "finished"


def test_without_a_watcher_a_failure_is_logged(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("acme", HEAD + STARTED.format("1 / 0"))
    run(SPEC, track=["acme"])
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("specnet", "WARNING")
    assert record.getMessage() == (
        "SN509 tracker 'acme' (specnet-acme 1.2) failed in specnet_run_started and is not called again: "
        "ZeroDivisionError: division by zero"
    )


def test_ctrl_c_while_a_tracker_waits_is_an_interruption(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("acme", HEAD + EPOCH.format("raise KeyboardInterrupt"))
    code, _, err = command(capsys, "--track", "acme")
    assert (code, err.strip()) == (130, "interrupted")


def test_a_tracker_cannot_change_what_it_is_told(install: Install) -> None:
    install("acme")
    run(SPEC, track=["acme"])
    (_, told), (_, _, epoch), *_, (_, _, end) = seen("acme")
    for record, name in ((told, "seed"), (epoch, "number"), (end, "status")):
        with pytest.raises(FrozenInstanceError):
            setattr(record, name, 0)
    for mapping in (told.spec, told.spec["layers"][0], epoch.values, end.metrics):
        with pytest.raises(TypeError):
            mapping["name"] = 0
    assert isinstance(told.spec["layers"], tuple)


# Who is asked


def test_a_plugin_that_is_not_asked_is_not_imported(install: Install) -> None:
    install("acme")
    install("slow", SLOW)
    run(SPEC)
    assert "specnet_acme" not in sys.modules
    run(SPEC, track=["acme"])
    assert "specnet_slow" not in sys.modules


def test_a_plugin_that_is_loaded_is_not_told_unless_it_is_asked(install: Install) -> None:
    install("acme")
    install("other")
    registry = load_registry()
    assert [plugin.tracks for plugin in registry.plugins()] == [True, True]
    run(SPEC, track=["acme"], registry=registry)
    assert len(steps("acme")) == 6
    assert steps("other") == []


@pytest.mark.parametrize(
    ("environment", "track", "told"),
    [
        ("", ["a"], "a"),
        (" , ", [], ""),
        ("a", [], "a"),
        (" b , a,", [], "b a"),
        ("b", ["a"], "b a"),
        ("a", ["b", "a", "b"], "a b"),
    ],
)
def test_the_option_adds_to_the_environment(
    install: Install,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: str,
    track: list[str],
    told: str,
) -> None:
    order = HEAD + STARTED.format("import sys; sys.modules['specnet_order'].seen.append(__name__)")
    install("order")
    for namespace in "ab":
        install(namespace, order)
    importlib.import_module("specnet_order")
    monkeypatch.setenv("SPECNET_TRACK", environment)
    code, *_ = command(capsys, *(word for namespace in track for word in ("--track", namespace)))
    assert code == 0
    assert seen("order") == [f"specnet_{namespace}" for namespace in told.split()]
    trackers = json.loads(Path("out", "manifest.json").read_text())["trackers"]
    assert trackers == {f"specnet-{namespace}": "1.2" for namespace in told.split()}


# What they are told


def test_the_life_of_a_run(install: Install) -> None:
    install("acme")
    result = run(SPEC, track=["acme"], out="out")
    (_, told), *epochs, (_, _, end) = seen("acme")
    assert isinstance(told, TrackedRun)
    assert (told.name, told.path, told.seed, told.parameters) == ("small", Path("out"), 3, 15)
    assert dict(told.rows) == {"train": 28, "test": 12}
    assert told.started.isoformat(timespec="seconds") == result.manifest["started"]
    assert isinstance(told.started, datetime)
    assert json.loads(json.dumps(told.spec, default=dict)) == json.loads(Path("out", "resolved.json").read_text())
    assert [about for _, about, _ in epochs] == [told] * 4
    logged = [epoch for _, _, epoch in epochs]
    assert all(isinstance(epoch, LoggedEpoch) for epoch in logged)
    assert [(epoch.number, epoch.epochs) for epoch in logged] == [(1, 10), (4, 10), (8, 10), (10, 10)]
    assert [epoch.values["train.loss"] for epoch in logged] == result.history["train.loss"].tolist()
    assert [epoch.values["test.loss"] for epoch in logged] == result.history["test.loss"].tolist()
    assert isinstance(end, RunEnd)
    assert (end.status, dict(end.metrics), end.verdicts) == ("finished", result.metrics, result.verdicts)
    assert isinstance(end.verdicts[0], Verdict)
    assert end.seconds > 0


def test_without_test_rows(install: Install) -> None:
    install("acme")
    run(SPEC, set={"split.train": 1.0, "split.test": 0.0, "expect": "[]"}, track=["acme"])
    (_, told), (_, _, epoch), *_, (_, _, end) = seen("acme")
    assert dict(told.rows) == {"train": 40}
    assert [*epoch.values] == [*end.metrics] == ["train.loss"]


def test_numbers_are_those_of_python() -> None:
    values = numbers({"loss": np.float64(0.5)})
    assert (values, type(values["loss"])) == ({"loss": 0.5}, float)
    assert frozen({"a": [1, {"b": [2]}]}) == {"a": (1, {"b": (2,)})}


def test_the_directory_is_complete_when_the_end_is_told(install: Install) -> None:
    install("acme", HEAD + "from specnet import load_run\n" + ENDED.format("seen.append(load_run(run.path).status)"))
    run(SPEC, track=["acme"])
    assert seen("acme") == ["finished"]


def test_the_end_is_told_after_a_divergence(install: Install) -> None:
    install("acme")
    with pytest.raises(DivergenceError):
        run(SPEC, set=DIVERGING, track=["acme"], out="out")
    *_, (name, _, end) = seen("acme")
    assert (name, end.status) == ("ended", "diverged")
    assert load_run("out").metrics == end.metrics


def test_the_end_is_told_after_an_interruption(install: Install) -> None:
    install("acme", TRACKER.replace("seen.append(('started', run))", "import signal; signal.raise_signal(2)"))
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted):
            run(SPEC, track=["acme"], out="out")
    finally:
        signal.signal(signal.SIGINT, before)
    *_, (name, _, end) = seen("acme")
    assert (name, end.status) == ("ended", "interrupted")
    assert load_run("out").manifest["trackers"] == {"specnet-acme": "1.2"}


def test_a_hook_may_take_fewer_arguments(install: Install) -> None:
    source = HEAD + EPOCH.replace("run, epoch", "epoch").format("seen.append(epoch.number)")
    install("acme", source + ENDED.replace("run, end", "").format("seen.append('end')"))
    run(SPEC, track=["acme"])
    assert seen("acme") == [1, 4, 8, 10, "end"]


def test_a_run_is_loaded_without_its_trackers(install: Install) -> None:
    install("acme")
    trained = run(SPEC, track=["acme"])
    loaded = load_run(trained.path, load_registry(Selection(allowed=frozenset())))
    assert loaded.manifest["trackers"] == {"specnet-acme": "1.2"}
    assert loaded.manifest["plugins"] == {}


def test_a_folder_of_a_tracker_in_the_run_directory_is_not_sealed(install: Install) -> None:
    write = "(run.path / 'curves').mkdir(exist_ok=True); (run.path / 'curves' / 'x').write_text({!r})"
    install("acme", HEAD + STARTED.format(write.format("a")) + ENDED.format(write.format("b")))
    trained = run(SPEC, track=["acme"])
    assert (load_run(trained.path).path / "curves" / "x").read_text() == "b"


def test_plugins_list_says_who_tracks(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("acme")
    install("none", NO_HOOK)
    with pytest.raises(SystemExit):
        main(["plugins", "list"])
    out, _ = capsys.readouterr()
    assert re.search(r"^acme        specnet-acme 1\.2, loaded in \d+\.\d ms: tracks runs$", out, re.MULTILINE)
    with pytest.raises(SystemExit):
        main(["plugins", "list", "--json"])
    out, _ = capsys.readouterr()
    assert {p["namespace"]: p["tracks"] for p in json.loads(out)["plugins"]} == {"acme": True, "none": False}


# The page


def test_the_tracker_of_the_page_works(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    install("page", source)
    result = run(SPEC, track=["page"])
    lines = (result.path / "log" / "losses.txt").read_text().splitlines()
    losses = zip([1, 4, 8, 10], result.history["train.loss"].tolist(), strict=True)
    assert lines == [f"{epoch} of 10: {loss}" for epoch, loss in losses]
    assert capsys.readouterr().out.startswith(f"finished {result.metrics} ")


@pytest.mark.parametrize("record", [TrackedRun, LoggedEpoch, RunEnd])
def test_the_page_lists_the_fields_of_the_records(record: Any) -> None:
    (row,) = [line for line in PAGE.splitlines() if f"(`{record.__name__}`) |" in line]
    listed = re.sub(r" \(.*?\)", "", row.split("|")[2])
    assert listed.strip() == ", ".join(f"`{field.name}`" for field in fields(record))


# Going on


def test_a_run_that_goes_on_tells_what_is_left_of_it(install: Install) -> None:
    class Stopping(Watcher):
        def epoch(self, epoch: Any) -> None:
            if epoch.number == 4:
                signal.raise_signal(signal.SIGTERM)

    install("acme")
    with pytest.raises(Interrupted):
        run(SPEC, out="out", watcher=Stopping())
    resume("out", track=["acme"])
    assert steps("acme") == ["started", "epoch", "epoch", "ended"]
    (_, first), (_, _, eighth), (_, _, tenth), (_, _, end) = seen("acme")
    assert (first.path, eighth.number, tenth.number, end.status) == (Path("out"), 8, 10, "finished")
    assert json.loads(Path("out", "manifest.json").read_text())["trackers"] == {"specnet-acme": "1.2"}


# Watchers


def test_several_watchers_are_told_everything() -> None:
    names = [name for name in vars(Watcher) if not name.startswith("_")]
    assert len(names) == 9
    told: list[str] = []

    class Noting(Watcher):
        def __getattribute__(self, name: str) -> Any:
            return lambda *_: told.append(name)

    both: Any = Watchers(Noting(), Noting())
    arguments = {"loaded": 2, "prepared": 2, "planned": 2, "checked": 3, "started": 3, "resumed": 3}
    for name in names:
        getattr(both, name)(*[None] * arguments.get(name, 1))
    assert told == [name for name in names for _ in range(2)]
