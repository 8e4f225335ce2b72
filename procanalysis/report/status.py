"""Status as symbol, word and colour together, so that none of them carries the meaning alone."""

from __future__ import annotations

from dataclasses import dataclass

from procanalysis.errors import ReportError, did_you_mean


@dataclass(frozen=True)
class StatusMark:
    """Hold one status: its name in code, its symbol and its Swedish word."""

    kind: str
    symbol: str
    word: str


STATUSES: tuple[StatusMark, ...] = (
    StatusMark("met", "✓", "Når målet"),
    StatusMark("watch", "▲", "Bevaka"),
    StatusMark("off", "✕", "Avviker"),
    StatusMark("unknown", "?", "Underlag saknas"),
)


def find_status(name: str) -> StatusMark | None:
    """Find a status by its name in code or its Swedish word; None when there is none of that name.

    >>> find_status("watch").word
    'Bevaka'
    """
    wanted = name.strip().casefold()
    return next((mark for mark in STATUSES if wanted in (mark.kind, mark.word.casefold())), None)


def status_named(name: str) -> StatusMark:
    """Find a status, or raise ReportError naming those there are."""
    mark = find_status(name)
    if mark is None:
        words = [mark.word for mark in STATUSES]
        raise ReportError(f"status '{name}' does not exist. {did_you_mean(name, words)}")
    return mark
