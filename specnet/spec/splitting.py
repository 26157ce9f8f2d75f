"""The section `[split]`: which rows the net is trained on, which choices are made by, and which it is measured on."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from specnet.component import Declaration, Many, SpecPath
from specnet.errors import DataError, Finding

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
"""The parts in the order in which they are cut."""

_EXACT = 400
"""Digits that are enough for 1 + 5e-324."""


def _decimal(value: float) -> Decimal:
    """The number as it was written."""
    return Decimal(repr(value))


def _train(before: dict[str, Any]) -> float | None:
    if before.get("column") is not None:
        return None
    return 0.7 if before.get("test_path") is None else 1.0


def _validation(before: dict[str, Any]) -> float | None:
    return 0.0 if before.get("column") is None else None


def _test(before: dict[str, Any]) -> float | None:
    if before.get("column") is not None:
        return None
    return 0.3 if before.get("test_path") is None else 0.0


class SplitSection(Declaration):
    """How the rows are parted: by exact counts, or as a column or other files say."""

    stratify: str | None = None
    """A column whose values have the same share of each part, such as a target of classes."""
    time: str | None = None
    """A column in whose order the rows are taken, the earliest for training, the last for the test."""
    column: str | None = None
    """A column of texts (role id) that say of each row: train, validation or test."""
    parts: Many[Part] | None = None
    """What the cells of `column` say, all of it; train and test when it is left out."""
    validation_path: SpecPath | None = None
    """Another file of the same form, all of whose rows are for validation; relative to the spec file."""
    test_path: SpecPath | None = None
    """Another file of the same form, all of whose rows are for the test; relative to the spec file."""
    folds: int | None = Field(default=None, ge=2)
    """In how many folds the rows without those of the test are cut, where `fold` is the test; see cross-validate."""
    fold: int | None = Field(default=None, ge=1)
    """Which of the folds the net is measured on, from 1; the test rows of the spec are then left out."""
    train: float | None = Field(default_factory=_train, gt=0, le=1)
    """The fraction of the rows that the net is trained on: 0.7 when it is left out, and 1 beside a test_path."""
    validation: float | None = Field(default_factory=_validation, ge=0, lt=1)
    """The fraction of the rows by which choices are made, such as when to stop: 0 when it is left out."""
    test: float | None = Field(default_factory=_test, ge=0, lt=1)
    """The fraction of the rows that it is measured on: 0.3 when it is left out, and 0 beside a test_path."""
    shuffle: bool = Field(default_factory=lambda before: before.get("time") is None)
    """False takes the rows in their order: the first for training, then validation, the last for the test.

    True when it is left out, unless `time` has the rows in its order.
    """

    @field_validator("train", "validation", "test")
    @classmethod
    def _null_is_as_left_out(cls, fraction: float | None, info: ValidationInfo) -> float | None:
        left_out = {"train": _train, "validation": _validation, "test": _test}[info.field_name or ""]
        return left_out(info.data) if fraction is None else fraction

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        ways = {"stratify": self.stratify, "time": self.time, "column": self.column}
        if len(said := [name for name, column in ways.items() if column is not None]) > 1:
            raise ValueError(f"{' and '.join(said)} part the rows in different ways: keep one")
        if self.time is not None and self.shuffle:
            raise ValueError("time takes the rows in their order, and shuffle in none: keep one")
        if self.time is not None and self.folds is not None:
            raise ValueError("folds take rows from all times for training, later ones too: leave time or the folds out")
        if (self.folds is None) != (self.fold is None):
            raise ValueError("folds and fold go together: fold = 1 of folds = 5")
        if self.folds is not None and self.fold is not None and self.fold > self.folds:
            raise ValueError(f"fold = {self.fold} is none of {self.folds} folds")
        return self

    @model_validator(mode="after")
    def _parts_by_column(self) -> Self:
        if self.column is None:
            if self.parts is not None:
                raise ValueError("parts are what the cells of a column say: name it as `column`, or use fractions")
            return self
        for part in PARTS:
            if getattr(self, part) is not None:
                raise ValueError(f"the column {self.column!r} says which rows are for {part}: leave the fraction out")
        if files := self.files():
            raise ValueError(f"{next(iter(files))}_path and column both say which rows there are: keep one")
        parts = self.named_parts()
        if "train" not in parts or len(set(parts)) < len(parts):
            raise ValueError("parts must name train, and none of them twice")
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.column is not None:
            return self
        for name in self.files():
            if self.fractions()[name] > 0:
                raise ValueError(f"{name} = {self.fractions()[name]} and {name}_path name other rows: keep one")
        with localcontext(prec=_EXACT):
            total = sum(map(_decimal, self.fractions().values()))
        if total != 1:
            named = [name for name, fraction in self.fractions().items() if fraction or name != "validation"]
            raise ValueError(f"{' + '.join(named)} = {total}, and must be 1")
        return self

    def fractions(self) -> dict[str, float]:
        """The fraction of each part, in the order in which they are cut; 0 where a column or a file has its rows."""
        return {"train": self.train or 0.0, "validation": self.validation or 0.0, "test": self.test or 0.0}

    def files(self) -> dict[str, str]:
        """The file of each part that has one of its own."""
        paths = {"validation": self.validation_path, "test": self.test_path}
        return {part: path for part, path in paths.items() if path is not None}

    def named_parts(self) -> tuple[Part, ...]:
        """What the cells of `column` say."""
        return ("train", "test") if self.parts is None else self.parts

    def present(self) -> tuple[str, ...]:
        """The parts that the rows of a run have."""
        cut = [part for part, fraction in self.fractions().items() if fraction > 0]
        there = {
            *(cut if self.column is None else self.named_parts()),
            *self.files(),
            *(["test"] if self.folds else []),
        }
        return tuple(part for part in PARTS if part in there)

    def counts(self, rows: int) -> dict[str, int]:
        """The rows of each part by exact decimal arithmetic: each cut is rounded, half up, and the sum is `rows`.

        Raises DataError SN512 when a part with a fraction would be empty.
        """
        counts, cut, share = {}, 0, Decimal(0)
        with localcontext(prec=_EXACT):
            for part, fraction in self.fractions().items():
                share += _decimal(fraction)
                before, cut = cut, int((rows * share).to_integral_value(ROUND_HALF_UP))
                counts[part] = cut - before
        for part, fraction in self.fractions().items():
            if fraction > 0 and counts[part] == 0:
                raise _none_left(rows, part, f"{part} = {fraction}")
        return counts

    def fold_counts(self, rows: int) -> dict[str, int]:
        """The rows of each fold: as many in each, or one more in the first. Raises DataError SN512."""
        folds = self.folds or 1
        if rows < folds:
            raise _none_left(rows, "folds", f"fold {rows + 1}")
        return {f"fold {i + 1}": rows // folds + (i < rows % folds) for i in range(folds)}

    def counts_beside(self, rows: int) -> dict[str, int]:
        """What training and validation have of the rows that are in other folds. Raises DataError SN512."""
        train, validation = (_decimal(self.fractions()[part]) for part in ("train", "validation"))
        if not validation:
            return {"train": rows}
        with localcontext(prec=_EXACT):
            both = train + validation
            cut = int((2 * rows * train + both) // (2 * both))  # rounded, half up
        for part, count in {"train": cut, "validation": rows - cut}.items():
            if count == 0:
                raise _none_left(rows, part, f"{part} = {self.fractions()[part]}")
        return {"train": cut, "validation": rows - cut}

    def sizes(self, rows: int) -> dict[str, int] | None:
        """The rows of each part of a run, None where the data has to be read for that. Raises DataError SN512."""
        if self.column is not None or self.time is not None or self.files():
            return None
        counts = self.counts(rows)
        if self.folds is None:
            return counts
        pool = counts["train"] + counts["validation"]
        test = self.fold_counts(pool)[f"fold {self.fold}"]
        return {"train": 0, "validation": 0, **self.counts_beside(pool - test), "test": test}


def _none_left(rows: int, key: str, what: str) -> DataError:
    message = f"{rows} row{'s leave' if rows != 1 else ' leaves'} none for {what}"
    return DataError(Finding("SN512", message, ("split", key), help="more rows, or a larger fraction"))
