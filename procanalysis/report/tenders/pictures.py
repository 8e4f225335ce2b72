"""The pictures of tender statistics: a figure with its interval per row, and how procurements fall into classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import nan
from typing import Any

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import Scale
from procanalysis.report.lanes import BAR, Lane, Lanes, Look, Sign, box, legend, scaled, sheet

MOST_ROWS = 40
MOST_REFERENCES = 2
MOST_CLASSES = 5
_DASHES = (2.0, 1.4)
_SHADES = (1.0, 0.62, 0.34, 0.14, 0.0)
_TALL = 15.0

Spot = tuple[float, float]
"""A place on a drawing, in points."""

REFERENCE_LOOKS: tuple[tuple[str, float, tuple[float, ...]], ...] = (
    (style.REFERENCE, 2.0, ()),
    (style.TEXT, 1.6, _DASHES),
)
"""How the first and the second reference are drawn: colour, width and dashes."""


@dataclass(frozen=True)
class Held:
    """Hold one row: its figures in words, its value with its interval, and the values that it is held against.

    A value of None is not drawn; one that is_pale, since it rests on too little, is grey.
    """

    name: str
    figures: tuple[str, ...]
    value: Decimal | None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    references: tuple[Decimal | None, ...] = ()
    is_pale: bool = False

    @property
    def ends(self) -> list[Decimal]:
        """Everything of the row that must lie within the lane."""
        return [one for one in (self.value, self.lowest, self.highest, *self.references) if one is not None]


@dataclass(frozen=True)
class Spread:
    """Hold one row of shares that sum to hundred, in the order of the classes, and how many they are of, in words."""

    name: str
    shares: tuple[Decimal, ...]
    total: str
    bold: bool = False


def draw_held(
    rows: Sequence[Held], *, heads: Sequence[str], references: Sequence[str], scale: Scale, accent: str,
    value_name: str, as_bars: bool = False, narrow: bool = False,
) -> str:  # fmt: skip
    """Draw one lane per row from zero: a dot with its interval, or a bar, and an upright mark per reference.

    Parameters: heads, of the rows' figures; references, their names, at most two; value_name, what a dot or bar is;
    as_bars, to draw bars without intervals. Returns SVG. Raises ReportError on more than 40 rows or two references.
    """
    if len(rows) > MOST_ROWS or len(references) > MOST_REFERENCES:
        raise ReportError(
            f"held_figure: {len(rows)} rows and {len(references)} references; {MOST_ROWS} and {MOST_REFERENCES} are "
            "the most. Show fewer, or a table."
        )
    canvas = sheet(narrow)
    top = legend(canvas, _signs(references, accent, as_bars, value_name))
    lanes = [Lane(row.name, row.figures) for row in rows]
    placed = Lanes(canvas, lanes, heads=heads, top=top, narrow=narrow)
    highest = max((end for row in rows for end in row.ends), default=Decimal(1)) or Decimal(1)
    at = scaled([highest], placed.left, placed.right - 3)
    middles = [placed.next(lane) for lane in lanes]
    strokes(canvas, [_level(placed.left, placed.right, middle) for middle in middles], style.GRID, layer=0.4)
    for row, middle in zip(rows, middles, strict=True):
        if as_bars and row.value is not None:
            box(canvas, at(Decimal(0)), at(row.value), middle, Look(accent))
    for place in range(len(references)):
        _references(canvas, rows, middles, at, place)
    if not as_bars:
        for pale, colour in ((True, style.MUTED_MARK), (False, accent)):
            _dots(canvas, [one for one in zip(rows, middles, strict=True) if one[0].is_pale is pale], at, colour)
    placed.upright(at(Decimal(0)), style.TEXT)
    ends = placed.y + canvas.line_height * 0.3
    canvas.text(at(Decimal(0)), ends, scale.write(Decimal(0)), colour=style.MUTED_TEXT)
    canvas.text(placed.right, ends, scale.write(highest), anchor="right", colour=style.MUTED_TEXT)
    canvas.height = placed.y + canvas.line_height
    return canvas.svg()


def _signs(references: Sequence[str], accent: str, as_bars: bool, value_name: str) -> list[Sign]:
    signs = [Sign(value_name, Look(accent), line=not as_bars, dotted=not as_bars)]
    for name, (colour, _, dashes) in zip(references, REFERENCE_LOOKS, strict=False):
        signs.append(Sign(name, Look(colour), line=True, dashes=dashes))
    return signs


def _references(
    canvas: Canvas, rows: Sequence[Held], middles: Sequence[float], at: Callable[[Decimal], float], place: int
) -> None:
    """Draw a reference's mark in every lane: the first unbroken, the second dashed, each with an edge of white."""
    tall = BAR / 2 + 2.5 - place
    values = [row.references[place] if place < len(row.references) else None for row in rows]
    marks = [
        _upright(at(value), middle, tall) for value, middle in zip(values, middles, strict=True) if value is not None
    ]
    colour, width, dashes = REFERENCE_LOOKS[place]
    strokes(canvas, marks, style.BACKGROUND, width=width + 1.8, layer=2.05 + place / 10)
    strokes(canvas, marks, colour, width=width, dashes=dashes, layer=2.1 + place / 10)


