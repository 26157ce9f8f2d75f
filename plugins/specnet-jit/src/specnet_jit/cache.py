"""Cache: generated modules in a folder of the user, each named by the hash of all that it depends on.

Numba keeps machine code beside a module, under the name of the processor and its features. The folder is trusted as
the user's own programs are: what lies in it is run.
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import lru_cache
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

PREFIX = "specnet_jit_"
VARIABLE = "SPECNET_JIT_CACHE"
_PRIVATE = 0o077
"""What others may do with a folder of which they must be able to do nothing."""


def folder() -> Path:
    """Where compiled nets are kept: `SPECNET_JIT_CACHE`, or the folder that the system has for such things."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "specnet-jit" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "specnet-jit"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "specnet-jit"


def module_of(source: str) -> ModuleType:
    """The module of that text, imported from the folder, where it is written if it is not there."""
    name = PREFIX + key_of(source)
    if name in sys.modules:
        return sys.modules[name]
    path = _home() / f"{name}.py"
    if not path.is_file() or path.read_text(encoding="utf-8") != source:
        _write(path, source)
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def key_of(source: str) -> str:
    """A hash of the text, of the versions that compile it, of the processor, and of the code that it calls."""
    from llvmlite import __version__ as llvmlite_version
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name
    from numba import __version__ as numba_version
    from numpy import __version__ as numpy_version

    cpu = (get_host_cpu_name(), get_host_cpu_features().flatten())
    called = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("kernels.py", "functions.py")]
    parts = (source, numba_version, llvmlite_version, numpy_version, sys.version, *cpu, *called)
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _home() -> Path:
    """The folder, made if need be; one for this process alone where there is none that is the user's own."""
    path = folder()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_own(path) and os.access(path, os.W_OK):
            return path
    except OSError:
        pass
    return Path(_passing().name)


def _is_own(path: Path) -> bool:
    if os.name == "nt":
        return True
    found = path.stat()
    return found.st_uid == os.getuid() and not found.st_mode & _PRIVATE & 0o022


@lru_cache(maxsize=1)
def _passing() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=PREFIX)


def _write(path: Path, source: str) -> None:
    """All at once: two processes may want the same."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".py")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(source)
    Path(name).replace(path)
