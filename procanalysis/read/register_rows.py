"""Describe registers and their rows: what the readers, the casts and the supplier keys all work on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

_LONGEST_SHOWN = 100
# Signs that nobody sees: control characters, marks without width, and those that turn the direction of writing.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True)
class Register:
    """Describe one kind of register.

    key: its part of the organisation file. what: its name in messages. aliases: known headers per column of ours, the
    best first. needed: groups of columns of which at least one must be there. dates, amounts, counts, numbers: columns
    to cast; an amount is money, a number an exact decimal. percents: numbers that may be written with a percent sign.
    month_ends: dates for which a month without a day means its last day. open_ends: dates that may be open-ended.
    has_settings: False for a list whose headers and encoding the organisation file cannot state.
    """

    key: str
    what: str
    aliases: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]
    dates: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    percents: tuple[str, ...] = ()
    month_ends: tuple[str, ...] = ()
    open_ends: tuple[str, ...] = ()
    has_settings: bool = True


@dataclass(slots=True)
class Row:
    """Hold one row of a register while it is read: the cells as written, what they were cast to, and its fault."""

    table: int
    file: str
    row_number: int
    headers: Mapping[str, str]
    cells: dict[str, str]
    dates: dict[str, date] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, Decimal] = field(default_factory=dict)
    reason: str = ""
    fault_column: str = ""
    fault_value: str = ""

    def text(self, column: str) -> str | None:
        """Return a cell as shown text, or None when it is empty."""
        return clean_text(self.cells.get(column, ""))

    def reject(self, reason: str, column: str = "", value: str | None = None) -> None:
        """Reject the row, unless it has been rejected for another reason already."""
        if not self.reason:
            self.reason = reason
            self.fault_column = self.headers.get(column, "")
            self.fault_value = (self.text(column) or "") if value is None else value

    def compared(self, column: str) -> object:
        """Return what a cell means, so that two rows can be compared whatever dress their values wear."""
        for cast in (self.dates, self.amounts, self.counts, self.numbers):
            if column in cast:
                return cast[column]
        return (self.text(column) or "").casefold()


def clean_text(written: str) -> str | None:
    """Return a cell's text with single spaces and without unseen signs; None when nothing or only a dash is left.

    >>> clean_text("  Vård \\x00 och\\u00a0omsorg "), clean_text("–")
    ('Vård och omsorg', None)
    """
    if not written:
        return None
    # Nearly every text is printable as it stands, and then holds no unseen sign.
    text = " ".join((written if written.isprintable() else _UNSEEN.sub(" ", written)).split())
    return None if text in ("", "-", "–") else text


def shortened(text: str) -> str:
    """Return the beginning of a text that is too long to be shown in a list or message.

    >>> len(shortened("a" * 10_000))
    100
    """
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 2] + " …"


def split_list(cell: str) -> list[str]:
    """Cut a cell at semicolons and line ends, leaving out what is empty.

    >>> split_list("Skola; Vård;;")
    ['Skola', 'Vård']
    """
    return [part for part in map(clean_text, re.split(r"[;\r\n]", cell)) if part is not None]


def normal_word(word: str) -> str:
    """Return the form in which words of a register are compared: case-folded, single spaces.

    >>> normal_word(" Tills  Vidare") == normal_word("tills vidare")
    True
    """
    return (clean_text(word) or "").casefold()
