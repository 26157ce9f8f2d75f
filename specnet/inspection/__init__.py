"""Inspection: a spec against its data, before anything is trained."""

from __future__ import annotations

from specnet.inspection.cells import Look, look
from specnet.inspection.doubts import TOLD_BY_A_RUN, doubts
from specnet.inspection.targets import unfit

__all__ = ["TOLD_BY_A_RUN", "Look", "doubts", "look", "unfit"]
