"""Images and their labels in two IDX files, the format of MNIST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from specnet.builtins.datasets.csv import plain_path
from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, SpecPath, Table
from specnet.errors import DataError, Finding
from specnet.hookspecs import hookimpl
from specnet.tables.block import WantedColumn
from specnet.tables.idx_file import IdxFile

if TYPE_CHECKING:
    from specnet.arrays import Array


class Idx(Dataset):
    """Images of one size and the number of the class of each, from two IDX files, packed with gzip or not.

    The inputs are x0, x1, ..., the pixels row by row, in the units of the file; the targets label=0, label=1, ...
    are 1 for the class of the image and 0 for the others.
    """

    synonyms = ("mnist", "ubyte")
    type: Literal["idx"] = "idx"
    images: SpecPath = Field(examples=["train-images-idx3-ubyte.gz"])
    """The file of the images, relative to the spec file."""
    labels: SpecPath = Field(examples=["train-labels-idx1-ubyte.gz"])
    """The file of the labels, relative to the spec file."""
    height: int = Field(default=28, ge=1, le=4096)
    """The rows of an image."""
    width: int = Field(default=28, ge=1, le=4096)
    """The pixels in a row."""
    classes: int = Field(default=10, ge=2, le=100_000)
    """How many there are; a label is from 0 to one less."""

    @field_validator("images", "labels")
    @classmethod
    def _names_a_file(cls, path: str) -> str:
        return plain_path(path, "an IDX file")

    def plan(self) -> DatasetPlan:
        """A column for each pixel and for each class; the rows are counted when the files are read."""
        pixels = tuple(f"x{i}" for i in range(self.height * self.width))
        return DatasetPlan(pixels, tuple(f"label={k}" for k in range(self.classes)))

    def load(self, ctx: LoadContext) -> Data:
        """Every image with its label, or a DataError that names the row."""
        import numpy as np

        plan = self.plan()
        images = IdxFile(ctx.folder / self.images, self.images, "x", ("dataset", "images"))
        labels = IdxFile(ctx.folder / self.labels, self.labels, "label", ("dataset", "labels"))
        size, pixels = len(images.header()), len(plan.inputs)
        if size != pixels:
            message = f"{images.name}: an image has {size:,} values, and {self.height} x {self.width} are {pixels:,}"
            raise DataError(Finding("SN506", message, ("dataset", "height"), file=str(images.path)))
        values, which = _read(images, plan.inputs), _read(labels, ("label",))[:, 0]
        if len(values) != len(which):
            message = f"{images.name} has {len(values):,} images, {labels.name} {len(which):,} labels"
            raise DataError(Finding("SN506", message, labels.place, file=str(labels.path)))
        one_hot = which[:, None] == np.arange(self.classes)
        if not (known := one_hot.any(axis=1)).all():
            row = int(np.flatnonzero(~known)[0])
            message = f"row {row + 1}, column 'label': {which[row]:g} is no class from 0 to {self.classes - 1}"
            raise DataError(Finding("SN507", message, ("dataset", "classes"), file=str(labels.path), line=row + 1))
        files = (images.path.resolve(), labels.path.resolve())
        return Data(Table(plan.inputs, values), Table(plan.targets, one_hot.astype(np.float64)), files)


def _read(file: IdxFile, names: tuple[str, ...]) -> Array:
    """(rows, names). Raises DataError, for NaN too."""
    import numpy as np

    columns = [WantedColumn(name, True, file.place) for name in names]
    values: Array = np.concatenate(
        [np.column_stack([np.asarray(column) for column in block.columns]) for block in file.blocks(columns)]
    )
    if np.isnan(values).any():
        row, column = np.argwhere(np.isnan(values))[0].tolist()
        message = f"row {row + 1}, column {names[column]!r} is empty: NaN is no value"
        raise DataError(Finding("SN507", message, file.place, file=str(file.path), line=row + 1))
    return values


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Idx]
