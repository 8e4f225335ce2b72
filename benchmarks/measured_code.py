"""Tell which code is measured: its commit, what was changed since, and whether it stays the same meanwhile."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.project import REPOSITORY

_MEASURED = ("procanalysis/**/*", "notebooks/*.ipynb", "benchmarks/*.py")
_NAMED = 5


class CodeChangedError(Exception):
    """The code was changed while it was measured, so that the numbers are of no code in particular."""


@dataclass(frozen=True)
class Code:
    """Say which code it is: commit and its day (empty without git), files changed since, digests of what is run."""

    commit: str
    day: str
    changed: tuple[str, ...]
    digests: Mapping[str, str]

    @property
    def name(self) -> str:
        """A name for folders: the commit, and a digest too when it is not just that commit."""
        digest = hashlib.sha256(repr(sorted(self.digests.items())).encode()).hexdigest()[:8]
        if not self.commit:
            return f"code-{digest}"
        return f"{self.day}-{self.commit[:12]}" + (f"-changed-{digest}" if self.changed else "")

    def in_words(self) -> str:
        """Say it for readers of the results."""
        if not self.commit:
            return "unknown: there was no git to ask"
        named = ", ".join(self.changed[:_NAMED])
        more = f" and {len(self.changed) - _NAMED} more" if len(self.changed) > _NAMED else ""
        tree = f"**with changes that are in no commit** ({named}{more})" if self.changed else "nothing changed since"
        return f"commit {self.commit[:12]} of {self.day}, {tree}"


def describe_code(root: Path = REPOSITORY) -> Code:
    """Ask git for the commit and for what was changed since, results of benchmarks left aside."""
    commit, _, day = _git(root, "log", "-1", "--format=%H %cs").strip().partition(" ")
    changed = _git(root, "status", "--porcelain", "--", ".", ":!benchmarks/results").splitlines()
    return Code(commit, day, tuple(line[3:] for line in changed), _digests(root))


@contextmanager
def unchanged(code: Code, root: Path = REPOSITORY) -> Iterator[None]:
    """Raise CodeChangedError when the code is not the same after what is done within, whether or not that failed."""
    try:
        yield
    finally:
        now = _digests(root)
        changed = sorted(name for name in code.digests.keys() | now.keys() if code.digests.get(name) != now.get(name))
        if changed:
            raise CodeChangedError(
                f"The code was changed while it was measured: {', '.join(changed[:_NAMED])}. What was being measured "
                "is left out of the results; the parts before it are kept. Measure again, best from a clone in which "
                "nobody works."
            )


def _git(root: Path, *words: str) -> str:
    try:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def _digests(root: Path) -> dict[str, str]:
    paths = {path for pattern in _MEASURED for path in root.glob(pattern) if path.is_file()}
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if "__pycache__" not in path.parts
    }