def _dots(canvas: Canvas, rows: Sequence[tuple[Held, float]], at: Callable[[Decimal], float], colour: str) -> None:
    """Draw each row's interval as a line with ends, and its value as a dot on it."""
    lines, ends, dots = [], [], []
    for row, middle in rows:
        if row.lowest is not None and row.highest is not None:
            low, high = at(row.lowest), at(row.highest)
            lines.append(_level(low, high, middle))
            ends += [_upright(low, middle, 3.2), _upright(high, middle, 3.2)]
        if row.value is not None:
            dots.append([(at(row.value), middle)])
    strokes(canvas, lines, colour, width=2.2, layer=2.3)
    strokes(canvas, ends, colour, width=1.4, layer=2.3)
    strokes(canvas, dots, colour, layer=2.5, marker=True)


def _level(left: float, right: float, middle: float) -> list[Spot]:
    return [(left, middle), (right, middle)]


def _upright(x: float, middle: float, tall: float) -> list[Spot]:
    return [(x, middle - tall), (x, middle + tall)]


def strokes(canvas: Canvas, drawn: Sequence[Sequence[Spot]], colour: str, **how: Any) -> None:
    """Draw many strokes as one broken line: one shape in the file, not one for each row.

    Parameters: drawn, the points of each stroke; how, as for `Canvas.line`.
    """
    points = [spot for stroke in drawn for spot in (*stroke, (nan, nan))]
    if points:
        canvas.line(points, colour, **how)


def draw_spread(rows: Sequence[Spread], *, classes: Sequence[str], head: str, accent: str, narrow: bool = False) -> str:
    """Draw one bar of hundred percent per row, cut into the classes in order, darkest first, with their shares in it.

    Parameters: classes, their names, at most five; head, over the numbers that the shares are of. Returns SVG. Raises
    ReportError on more than 40 rows or five classes.
    """
    if len(rows) > MOST_ROWS or len(classes) > MOST_CLASSES:
        raise ReportError(
            f"spread_figure: {len(rows)} rows and {len(classes)} classes; {MOST_ROWS} and {MOST_CLASSES} are the most. "
            "Show fewer, or a table."
        )
    canvas = sheet(narrow)
    shades = [style.mix(style.BACKGROUND, accent, _SHADES[place]) for place in range(len(classes))]
    top = _shade_legend(canvas, classes, shades)
    lanes = [Lane(row.name, (row.total,), row.bold) for row in rows]
    placed = Lanes(canvas, lanes, heads=(head,), top=top, narrow=narrow)
    at = scaled([Decimal(100)], placed.left, placed.right)
    for row, lane in zip(rows, lanes, strict=True):
        middle, reached = placed.next(lane), Decimal(0)
        for share, shade in zip(row.shares, shades, strict=True):
            _segment(canvas, at(reached), at(reached + share), middle, share, shade)
            reached += share
        _outline(canvas, at(Decimal(0)), at(reached), middle, _TALL)
    canvas.height = placed.y
    return canvas.svg()


def _segment(canvas: Canvas, left: float, right: float, middle: float, share: Decimal, shade: str) -> None:
    canvas.rectangle(left, middle - _TALL / 2, right - left, _TALL, shade)
    canvas.line([(right, middle - _TALL / 2), (right, middle + _TALL / 2)], style.MUTED_MARK, layer=1.6)
    words = numbers.percent(share, 0)
    if canvas.text_width(words) + 6 <= right - left:
        canvas.text((left + right) / 2, middle, words, anchor="center", colour=style.text_colour_on(shade))


def _outline(canvas: Canvas, left: float, right: float, middle: float, tall: float) -> None:
    """Draw an edge that is seen on white, so that a pale class has one."""
    top, bottom = middle - tall / 2, middle + tall / 2
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    if right - left >= 0.05:
        canvas.line(corners, style.MUTED_MARK, width=0.9, layer=1.7)


def _shade_legend(canvas: Canvas, classes: Sequence[str], shades: Sequence[str]) -> float:
    x, y = 0.0, canvas.line_height * 0.7
    for name, shade in zip(classes, shades, strict=True):
        wide = canvas.text_width(name) + 33
        if x and x + wide - 16 > canvas.width:
            x, y = 0.0, y + canvas.line_height * 1.25
        canvas.rectangle(x, y - 5, 12, 10, shade)
        _outline(canvas, x, x + 12, y, 10)
        canvas.text(x + 17, y, canvas.wrap(name, canvas.width - 17, most=1)[0])
        x += wide
    return y + canvas.line_height * 1.3
