"""The numbers that the formulas take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Positive = Annotated[float, Field(ge=1e-12, le=1e12)]
"""Away from 0 and infinity, so that its square times that of any sensible x is a number in float32 too."""
NonNegative = Annotated[float, Field(ge=0, le=1e12)]
"""0 included, where nothing is divided by it."""
