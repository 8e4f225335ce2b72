"""Cut lines of text into records of cells, where quotes may hold a delimiter or a line end, or stand astray."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator

Cells = list[str]

_DELIMITERS = (";", "\t", "|", ",")
SAMPLED_LINES = 200
"""How many of a file's first lines tell its delimiter."""


def delimiter_of(named: str, first_lines: list[str]) -> str:
    """Return the sign between cells: the one named, as a sign or as 'tab', or with 'auto' the one that fits best.

    That is the sign that cuts at least half of the first rows into the same and most cells, else a semicolon.
    """
    if named != "auto":
        return "\t" if named == "tab" else named
    sample = first_lines[:SAMPLED_LINES]
    quoted = any('"' in line for line in sample)

    def score(sign: str) -> tuple[bool, int, float]:
        widths = Counter(len(cells) for cells in records([sample], sign, quoted=quoted) if any(cells))
        usual, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        share = count / (widths.total() or 1)
        return (usual > 1 and share >= 0.5, usual, share)

    return max(_DELIMITERS, key=score)


def shown_delimiter(sign: str) -> str:
    """Return how a delimiter is written for a reader: a tab by its name."""
    return "tab" if sign == "\t" else sign


class _Lines:
    """Hand out physical lines, and step back when a record turns out to have swallowed too many.

    Of the blocks of lines no more is held than from the record at hand on.
    """

    def __init__(self, blocks: Iterable[list[str]]) -> None:
        self._blocks = iter(blocks)
        self._lines: list[str] = []
        self._start = 0
        self._next = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._next >= len(self._lines) and not self.has_more():
            raise StopIteration
        self._next += 1
        return self._lines[self._next - 1] + "\n"

    def has_more(self) -> bool:
        """Tell whether a line is left."""
        while self._next >= len(self._lines):
            block = next(self._blocks, None)
            if block is None:
                return False
            self._lines = [*self._lines[self._start :], *block]
            self._next -= self._start
            self._start = 0
        return True

    def without_quotes(self) -> list[str]:
        """Take the next lines up to the first with a double quote, and none beyond the last line but one at hand."""
        start = self._next
        while self._next < len(self._lines) - 1 and '"' not in self._lines[self._next]:
            self._next += 1
        return self._lines[start : self._next]

    def begin(self) -> None:
        """Begin a record with the next line."""
        self._start = self._next

    def taken(self) -> int:
        """Return how many lines the record has taken."""
        return self._next - self._start

    def parts(self) -> list[str]:
        """Return the lines that the record has taken."""
        return self._lines[self._start : self._next]

    def keep_only_the_first(self) -> None:
        """Give back all the lines of the record but its first."""
        self._next = self._start + 1


def records(blocks: Iterable[list[str]], delimiter: str, *, quoted: bool) -> Iterator[Cells]:
    """Yield one record per row. A stray quote that swallows rows is taken as a plain character in its own row.

    Parameters: blocks, the lines of a whole text in lists; quoted, whether a double quote stands anywhere in it.
    """
    if not quoted:
        for lines in blocks:
            yield from (line.split(delimiter) for line in lines)
        return
    source = _Lines(blocks)
    reader = csv.reader(source, delimiter=delimiter)
    widths: set[int] = set()
    while source.has_more():
        for line in source.without_quotes():  # as csv would cut them, in a fraction of the time
            cells = line.split(delimiter)
            widths.add(len(cells))
            yield cells
        source.begin()
        try:
            cells = next(reader)
        except csv.Error:
            cells = []
        if source.taken() == 1 and source.has_more():
            widths.add(len(cells))
        elif _is_swallowed(cells, source.parts(), delimiter, widths - {1}):
            source.keep_only_the_first()
            reader = csv.reader(source, delimiter=delimiter)
            cells = source.parts()[0].split(delimiter)
        yield cells


def _is_swallowed(cells: Cells, parts: list[str], delimiter: str, widths: set[int]) -> bool:
    """Tell whether a record of several lines is rows run together by a stray quote, not a text with line ends.

    Rows run together break the rules of quoting, have another number of cells than other rows, or are made of lines
    of which two or more are whole rows by themselves.
    """
    if widths and len(cells) not in widths:
        return True
    try:
        strict = list(csv.reader((part + "\n" for part in parts), delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    whole = sum(part.count(delimiter) + 1 >= len(cells) for part in parts)
    return len(strict) != 1 or (whole > 1 and len(cells) > 1)
