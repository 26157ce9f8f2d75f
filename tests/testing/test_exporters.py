from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from specnet.api import ExportError
from specnet.builtins.exporters.numpy_file import NumpyFile
from specnet.testing import check_exporter, failures, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from specnet.api import Exporter, TrainedNet
    from specnet.arrays import Array
    from specnet.testing import Check

    Seen = Callable[[Sequence[Check]], set[str]]

_ASKED = count()


class OtherSuffix(NumpyFile):
    suffix: ClassVar[str] = ".txt"

    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        return {".py": super().files(net)[".txt"]}


class Dated(NumpyFile):
    """Says when it was written."""

    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        return {".py": super().files(net)[".py"] + f"# {next(_ASKED)}\n".encode()}


class LeavesUnits(NumpyFile):
    """Forgets the way back."""

    def files(self, net: TrainedNet) -> Mapping[str, bytes]:
        return {".py": super().files(net)[".py"].replace(b"y = standardize_back", b"standardize_back")}


class NeedsTwoRows(NumpyFile):
    def predict(self, net: TrainedNet, path: Path, rows: Sequence[Sequence[Any]]) -> Array:
        if len(rows) == 1:
            raise ExportError("one row is too few")
        return super().predict(net, path, rows)


FAULTS: list[tuple[Exporter, set[str]]] = [
    (OtherSuffix(), {"files"}),
    (Dated(), {"files"}),
    (LeavesUnits(), {"same predictions", "one row"}),
    (NeedsTwoRows(), {"one row"}),
]


@pytest.mark.parametrize(("fault", "failed"), FAULTS, ids=[type(fault).__name__ for fault, _ in FAULTS])
def test_a_planted_fault_fails_its_own_check(seen: Seen, fault: Exporter, failed: set[str]) -> None:
    assert seen(check_exporter(fault)) == failed


def test_a_detail_says_what_the_exporter_says() -> None:
    details = {check.check: check.detail for check in failures(check_exporter(NeedsTwoRows()))}
    assert details["one row"] == "one row is too few"
    details = {check.check: check.detail for check in failures(check_exporter(OtherSuffix()))}
    assert details["files"] == "none of .py ends in '.txt'"


def test_a_sound_one_keeps_every_promise() -> None:
    assert summary(check_exporter(NumpyFile())) == "ran 12: 12 passed"
