"""What a project to measure on is: where it lies, which organisations it has, what their ledgers add up to.

Imports nothing heavy: the process that starts the measured ones must be small, since a process inherits the peak of
the one that started it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
MASK_KEY = "a key for benchmarks only"


@dataclass(frozen=True)
class Project:
    """Say where a project lies, which organisations it has, and what their ledgers add up to."""

    root: Path
    slugs: tuple[str, ...]
    lines: int
    amount_ore: int

    @property
    def rules(self) -> Path:
        """The mapping rules."""
        return self.root / "params/mappings/bench.csv"

    @property
    def taxonomy(self) -> Path:
        """The category tree."""
        return self.root / "params/taxonomies/bench.csv"

    @property
    def contracts(self) -> Path:
        """The contract register of the first organisation."""
        return self.root / "data" / f"avtal-{self.slugs[0]}.csv"

    def ledger(self, slug: str = "") -> list[Path]:
        """List the ledger files of an organisation, the first one when none is named."""
        return sorted((self.root / "data" / (slug or self.slugs[0])).glob("*.csv"))

    def save(self) -> None:
        """Write down what the project is, so that another process can open it."""
        content = asdict(self) | {"root": str(self.root)}
        (self.root / "project.json").write_text(json.dumps(content), encoding="utf-8")


def open_project(root: Path) -> Project:
    """Open a project that `make_project` has written."""
    content = json.loads((root / "project.json").read_text(encoding="utf-8"))
    return Project(root, tuple(content["slugs"]), content["lines"], content["amount_ore"])
