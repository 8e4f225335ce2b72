"""The pictures of contracts: shares with what is proven and what is possible, and categories by impact and risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import NARROW_POINTS, WIDE_POINTS

MOST_INTERVALS = 25
MOST_PLACES = 40
_NARROW_TEXT, _WIDE_TEXT = 10.0, 9.5
_BAR = 14.0
_DOT = 15.0
_CUT = 3


@dataclass(frozen=True)
class Interval:
    """Hold one share: what is proven, what is possible when the unknown counts as yes, and the target, or None."""

    name: str
    proven_pct: Decimal | None
    possible_pct: Decimal | None
    target_pct: Decimal | None = None

    @property
    def words(self) -> str:
        """The share as a reader says it: one figure, from the proven to the possible one, or none."""
        if self.proven_pct is None or self.possible_pct is None:
            return "kan inte mätas"
        low, high = (numbers.number(value, 1) for value in (self.proven_pct, self.possible_pct))
        return numbers.percent(self.proven_pct, 1) if low == high else f"{low}–{high}\u00a0%"


@dataclass(frozen=True)
class Placed:
    """Hold one category's place in the portfolio: impact and risk, 1 to 5."""

    number: int
    name: str
    impact: Decimal
    risk: Decimal


def _sheet(narrow: bool) -> Canvas:
    return Canvas(NARROW_POINTS, _NARROW_TEXT) if narrow else Canvas(WIDE_POINTS, _WIDE_TEXT)


def draw_intervals(rows: Sequence[Interval], *, accent: str, narrow: bool = False) -> str:
    """Draw one bar per row from 0 to 100 %: filled as far as proven, outlined as far as possible, a line at the target.

    Returns SVG. Raises ReportError on more than 25 rows.
    """
    if len(rows) > MOST_INTERVALS:
        raise ReportError(f"interval_figure: {len(rows)} rows; show at most {MOST_INTERVALS}, or use a table.")
    canvas = _sheet(narrow)
    beside = max(canvas.text_width(row.words, True) for row in rows) + 8
    widest = max(canvas.text_width(row.name) for row in rows) + 4
    label_width = canvas.width if narrow else min(widest, canvas.width * 0.4)
    left = 1.0 if narrow else label_width + 10
    right = canvas.width - beside
    y = _interval_legend(canvas, rows, accent)
    for row in rows:
        words = canvas.wrap(row.name, label_width, most=2)
        if narrow:
            canvas.lines(0, y + canvas.line_height * len(words) / 2, words)
            y += canvas.line_height * len(words) + 2
            middle, y = y + _BAR / 2, y + _BAR + 9
        else:
            tall = max(_BAR, canvas.line_height * len(words))
            middle, y = y + tall / 2, y + tall + 8
            canvas.lines(label_width, middle, words, anchor="right")
        _draw_interval(canvas, row, middle, left, right, accent)
    canvas.height = y
    return canvas.svg()


def _interval_legend(canvas: Canvas, rows: Sequence[Interval], accent: str) -> float:
    kinds = ["Belagt", "Möjligt, om det okända är rätt"]
    if any(row.target_pct is not None for row in rows):
        kinds.append("Mål")
    x, y = 0.0, canvas.line_height * 0.7
    for kind in kinds:
        wide = canvas.text_width(kind) + 34
        if x and x + wide > canvas.width:
            x, y = 0.0, y + canvas.line_height * 1.25
        if kind == "Mål":
            canvas.line([(x + 6, y - 7), (x + 6, y + 7)], style.REFERENCE, width=2)
        else:
            _box(canvas, x, y - 5, 12, 10, accent, filled=kind == "Belagt")
        canvas.text(x + 17, y, kind)
        x += wide
    return y + canvas.line_height * 1.3


def _box(canvas: Canvas, x: float, y: float, width: float, height: float, accent: str, *, filled: bool) -> None:
    canvas.rectangle(x, y, width, height, accent if filled else style.mix(style.BACKGROUND, accent, 0.14))
    if not filled:
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        canvas.line(corners, accent, width=0.9)


def _draw_interval(canvas: Canvas, row: Interval, middle: float, left: float, right: float, accent: str) -> None:
    def at(share: Decimal) -> float:
        return left + float(min(max(share, Decimal(0)), Decimal(100))) / 100 * (right - left)

    canvas.line([(left, middle + _BAR / 2 + 1.5), (right, middle + _BAR / 2 + 1.5)], style.GRID)
    end = left
    if row.proven_pct is not None and row.possible_pct is not None:
        top = middle - _BAR / 2
        if at(row.possible_pct) - at(row.proven_pct) > 0.4:
            _box(canvas, at(row.proven_pct), top, at(row.possible_pct) - at(row.proven_pct), _BAR, accent, filled=False)
        _box(canvas, left, top, at(row.proven_pct) - left, _BAR, accent, filled=True)
        end = at(row.possible_pct)
    if row.target_pct is not None:
        x = at(row.target_pct)
        canvas.line([(x, middle - _BAR / 2 - 2.5), (x, middle + _BAR / 2 + 2.5)], style.REFERENCE, width=2, layer=2.2)
        if end - 2 < x < end + canvas.text_width(row.words, True) + 8:
            end = x + 2
    canvas.line([(left, middle - _BAR / 2 - 2), (left, middle + _BAR / 2 + 2)], style.TEXT)
    canvas.text(min(end + 4, canvas.width - canvas.text_width(row.words, True)), middle, row.words, halo=True)


