"""Images in folders, one for each class."""

from __future__ import annotations

import stat
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Literal

from pydantic import Field, field_validator

from specnet.builtins.datasets.csv import plain_path
from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Many, SpecPath, Table
from specnet.errors import DataError, Finding
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import numpy as np
    import numpy.typing as npt

    from specnet.errors import Path as Place

_SUFFIXES = (".png", ".jpg", ".jpeg")
_MODES = {1: "L", 3: "RGB"}


class Images(Dataset):
    """PNG and JPEG files of one size, in a folder for each class; needs Pillow: pip install "specnet[images]".

    The inputs x0, x1, ... are the values from 0 to 255, row by row and the channels last, as `reshape` to
    [height, width, channels] puts them together again; the targets label=NAME are 1 for the class of the image and 0
    for the others. Files go by their names, in the order of the classes; folders and files of other kinds are passed
    over. An image of another size or with other channels is refused, before its pixels are unpacked.
    """

    synonyms = ("image_folder", "folder", "png", "jpeg")
    type: Literal["images"] = "images"
    path: SpecPath = Field(examples=["images"])
    """The folder that holds the folders, relative to the spec file."""
    classes: Many[str] = Field(examples=[["cat", "dog"]])
    """The names of the folders, in the order of the targets."""
    height: int = Field(ge=1, le=4096, examples=[32])
    """The rows of pixels."""
    width: int = Field(ge=1, le=4096, examples=[32])
    """The pixels in a row."""
    channels: Literal[1, 3] = 1
    """1 for shades of grey, 3 for red, green and blue."""

    @field_validator("path")
    @classmethod
    def _names_a_folder(cls, path: str) -> str:
        return plain_path(path, "a folder of folders")

    @field_validator("classes")
    @classmethod
    def _are_folders(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(names) < 2:
            raise ValueError("name at least two classes, each a folder")
        for name, count in Counter(names).items():
            if count > 1:
                raise ValueError(f"class {name!r} is named {count} times")
            plain_path(name, "a folder")
            if name in (".", "..") or "/" in name or "\\" in name:
                raise ValueError(f"class {name!r} is not the name of a folder in `path`")
        return names

    def plan(self) -> DatasetPlan:
        """A column for each value of an image and for each class; the rows are counted when the folders are read."""
        values = tuple(f"x{i}" for i in range(self.height * self.width * self.channels))
        return DatasetPlan(values, tuple(f"label={name}" for name in self.classes))

    def load(self, ctx: LoadContext) -> Data:
        """Every image, or a DataError that names the file."""
        import numpy as np

        plan, folder = self.plan(), ctx.folder / self.path
        files = [(file, k) for k, name in enumerate(self.classes) for file in _files(folder, name, k)]
        values = np.empty((len(files), len(plan.inputs)))
        for row, (file, _) in zip(values, files, strict=True):
            row[:] = self._pixels(file).ravel()
        which = np.array([k for _, k in files])
        targets = np.eye(len(self.classes))[which]
        return Data(Table(plan.inputs, values), Table(plan.targets, targets), tuple(file for file, _ in files))

    def _pixels(self, file: Path) -> npt.NDArray[np.uint8]:
        """(height, width) or (height, width, channels). Raises DataError SN501 or SN506."""
        import numpy as np

        library = _pillow()
        size, mode = (self.width, self.height), _MODES[self.channels]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", library.DecompressionBombWarning)
                with library.open(file, formats=("PNG", "JPEG")) as image:
                    if (image.size, image.mode) != (size, mode):
                        has = f"{image.size[0]} x {image.size[1]} pixels of the mode {image.mode}"
                        wanted = f"width x height are {size[0]} x {size[1]}, and {self.channels} channels are {mode}"
                        raise _fault("SN506", f"{file.name} has {has}; {wanted}", file, ("dataset",))
                    image.verify()  # the sums of a PNG file, at which decoding does not look
                with library.open(file, formats=("PNG", "JPEG")) as image:
                    return np.asarray(image)
        # what a decoder raises on a damaged file is no promise of Pillow, and it has many
        except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError) as error:
            raise _fault("SN501", f"{file.name} cannot be read: {error}", file) from error
        except (library.DecompressionBombError, library.DecompressionBombWarning) as error:
            raise _fault("SN501", f"{file.name} declares more pixels than an image may have", file) from error


def _files(folder: Path, name: str, place: int) -> list[Path]:
    """The images of a class by name. Raises DataError SN501 or SN505, and for what leads out of the folder."""
    where: Place = ("dataset", "classes", place)
    try:
        found = sorted(file for file in (folder / name).iterdir() if file.suffix.lower() in _SUFFIXES)
        for file in found:
            if not stat.S_ISREG(file.stat().st_mode) or not file.resolve().is_relative_to(folder.resolve()):
                raise _fault("SN501", f"{name}/{file.name} is not a regular file in the folder", file, where)
    except OSError as error:
        message = f"the folder {name!r} cannot be read: {error.strerror or error}"
        raise _fault("SN501", message, folder / name, where) from error
    if not found:
        raise _fault("SN505", f"the folder {name!r} has no PNG or JPEG files", folder / name, where)
    return [file.resolve() for file in found]


def _fault(code: str, message: str, file: Path, place: Place = ("dataset", "path")) -> DataError:
    return DataError(Finding(code, message, place, file=str(file)))


def _pillow() -> Any:
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        help = 'pip install "specnet[images]"'
        raise DataError(Finding("SN501", "images cannot be read without Pillow", ("dataset", "type"), help)) from error
    return Image


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Images]
