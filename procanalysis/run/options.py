"""What is asked of a run, what is told while it goes on, and what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from procanalysis.run.catalogue import Report

SECONDS_PER_REPORT = 600.0
"""The example's slowest report takes a few seconds; what takes this long has hung."""
MEMORY_PER_REPORT = 4_000_000_000
"""Ten times what the example's reports take; two such reports at a time fit in an ordinary laptop."""


@dataclass
class RunResult:
    """Count what a run did.

    failures holds (what, why), and notes (what, what happened) of work that was done all the same. left_out counts
    fictional organisations without data.
    """

    index: Path
    published: int = 0
    unchanged: int = 0
    printed: int = 0
    left_out: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class RunOptions:
    """Hold what the user asked for. everyone is true when no organisation was named, so that all are meant.

    memory_per_report is in bytes, 0 for no limit: of the report's own process and those it starts.
    """

    reports: tuple[Report, ...]
    period: str = ""
    everyone: bool = False
    jobs: int = 2
    out: Path = Path("reports")
    seconds_per_report: float = SECONDS_PER_REPORT
    memory_per_report: int = MEMORY_PER_REPORT
    ordinary_kernel: bool = False
    browser: str = ""  # the program that prints each page as PDF; empty when none is wanted


@dataclass(frozen=True)
class Listener:
    """Hold what is told while a run goes on.

    planned: how many more pieces of work there are. at: which code cell of how many a running report is at.
    done: what became of a piece of work, and why or what is to be known of it.
    """

    planned: Callable[[int], None] = lambda number: None
    at: Callable[[str, int, int], None] = lambda what, cell, cells: None
    done: Callable[[str, str, str], None] = lambda what, state, why: None
