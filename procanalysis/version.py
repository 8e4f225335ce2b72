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
    roots = [_PACKAGE / part for part in parts] or [_PACKAGE]
    for root in roots:
        root.stat()
    files = {file for root in roots for file in ([root] if root.is_file() else root.rglob("*"))}
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts):
        digest.update(str(file.relative_to(_PACKAGE)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
