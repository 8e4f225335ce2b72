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
_EDGE = _DOT / 2 + 1.5
_CUT = 3
# The four fields: name, whether to the right (high risk), whether above (high impact).
_SIDES = (("Hävstång", False, True), ("Strategisk", True, True), ("Rutin", False, False), ("Flaskhals", True, False))
FIELDS = tuple(name for name, _, _ in _SIDES)

Spot = tuple[float, float]
Box = tuple[float, float, float, float]


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

    @property
    def field(self) -> str:
        """The field in which the category lies; a score on the border belongs to the higher one."""
        return next(name for name, right, above in _SIDES if (self.risk >= _CUT, self.impact >= _CUT) == (right, above))


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
        ends = [(x, middle - _BAR / 2 - 2.5), (x, middle + _BAR / 2 + 2.5)]
        canvas.line(ends, style.BACKGROUND, width=4, layer=2.1)  # an edge, so that the target is seen on the bar
        canvas.line(ends, style.REFERENCE, width=2, layer=2.2)
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
    y = top + height + canvas.line_height * 0.9
    canvas.text(left + width, y, "Risk →", anchor="right", colour=style.MUTED_TEXT)
    for name, right, above in _SIDES:
        corner = (left + width / 2 * right, top + height / 2 * (not above))
        label = (corner[0] + 5, corner[1] + canvas.line_height * 0.8)
        canvas.text(*label, name, bold=True, colour=style.MUTED_TEXT)
        half = canvas.text_width(name, True) / 2
        named = (label[0] + half, label[1], half + _DOT / 2 + 1, canvas.text_size * 0.62 + _DOT / 2)
        inside = (corner[0] + _EDGE, corner[1] + _EDGE, corner[0] + width / 2 - _EDGE, corner[1] + height / 2 - _EDGE)
        _dots(
            canvas,
            [place for place in places if place.field == name],
            (left, top, width, height),
            inside,
            named,
            accent,
        )
    canvas.height = _names(canvas, places, y + canvas.line_height * 1.5, columns=1 if narrow else 2)
    return canvas.svg()


def _dots(canvas: Canvas, places: Sequence[Placed], area: Box, inside: Box, named: Box, accent: str) -> None:
    """Set the dots of one field where their scores say, or beside it where another dot or the field's name stands.

    Parameters: area, the four fields (left, top, width, height); inside, where the middle of a dot may lie (left, top,
    right, bottom); named, around the field's name (middle, middle, and how far from it a dot's middle must lie).
    """
    left, top, width, height = area
    ink = style.text_colour_on(accent)
    wanted = []
    for place in places:
        x = left + _DOT + float(place.risk - 1) / 4 * (width - 2 * _DOT)
        y = top + height - _DOT - float(place.impact - 1) / 4 * (height - 2 * _DOT)
        wanted.append((min(max(x, inside[0]), inside[2]), min(max(y, inside[1]), inside[3])))
    spots = _settled(wanted, inside, named, on_grid=False) or _settled(wanted, inside, named, on_grid=True)
    for place, (x, y) in zip(places, spots, strict=True):
        canvas.rectangle(x - _DOT / 2, y - _DOT / 2, _DOT, _DOT, accent, layer=2)
        canvas.text(x, y, str(place.number), anchor="center", colour=ink, bold=True)


def _settled(wanted: Sequence[Spot], inside: Box, named: Box, *, on_grid: bool) -> list[Spot]:
    """Give each dot the nearest free spot; no spots at all when one finds none.

    Dots near their own places can leave gaps too small for another. On a grid forty always fit.
    """
    step = _DOT + 1
    across, down = (int((inside[at + 2] - inside[at]) // step) + 1 for at in (0, 1))
    grid = [(inside[0] + step * column, inside[1] + step * row) for row in range(down) for column in range(across)]
    taken: list[Spot] = []
    for x, y in wanted:
        around = [(x + step * a, y + step * b) for b in range(-down, down + 1) for a in range(-across, across + 1)]
        free = [
            (a, b)
            for a, b in (grid if on_grid else around)
            if inside[0] <= a <= inside[2] and inside[1] <= b <= inside[3]
            and (abs(a - named[0]) >= named[2] or abs(b - named[1]) >= named[3])
            and all(abs(a - c) >= step - 0.01 or abs(b - d) >= step - 0.01 for c, d in taken)
        ]  # fmt: skip
        if not free:
            return []
        taken.append(min(free, key=lambda spot: (abs(spot[0] - x) + abs(spot[1] - y), spot)))
    return taken


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
