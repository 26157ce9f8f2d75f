"""SN425: layers that read whole numbers, and inputs that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.errors import Path
    from specnet.spec.subject import Subject


def scaled(subject: Subject) -> Iterator[Finding]:
    """SN425: inputs that are scaled, although a layer looks them up as they stand."""
    for says, _ in _readers(subject)[:1]:
        for name in subject.scalers("input"):
            message = f"{says} as they stand, and {f'the column {name!r} is' if name else 'the inputs are'} scaled"
            place: Path = ("dataset", "columns") if name else ("scaling", "inputs")
            yield Finding("SN425", message, place, "leave the scaling of inputs out")


def predicted(subject: Subject) -> Iterator[Finding]:
    """SN425: rows to predict that such a layer cannot read."""
    for says, count in _readers(subject)[:1]:
        for i, case in enumerate(subject.spec.predict):
            for k, row in enumerate(case.inputs):
                numbers = (cell for cell in row if not isinstance(cell, str))
                wrong = next((cell for cell in numbers if not (0 <= cell < count and cell == int(cell))), None)
                if wrong is not None:
                    yield Finding("SN425", f"{says}, not {wrong:g}", ("predict", i, "inputs", k))


def _readers(subject: Subject) -> list[tuple[str, int]]:
    """What is said of each layer that reads whole numbers out of the data, and how many; the fewest first."""
    reading = [(step, step.layer.whole_numbers()) for step in subject.plan.steps if -1 in step.sources]
    found = [
        (f"{step.layer.type} ({step.name}) reads whole numbers from 0 to {count - 1:,}", count)
        for step, count in reading
        if count is not None
    ]
    return sorted(found, key=lambda pair: pair[1])
