"""Runs: the path from a file to a trained network, and what is left of it in a run directory."""

from __future__ import annotations

from specnet.records import Verdict
from specnet.runs.cross_validation import CrossValidation, cross_validate
from specnet.runs.path import run
from specnet.runs.reproducing import Reproduction, reproduce
from specnet.runs.result import Run
from specnet.runs.resuming import resume
from specnet.runs.stored import load_run
from specnet.runs.watcher import Watcher

__all__ = [
    "CrossValidation",
    "Reproduction",
    "Run",
    "Verdict",
    "Watcher",
    "cross_validate",
    "load_run",
    "reproduce",
    "resume",
    "run",
]
