"""Classes as targets: rows that take turns, and one column for two classes or one for each of more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from specnet.component import Table

if TYPE_CHECKING:
    from specnet.arrays import Array, Index


def class_names(classes: int) -> tuple[str, ...]:
    """The target columns: `class` alone holds 0 or 1, more than two classes have a column each."""
    return ("class",) if classes == 2 else tuple(f"class_{k}" for k in range(classes))


def in_turn(samples: int, classes: int) -> Index:
    """0, 1, ..., 0, 1, ...: no class has two rows more than another, in the whole or in any stretch of it."""
    import numpy as np

    return np.arange(samples) % classes


def class_table(which: Index, classes: int) -> Table:
    """The class of each row, as 0 and 1."""
    import numpy as np

    values: Array = which.astype(np.float64)[:, None] if classes == 2 else np.eye(classes)[which]
    return Table(class_names(classes), values)
