"""What the machine has: the memory that a plan is held against."""

from __future__ import annotations

import os
import sys


def physical_memory() -> int | None:
    """The bytes of memory of this machine, None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _windows_memory() -> int | None:
    """GetPhysicallyInstalledSystemMemory, in kilobytes: Win32 API, sysinfoapi.h."""
    import ctypes

    kilobytes = ctypes.c_ulonglong()
    library = getattr(ctypes, "windll", None)
    if library is None or not library.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes)):
        return None
    return kilobytes.value * 1024
