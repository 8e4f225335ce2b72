"""Drawings made of rows: a name, a lane in which bars lie, and figures in columns; above each other on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import nan

from procanalysis.report import numbers, style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import NARROW_POINTS, WIDE_POINTS, Scale
from procanalysis.report.cleaning import shorten

BAR = 13.0
MISSING = "–"
"""What stands in a column of figures where there is none."""
_NARROW_TEXT, _WIDE_TEXT = 10.0, 9.5
_GAP = 9.0
_LEAST_LANE = 120.0
_MOST_NAME = 0.36
_NAME_LINES = 3
_SIGN = 12.0
_STRIPE = 6.0
_PALE = 0.14
_EDGE = 0.9


@dataclass(frozen=True)
class Look:
    """Say how a bar is filled. Shape carries the meaning: outlined bars are pale, hatched ones striped."""

    colour: str
    outlined: bool = False
    hatched: bool = False


@dataclass(frozen=True)
class Sign:
    """Hold one entry of a legend: a bar's look, or a line, with its words."""

    words: str
    look: Look
    line: bool = False
    dashes: tuple[float, ...] = ()
    dotted: bool = False


@dataclass(frozen=True)
class Lane:
    """Hold one row: its name, its figures, one for each column, and whether it stands out."""

    name: str
    figures: tuple[str, ...]
    bold: bool = False


class Lanes:
    """Place rows below each other: name, lane and figures on one line, or name and figures above the lane.

    Above where the sheet is narrow, or the figures leave too little room for the bars.
    """

    def __init__(
        self, canvas: Canvas, lanes: Sequence[Lane], *, heads: Sequence[str], unit: str = "", top: float, narrow: bool
    ) -> None:
        """Measure the names and figures, and write the heads of the figures; unit is theirs, where they lack it."""
        self._canvas = canvas
        self._heads = heads
        columns = [[lane.figures[index] for lane in lanes] for index in range(len(heads))]
        self._widths = [
            max(canvas.text_width(text, True) for text in (head, *column))
            for head, column in zip(heads, columns, strict=True)
        ]
        names = min(max(canvas.text_width(lane.name, True) for lane in lanes) + 2, canvas.width * _MOST_NAME)
        room = canvas.width - names - sum(self._widths) - _GAP * (len(heads) + 1)
        self.is_stacked = narrow or room < _LEAST_LANE
        self._unit = unit
        self.left = 1.0 if self.is_stacked else names + _GAP
        self.right = canvas.width - 1 if self.is_stacked else self.left + room
        self.y = top
        self._middles: list[float] = []
        if not self.is_stacked and any(heads):
            self._write_heads()
        self._top = self.y

    def next(self, lane: Lane) -> float:
        """Write a row's name and figures, and return the middle height of its lane."""
        middle = self._above(lane) if self.is_stacked else self._beside(lane)
        self._middles.append(middle)
        return middle

    def upright(
        self, x: float, colour: str, *, width: float = 0.8, dashes: Sequence[float] = (), edge: bool = False
    ) -> None:
        """Draw an upright line through all lanes; only around each bar where names stand between them.

        An edge of white keeps it apart from the bars that it crosses.
        """
        around = BAR / 2 + 2
        ends = [(middle - around, middle + around) for middle in self._middles]
        for top, bottom in ends if self.is_stacked else [(self._top - 2, self.y - 3)]:
            if edge:
                self._canvas.line([(x, top), (x, bottom)], style.BACKGROUND, width=width + 1.8, layer=1.9)
            self._canvas.line([(x, top), (x, bottom)], colour, width=width, dashes=dashes, layer=2)

    def _write_heads(self) -> None:
        canvas = self._canvas
        middle = self.y + canvas.line_height * 0.5
        if self._unit:
            canvas.text(0, middle, f"Belopp i {self._unit}", colour=style.MUTED_TEXT)
        for x, head in zip(self._ends(), self._heads, strict=True):
            canvas.text(x, middle, head, anchor="right", colour=style.MUTED_TEXT)
        self.y += canvas.line_height * 1.4

    def _ends(self) -> list[float]:
        """Return where each column of figures ends."""
        ends = [self._canvas.width - 1]
        for width in reversed(self._widths[1:]):
            ends.insert(0, ends[0] - width - _GAP)
        return ends[len(ends) - len(self._widths) :]

    def _beside(self, lane: Lane) -> float:
        canvas, width = self._canvas, self.left - _GAP
        words = canvas.wrap(lane.name, width, most=_NAME_LINES, bold=lane.bold)
        tall = max(BAR + 3, canvas.line_height * len(words))
        middle = self.y + tall / 2
        canvas.lines(width, middle, words, anchor="right", bold=lane.bold)
        for x, figure in zip(self._ends(), lane.figures, strict=True):
            canvas.text(x, middle, figure, anchor="right", bold=lane.bold)
        self.y += tall + 7
        return middle

    def _above(self, lane: Lane) -> float:
        canvas, alone = self._canvas, len(lane.figures) == 1
        room = canvas.width - (canvas.text_width(lane.figures[0], True) + _GAP if alone else 0)
        bold = lane.bold or not alone  # the name is a heading where the figures stand on a line of their own
        words = canvas.wrap(lane.name, max(room, canvas.width * 0.3), most=_NAME_LINES, bold=bold)
        if alone:
            first = self.y + canvas.line_height * 0.5
            canvas.text(canvas.width - 1, first, lane.figures[0], anchor="right", bold=lane.bold, halo=True)
        canvas.lines(0, self.y + canvas.line_height * len(words) / 2, words, bold=bold, halo=True)
        self.y += canvas.line_height * len(words)
        if not alone:
            written = canvas.wrap(self._told(lane), canvas.width, most=len(self._heads) * 2)
            canvas.lines(0, self.y + canvas.line_height * len(written) / 2, written, halo=True)
            self.y += canvas.line_height * len(written)
        middle = self.y + 4 + BAR / 2
        self.y = middle + BAR / 2 + 10
        return middle

    def _told(self, lane: Lane) -> str:
        """Write the figures as a reader says them: 'Nya avtal 9,0 mnkr; mål 70,0 mnkr'."""
        said = []
        for number, (head, figure) in enumerate(zip(self._heads, lane.figures, strict=True)):
            unit = f" {self._unit}" if self._unit and figure[-1:].isdigit() else ""
            begin = begun(head) if number else head
            # Hard spaces keep a figure on the same line as its head, where a line holds both.
            whole = f"{begin} {'saknas' if figure == MISSING else figure + unit}"
            hard = whole.replace(" ", numbers.HARD_SPACE)
            said.append(hard if self._canvas.text_width(f"{hard};") <= self._canvas.width else whole)
        return "; ".join(said)


