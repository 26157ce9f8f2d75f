"""Initial specs: from a table and the name of its target to a short spec that trains."""

from __future__ import annotations

from specnet.initial.drafting import Draft, draft

__all__ = ["Draft", "draft"]
