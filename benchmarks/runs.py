"""Keep what each command measured in a file of its own, beside those of other commands on the same code and machine.

The table is made of all of them, and tells which command each number came from: one command never writes over another,
and no number of one is divided by a number of another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measuring import Record

TABLE, PLOT = "table.md", "growth.svg"


@dataclass(frozen=True)
class Run:
    """Hold what one command measured.

    command: as it may be given again; began and ended: in UTC, ended empty when it was stopped or goes on; code and
    machine: in words; records: of all works; reports: the raw numbers of the reports, empty when they were left out.
    """

    command: str
    began: str
    code: str
    machine: Mapping[str, str]
    ended: str = ""
    records: tuple[Record, ...] = ()
    reports: Mapping[str, Any] = field(default_factory=dict)

    def with_more(self, found: list[Record] | dict[str, Any]) -> Run:
        """Add the records of a part, or the raw numbers of the reports."""
        if isinstance(found, dict):
            return replace(self, reports=found)
        return replace(self, records=(*self.records, *found))

    def save(self, folder: Path) -> None:
        """Write it to a file of its own, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.began.replace(':', '').replace(' ', '-')}.json"
        half = path.with_suffix(".part")
        half.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        half.replace(path)


def read_runs(folder: Path) -> list[Run]:
    """Read what the commands measured that lie in a folder, in the order in which they began."""
    contents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return [Run(**{**each, "records": tuple(Record(**record) for record in each["records"])}) for each in contents]


def moment() -> str:
    """Return the present moment in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
