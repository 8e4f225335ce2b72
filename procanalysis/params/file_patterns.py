"""Find the files that a reviewed file names, one by one or by a pattern."""

from __future__ import annotations

from pathlib import Path

_PATTERN_SIGNS = "*?["


def is_pattern(name: str) -> bool:
    """Tell whether a name may stand for several files."""
    return any(sign in name for sign in _PATTERN_SIGNS)


def matching_files(path: Path) -> list[Path]:
    """List the files that a path names, with *, ? and [ ] in it matched, in order of name; none when there is none."""
    if path.is_file():  # also one with a bracket in its name
        return [path.resolve()]
    if not is_pattern(str(path)):
        return []
    fixed = next(number for number, part in enumerate(path.parts) if is_pattern(part))
    root, rest = Path(*path.parts[:fixed]), "/".join(path.parts[fixed:])
    return sorted(found.resolve() for found in root.glob(rest) if found.is_file()) if root.is_dir() else []