def sheet(narrow: bool) -> Canvas:
    """Return an empty sheet for a wide page, or for a phone."""
    return Canvas(NARROW_POINTS, _NARROW_TEXT) if narrow else Canvas(WIDE_POINTS, _WIDE_TEXT)


def scaled(values: Iterable[Decimal], left: float, right: float, *, zero: bool = True) -> Callable[[Decimal], float]:
    """Return where a value lies between left and right, with zero on the scale where it is asked for."""
    known = [float(value) for value in values] + ([0.0] if zero else [])
    low, high = min(known), max(known)
    unit = (right - left) / ((high - low) or 1.0)
    return lambda value: left + (float(value) - low) * unit


def box(canvas: Canvas, left: float, right: float, middle: float, look: Look, *, height: float = BAR) -> None:
    """Draw a bar between two places, filled, pale with an outline, or striped; nothing where they are the same."""
    start, width = min(left, right), abs(right - left)
    if width < 0.05:
        return
    top, bottom = middle - height / 2, middle + height / 2
    fill = style.mix(style.BACKGROUND, look.colour, _PALE) if look.outlined else look.colour
    canvas.rectangle(start, top, width, height, fill)
    if look.hatched:
        stripes = _stripes(start, top, start + width, bottom)
        ink = look.colour if look.outlined else style.BACKGROUND
        canvas.line(stripes, ink, width=1.0, layer=1.2)
    if look.outlined:
        corners = [(start, top), (start + width, top), (start + width, bottom), (start, bottom), (start, top)]
        canvas.line(corners, look.colour, width=_EDGE)


