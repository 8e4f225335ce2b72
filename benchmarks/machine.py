"""Describe the machine and what runs on it, without its name or any path."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("duckdb", "narwhals", "pandas", "polars", "pyarrow", "numpy", "papermill", "nbconvert")


def describe_machine() -> dict[str, str]:
    """Return what is worth knowing of the machine: cores, memory, how busy it is, Python, libraries."""
    libraries = {name: _version(name) for name in _LIBRARIES}
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(cores()),
        "memory": f"{memory_gib():.0f} GiB",
        "load when it began": _load(),
        "Python": platform.python_version(),
        **libraries,
    }


def machine_kind() -> str:
    """Return a short name of the kind of machine, for file names."""
    return f"{platform.system()}-{platform.machine()}-{cores()}-cores-{memory_gib():.0f}-gib".lower()


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_gib() -> float:
    """Return how much memory the machine has."""
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f} (a machine with nothing else to do has about 0)"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "not told"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
