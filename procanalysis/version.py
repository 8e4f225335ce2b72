"""Say which version of the code made something, so that an old result is never taken for a new one."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

VERSION = version("procanalysis")

_PACKAGE = Path(__file__).parent


@cache
def code_digest(*parts: str) -> str:
    """Return a digest of the package's own source files.

    Parameters: parts, files or folders within the package; none means the whole package.
    Returns sixteen hexadecimal digits. Raises FileNotFoundError for a part that does not exist, since a digest of
    nothing would never change.
    """
    for part in parts:
        (_PACKAGE / part).stat()
    within = tuple(f"{part}/" for part in parts)
    digest = hashlib.sha256()
    for name, own in _digests().items():
        if not parts or name in parts or name.startswith(within):
            digest.update(f"{name}\0{own}\n".encode())
    return digest.hexdigest()[:16]


@cache
def _digests() -> dict[str, str]:
    """Read the package's files once, in order; a process that is forked inherits what was read."""
    files = sorted(file for file in _PACKAGE.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(_PACKAGE).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