def _stripes(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    """Return slanted stripes inside a rectangle as one broken line: one shape in the file, not hundreds."""
    height = bottom - top
    points: list[tuple[float, float]] = []
    begin = left - height + _STRIPE / 2
    while begin < right:
        start, end = max(begin, left), min(begin + height, right)
        if start < end:
            points += [(start, bottom - (start - begin)), (end, bottom - (end - begin)), (nan, nan)]
        begin += _STRIPE
    return points or [(left, bottom), (left, bottom)]


def mark(canvas: Canvas, x: float, middle: float, *, height: float = BAR) -> None:
    """Draw a target as an upright line with an edge of white, so that it is seen on a bar too."""
    ends = [(x, middle - height / 2 - 2.5), (x, middle + height / 2 + 2.5)]
    canvas.line(ends, style.BACKGROUND, width=4, layer=2.1)
    canvas.line(ends, style.REFERENCE, width=2, layer=2.2)


def legend(canvas: Canvas, signs: Sequence[Sign], *, top: float = 0.0) -> float:
    """Name what the drawing uses, as many on each line as there is room for; return where the drawing begins."""
    x, y = 0.0, top + canvas.line_height * 0.7
    for sign in signs:
        words = canvas.wrap(sign.words, canvas.width - _SIGN - 6, most=2)
        wide = max(canvas.text_width(line) for line in words) + _SIGN + 22
        if x and x + wide - 16 > canvas.width:
            x, y = 0.0, y + canvas.line_height * 1.25
        if sign.line:
            level = [(x, y), (x + _SIGN, y)]
            upright = [(x + _SIGN / 2, y - 7), (x + _SIGN / 2, y + 7)]
            ends = level if sign.dotted else upright
            canvas.line(ends, sign.look.colour, width=2, dashes=sign.dashes)
            if sign.dotted:
                canvas.line([(x + _SIGN / 2, y)], sign.look.colour, layer=2.4, marker=True)
        else:
            box(canvas, x, x + _SIGN, y, sign.look, height=10)
        for index, line in enumerate(words):
            canvas.text(x + _SIGN + 5, y + index * canvas.line_height, line)
        y += canvas.line_height * (len(words) - 1)
        x = canvas.width if len(words) > 1 else x + wide
    return y + canvas.line_height * 1.3


def signed(scale: Scale, value: Decimal) -> str:
    """Write a change with its sign and unit.

    >>> from procanalysis.report.numbers import money_units
    >>> mnkr = Scale("money", money_units("SEK")[2])
    >>> signed(mnkr, Decimal(210_000_000)), signed(mnkr, Decimal(-210_000_000))
    ('+2,1\\xa0mnkr', '−2,1\\xa0mnkr')
    """
    text = scale.write(value)
    return f"+{text}" if value > 0 and text[0].isdigit() else text


def named(value: object, limit: int = 90) -> str:
    """Return a row's name as it is drawn: clean, not too long, and in words where it is missing.

    >>> named("  Bygg\\n"), named(None)
    ('Bygg', 'uppgift saknas')
    """
    return numbers.UNKNOWN if value is None else shorten(value, limit) or numbers.UNKNOWN


def begun(text: str) -> str:
    """Write what stood first in a cell as it stands inside a sentence; a name in capitals keeps them.

    >>> begun("Volymen saknas"), begun("IT-stöd")
    ('volymen saknas', 'IT-stöd')
    """
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def of_all(shown: int, total: int, what: str) -> str:
    """Tell how many the picture has, where it does not have all of them.

    >>> of_all(20, 27, "antaganden"), of_all(3, 3, "år")
    ('Bilden visar 20 av 27 antaganden', '')
    """
    return "" if shown == total else f"Bilden visar {numbers.count(shown)} av {numbers.count(total)} {what}"


def told(*parts: str) -> str:
    """Put a subtitle and what is to be said of the picture's limits after each other.

    >>> told("Per år.", "", "Bilden visar 20 av 27 år")
    'Per år. Bilden visar 20 av 27 år'
    """
    return ". ".join(part.rstrip(".") for part in parts if part)
