"""What runs leave: tensors that are checked, run directories that can be trusted."""

from __future__ import annotations

from specnet.artifacts.checkpoints import Checkpoints
from specnet.artifacts.claim import claimed, is_claimed
from specnet.artifacts.removal import check_removable, remove
from specnet.artifacts.rundir import RunDirectory
from specnet.artifacts.strict_json import finite_or_reason, finite_or_reasons
from specnet.artifacts.tensors import decode_indices, decode_tensors, encode_indices, encode_tensors
from specnet.disk import read_bytes, sha256_of, write_atomic

__all__ = [
    "Checkpoints",
    "RunDirectory",
    "check_removable",
    "claimed",
    "decode_indices",
    "decode_tensors",
    "encode_indices",
    "encode_tensors",
    "finite_or_reason",
    "finite_or_reasons",
    "is_claimed",
    "read_bytes",
    "remove",
    "sha256_of",
    "write_atomic",
]
