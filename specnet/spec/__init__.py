"""Specs: text to data, data to a validated Spec, and what is said when it is wrong."""

from __future__ import annotations

from specnet.spec.checking import check
from specnet.spec.document import Document, read_document
from specnet.spec.lint import lint
from specnet.spec.loading import examine, load_spec, placed
from specnet.spec.model import Spec
from specnet.spec.overrides import parse_assignment

__all__ = ["Document", "Spec", "check", "examine", "lint", "load_spec", "parse_assignment", "placed", "read_document"]
