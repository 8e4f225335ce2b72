"""The pictures of an assessment: positions as dumbbells, a plan in quarters, causes and what they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import NARROW_POINTS, WIDE_POINTS

MOST_ROWS = 40
MOST_QUARTERS = 16
_NARROW_TEXT, _WIDE_TEXT = 10.0, 9.5
_BAR = 13.0


@dataclass(frozen=True)
class Standing:
    """Hold where one dimension stood, stands and should stand, and the level that the data support, each or None."""

    name: str
    before: Decimal | None
    now: Decimal | None
    wanted: Decimal | None
    evidence: Decimal | None


@dataclass(frozen=True)
class Bar:
    """Hold one action of a plan: first and last quarter as running numbers, and how it is marked."""

    name: str
    first: int
    last: int
    planned_first: int
    done: bool
    conflict: bool


@dataclass(frozen=True)
class Chain:
    """Hold one cause with its challenges and consequences."""

    cause: str
    challenges: tuple[str, ...]
    consequences: tuple[str, ...]


def _sheet(narrow: bool) -> Canvas:
    return Canvas(NARROW_POINTS, _NARROW_TEXT) if narrow else Canvas(WIDE_POINTS, _WIDE_TEXT)


def draw_positions(
    rows: Sequence[Standing], *, levels: Sequence[str], lowest: int, accent: str, since: str = "", narrow: bool = False
) -> str:
    """Draw one dumbbell per dimension: a filled dot for now, a ring for wanted, a diamond for the data.

    Parameters: levels, the names of the levels from the lowest up; since, the earlier year, whose position is a small
    dash. Returns SVG. Raises ReportError on more than 40 dimensions.
    """
    _refuse_too_many(len(rows), MOST_ROWS, "dimensions")
    canvas = _sheet(narrow)
    label_width = canvas.width if narrow else min(max(canvas.text_width(r.name) for r in rows) + 4, canvas.width * 0.34)
    left, right = (8.0 if narrow else label_width + 18), canvas.width - 14
    unit = (right - left) / max(len(levels) - 1, 1)
    y = _legend(canvas, rows, accent, since)
    heads = [str(lowest + n) if narrow else f"{lowest + n} {name}" for n, name in enumerate(levels)]
    for number, head in enumerate(heads):
        half = canvas.text_width(head) / 2
        x = min(max(left + unit * number, half), canvas.width - half)
        canvas.text(x, y, head, anchor="center", colour=style.MUTED_TEXT)
    y += canvas.line_height * 0.8
    top = y
    for row in rows:
        if narrow:
            canvas.text(0, y + canvas.line_height * 0.7, row.name, halo=True)
            middle, y = y + canvas.line_height + 9, y + canvas.line_height + 20
        else:
            words = canvas.wrap(row.name, label_width, most=2)
            tall = max(22.0, canvas.line_height * len(words) + 6)
            middle, y = y + tall / 2, y + tall
            canvas.lines(label_width, middle, words, anchor="right")
        _dumbbell(canvas, row, middle, left, unit, lowest, accent)
    for number in range(len(levels)):
        x = left + unit * number
        canvas.line([(x, top), (x, y)], style.GRID, layer=0.2)
    canvas.height = y + 4
    return canvas.svg()


def _legend(canvas: Canvas, rows: Sequence[Standing], accent: str, since: str) -> float:
    """Name the marks that the chart uses; return where the chart begins."""
    kinds = [("I dag", "now"), ("Önskad nivå", "wanted")]
    if any(row.evidence is not None for row in rows):
        kinds.append(("Underlagets nivå", "evidence"))
    if since and any(row.before is not None for row in rows):
        kinds.append((since, "before"))
    x, y = 6.0, canvas.line_height * 0.6
    for words, kind in kinds:
        wide = canvas.text_width(words) + 30
        if x + wide > canvas.width:
            x, y = 6.0, y + canvas.line_height * 1.2
        _mark(canvas, kind, x, y, accent)
        canvas.text(x + 9, y, words)
        x += wide
    return y + canvas.line_height * 1.6


def _dumbbell(canvas: Canvas, row: Standing, y: float, left: float, unit: float, lowest: int, accent: str) -> None:
    def at(level: Decimal) -> float:
        return left + float(level - lowest) * unit

    if row.now is not None and row.wanted is not None and row.now != row.wanted:
        canvas.line([(at(row.now), y), (at(row.wanted), y)], accent, width=2.2, layer=1)
    marks = (("before", row.before), ("wanted", row.wanted), ("evidence", row.evidence), ("now", row.now))
    for kind, level in marks:
        if level is not None:
            _mark(canvas, kind, at(level), y, accent)


def _mark(canvas: Canvas, kind: str, x: float, y: float, accent: str) -> None:
    """Draw one mark; its shape, not its colour, tells which it is."""
    if kind == "now":
        canvas.line([(x, y)], accent, layer=2.4, marker=True)
    elif kind == "wanted":
        _polygon(canvas, [(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)], accent)
    elif kind == "evidence":
        _polygon(canvas, [(x, y - 6.5), (x + 6.5, y), (x, y + 6.5), (x - 6.5, y)], style.REFERENCE)
    else:
        canvas.line([(x, y - 6), (x, y + 6)], style.MUTED_TEXT, width=2, layer=1.8)


def _polygon(canvas: Canvas, corners: list[tuple[float, float]], colour: str) -> None:
    canvas.line([*corners, corners[0], corners[1]], colour, width=1.6, layer=2)


def draw_plan(bars: Sequence[Bar], *, accent: str, quarters: Sequence[str], first: int, narrow: bool = False) -> str:
    """Draw a plan in quarters: filled when to be done, hatched by a line when done, moved with its planned start shown.

    Parameters: quarters, their names in order, the first of which has the running number `first`. Returns SVG. Raises
    ReportError on more than 40 actions or 16 quarters.
    """
    _refuse_too_many(len(bars), MOST_ROWS, "actions")
    _refuse_too_many(len(quarters), MOST_QUARTERS, "quarters")
    canvas = _sheet(narrow)
    label_width = canvas.width if narrow else canvas.width * 0.42
    left = 0.0 if narrow else label_width + 8
    unit = (canvas.width - left - 1) / len(quarters)
    y = _plan_legend(canvas, bars, accent)
    y = top = _quarter_heads(canvas, quarters, left, unit, y)
    for bar in bars:
        words = canvas.wrap(bar.name, label_width, most=2)
        if narrow:
            canvas.lines(0, y + canvas.line_height * (len(words) / 2 + 0.1), words, halo=True)
            y += canvas.line_height * len(words) + 3
            middle, y = y + _BAR / 2, y + _BAR + 8
        else:
            tall = max(19.0, canvas.line_height * len(words) + 5)
            middle, y = y + tall / 2, y + tall
            canvas.lines(label_width, middle, words, anchor="right")
        _plan_bar(canvas, bar, left + (bar.first - first) * unit, middle, unit, accent)
        if bar.planned_first < bar.first:
            x = left + (bar.planned_first - first) * unit
            canvas.line([(x + 2, middle), (left + (bar.first - first) * unit, middle)], style.REFERENCE, width=1.4,
                        dashes=(3, 2), layer=1.6)  # fmt: skip
            canvas.line([(x + 2, middle - 5), (x + 2, middle + 5)], style.REFERENCE, width=1.4, layer=1.6)
    for number in range(len(quarters) + 1):
        canvas.line([(left + unit * number, top), (left + unit * number, y)], style.GRID, layer=0.2)
    canvas.height = y + 4
    return canvas.svg()


def _plan_bar(canvas: Canvas, bar: Bar, x: float, middle: float, unit: float, accent: str) -> None:
    width = (bar.last - bar.first + 1) * unit - 3
    colour = style.MUTED_MARK if bar.done else accent
    canvas.rectangle(x + 1.5, middle - _BAR / 2, width, _BAR, colour, layer=1.7)
    sign = "✓" if bar.done else "!" if bar.conflict else ""
    if sign:
        ink = style.text_colour_on(colour)
        canvas.text(x + 1.5 + width / 2, middle, sign, anchor="center", colour=ink, bold=True)


def _plan_legend(canvas: Canvas, bars: Sequence[Bar], accent: str) -> float:
    kinds = [(accent, "", "Att göra")]
    if any(bar.done for bar in bars):
        kinds.append((style.MUTED_MARK, "✓", "Klar"))
    if any(bar.conflict for bar in bars):
        kinds.append((accent, "!", "Flyttad av det den väntar på"))
    x, y = 0.0, canvas.line_height * 0.6
    for colour, sign, words in kinds:
        if x + canvas.text_width(words) + 40 > canvas.width:
            x, y = 0.0, y + canvas.line_height * 1.2
        canvas.rectangle(x, y - 5.5, 16, 11, colour)
        canvas.text(x + 8, y, sign, anchor="center", colour=style.text_colour_on(colour), bold=True)
        canvas.text(x + 21, y, words)
        x += canvas.text_width(words) + 40
    return y + canvas.line_height * 1.5


def _quarter_heads(canvas: Canvas, quarters: Sequence[str], left: float, unit: float, y: float) -> float:
    """Write the year where it changes and below it the quarters; return where the bars begin."""
    year = ""
    for number, quarter in enumerate(quarters):
        this, name = quarter.split("-")
        if this != year:
            canvas.text(left + unit * number + 2, y, this, colour=style.MUTED_TEXT, bold=True)
            year = this
        shown = name if canvas.text_width(name) + 2 <= unit else name[1:]
        canvas.text(
            left + unit * (number + 0.5), y + canvas.line_height, shown, anchor="center", colour=style.MUTED_TEXT
        )
    return y + canvas.line_height * 1.8


def draw_causes(chains: Sequence[Chain], *, accent: str, narrow: bool = False) -> str:
    """Draw each cause with an arrow to its challenges and on to its consequences; beneath each other when narrow.

    Returns SVG.
    """
    canvas = _sheet(narrow)
    gap = 20.0
    width = canvas.width if narrow else (canvas.width - 2 * gap) / 3
    y = 0.0
    if not narrow:
        for number, head in enumerate(("Orsak", "Utmaningar", "Konsekvenser")):
            canvas.text(number * (width + gap), canvas.line_height * 0.6, head, bold=True)
        y = canvas.line_height * 1.5
    for chain in chains:
        boxes = [
            (_box_lines(canvas, [chain.cause], width, bold=True), accent, True),
            (_box_lines(canvas, chain.challenges, width), style.HEAT_LIGHT, False),
            (_box_lines(canvas, chain.consequences, width), style.HEAT_LIGHT, False),
        ]
        boxes = [box for box in boxes if box[0]]
        tall = max(len(lines) for lines, _, _ in boxes) * canvas.line_height + 12
        for number, (lines, colour, bold) in enumerate(boxes):
            height = len(lines) * canvas.line_height + 12 if narrow else tall
            x = 0.0 if narrow else number * (width + gap)
            canvas.rectangle(x, y, width, height, colour)
            _write_box(canvas, lines, x + 7, y + height / 2, colour, bold)
            last = number == len(boxes) - 1
            if narrow:
                if not last:
                    _arrow(canvas, (width / 2, y + height + 2), (width / 2, y + height + 15))
                y += height + (18 if not last else 14)
            elif not last:
                _arrow(canvas, (x + width + 3, y + height / 2), (x + width + gap - 3, y + height / 2))
        if not narrow:
            y += tall + 10
    canvas.height = y
    return canvas.svg()


def _box_lines(canvas: Canvas, texts: Sequence[str], width: float, *, bold: bool = False) -> list[str]:
    lines: list[str] = []
    for text in texts:
        sign = "• " if len(texts) > 1 else ""
        lines += canvas.wrap(f"{sign}{text}", width - 14, most=4, bold=bold)
    return lines


def _write_box(canvas: Canvas, lines: Sequence[str], x: float, middle: float, colour: str, bold: bool) -> None:
    top = middle - canvas.line_height * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        y = top + number * canvas.line_height
        canvas.text(x, y, line, colour=style.text_colour_on(colour), bold=bold)


def _arrow(canvas: Canvas, start: tuple[float, float], end: tuple[float, float]) -> None:
    canvas.line([start, end], style.TEXT, width=1.4)
    (x, y), level = end, start[1] == end[1]
    wings = [(x - 5, y - 4), (x, y), (x - 5, y + 4)] if level else [(x - 4, y - 5), (x, y), (x + 4, y - 5)]
    canvas.line(wings, style.TEXT, width=1.4)


def _refuse_too_many(count: int, most: int, what: str) -> None:
    if count > most:
        raise ReportError(f"figure: {count} {what} cannot be read; {most} is the most. Show fewer, or a table.")


def level_text(level: Decimal | None) -> str:
    """Write a level with one decimal when it is not whole.

    >>> level_text(Decimal(7) / 3)
    '2,3'
    """
    if level is None:
        return numbers.UNKNOWN
    return numbers.number(level, 0 if level == level.to_integral_value() else 1)
