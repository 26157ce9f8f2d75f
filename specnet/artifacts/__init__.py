"""What runs leave: tensors that are checked, run directories that can be trusted."""

from __future__ import annotations

from specnet.artifacts.checkpoints import Checkpoints
from specnet.artifacts.claim import claimed
from specnet.artifacts.rundir import RunDirectory
from specnet.artifacts.strict_json import finite_or_reason
from specnet.artifacts.tensors import decode_tensors, encode_tensors
from specnet.disk import read_bytes, sha256_of, write_atomic

__all__ = [
    "Checkpoints",
    "RunDirectory",
    "claimed",
    "decode_tensors",
    "encode_tensors",
    "finite_or_reason",
    "read_bytes",
    "sha256_of",
    "write_atomic",
]
