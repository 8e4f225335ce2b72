"""What is asked of a run, what is told while it goes on, and what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from procanalysis.run.catalogue import Report


@dataclass
class RunResult:
    """Count what a run did. `failures` holds (what, why); left_out counts fictional organisations without data."""

    index: Path
    published: int = 0
    unchanged: int = 0
    printed: int = 0
    left_out: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class RunOptions:
    """Hold what the user asked for. everyone is true when no organisation was named, so that all are meant."""

    reports: tuple[Report, ...]
    period: str = ""
    everyone: bool = False
    jobs: int = 2
    out: Path = Path("reports")
    seconds_per_report: float = 600.0
    ordinary_kernel: bool = False
    browser: str = ""  # the program that prints each page as PDF; empty when none is wanted


@dataclass(frozen=True)
class Listener:
    """Hold what is told while a run goes on: how many pieces of work there are, and what became of each."""

    planned: Callable[[int], None] = lambda number: None
    done: Callable[[str, str, str], None] = lambda what, state, why: None