def draw_portfolio(places: Sequence[Placed], *, accent: str, narrow: bool = False) -> str:
    """Draw the categories as numbered dots in four fields: risk to the right, impact upward; names below.

    Returns SVG. Raises ReportError on more than 40 categories.
    """
    if len(places) > MOST_PLACES:
        raise ReportError(f"portfolio_figure: {len(places)} categories; show at most {MOST_PLACES}.")
    canvas = _sheet(narrow)
    side = min(canvas.width - 4, 430.0)
    tall = side * (1.0 if narrow else 0.72)
    left, top = 14.0, canvas.line_height * 1.4
    width, height = side - left, tall
    canvas.text(0, canvas.line_height * 0.6, "Betydelse ↑", colour=style.MUTED_TEXT)
    for corner_x in (left, left + width / 2, left + width):
        canvas.line([(corner_x, top), (corner_x, top + height)], style.MUTED_MARK)
    for corner_y in (top, top + height / 2, top + height):
        canvas.line([(left, corner_y), (left + width, corner_y)], style.MUTED_MARK)
    fields = (("Hävstång", 0, 0), ("Strategisk", 1, 0), ("Rutin", 0, 1), ("Flaskhals", 1, 1))
    taken = []
    for name, column, row in fields:
        x, y = left + width / 2 * column + 5, top + height / 2 * row + canvas.line_height * 0.8
        canvas.text(x, y, name, bold=True, colour=style.MUTED_TEXT)
        steps = range(0, int(canvas.text_width(name, True)) + int(_DOT), int(_DOT))
        taken += [(x + step, y) for step in steps]  # a dot must not cover the field's name
    y = top + height + canvas.line_height * 0.9
    canvas.text(left + width, y, "Risk →", anchor="right", colour=style.MUTED_TEXT)
    _dots(canvas, places, taken, (left, top, width, height), accent)
    canvas.height = _names(canvas, places, y + canvas.line_height * 1.5, columns=1 if narrow else 2)
    return canvas.svg()


def _dots(
    canvas: Canvas,
    places: Sequence[Placed],
    taken: list[tuple[float, float]],
    area: tuple[float, float, float, float],
    accent: str,
) -> None:
    """Set the dots; one that would cover another, or a field's name, moves beside it."""
    left, top, width, height = area
    ink = style.text_colour_on(accent)
    for place in places:
        x = left + _DOT + float(place.risk - 1) / 4 * (width - 2 * _DOT)
        y = top + height - _DOT - float(place.impact - 1) / 4 * (height - 2 * _DOT)
        # A dot on the border belongs to the higher field, and never leaves its field when it must move.
        from_x = left + (width / 2 if place.risk >= _CUT else 0)
        from_y = top + (0 if place.impact >= _CUT else height / 2)
        field = (from_x + _DOT / 2, from_y + _DOT / 2, from_x + (width - _DOT) / 2, from_y + (height - _DOT) / 2)
        x, y = _free(min(max(x, field[0]), field[2]), min(max(y, field[1]), field[3]), taken, field)
        taken.append((x, y))
        canvas.rectangle(x - _DOT / 2, y - _DOT / 2, _DOT, _DOT, accent, layer=2)
        canvas.text(x, y, str(place.number), anchor="center", colour=ink, bold=True)


def _free(
    x: float, y: float, taken: Sequence[tuple[float, float]], field: tuple[float, float, float, float]
) -> tuple[float, float]:
    """Return the nearest place in the field (left, top, right, bottom) that no earlier dot covers."""
    step = _DOT + 2
    ring = [(x + column * step, y + row * step) for row in range(-12, 13) for column in range(-12, 13)]
    inside = [(a, b) for a, b in ring if field[0] <= a <= field[2] and field[1] <= b <= field[3]]
    free = [(a, b) for a, b in inside if all(abs(a - c) >= step - 1 or abs(b - d) >= step - 1 for c, d in taken)]
    return min(free, key=lambda place: (abs(place[0] - x) + abs(place[1] - y), place), default=(x, y))


def _names(canvas: Canvas, places: Sequence[Placed], y: float, *, columns: int) -> float:
    """List number and name of each dot; return the height at which the list ends."""
    width = canvas.width / columns - 6
    each = -(-len(places) // columns)
    lowest = y
    for column in range(columns):
        at = y
        for place in places[column * each : (column + 1) * each]:
            words = canvas.wrap(f"{place.number}. {place.name}", width, most=2)
            canvas.lines(column * (width + 6), at + canvas.line_height * (len(words) - 1) / 2, words)
            at += canvas.line_height * len(words) + 2
        lowest = max(lowest, at)
    return lowest
