"""The five charts: bar, line, heatmap, cumulative and parts, each for a wide and a narrow page.

A chart gets finished values and draws them; titles, sources and tables around it belong to `figure`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from procanalysis.errors import ReportError, did_you_mean
from procanalysis.report import numbers, style
from procanalysis.report.canvas import Anchor, Canvas
from procanalysis.report.cleaning import clean_text
from procanalysis.report.numbers import MONTHS, MoneyUnit, to_date

ChartKind = Literal["bar", "line", "heatmap", "cumulative", "parts"]
ValueKind = Literal["money", "percent", "count", "number"]

WIDE_POINTS = 7.4 * 72
NARROW_POINTS = 3.5 * 72
MOST_BARS = 20
MOST_SERIES = 4
MOST_PARTS = 5
MOST_COLUMNS = 24
_DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2.5), (1.5, 1.5), (6, 2, 1.5, 2))


@dataclass(frozen=True)
class Scale:
    """Say how the values of one chart are written: all in one unit."""

    kind: ValueKind
    unit: MoneyUnit | None = None
    decimals: int = 0

    def write(self, value: Decimal | None, *, bare: bool = False) -> str:
        """Write a value with its unit, or bare where the chart names the unit elsewhere."""
        if value is None:
            return numbers.UNKNOWN
        if self.kind == "money" and self.unit:
            text = numbers.in_unit(value, self.unit)
            return text if bare else f"{text}{numbers.HARD_SPACE}{self.unit.name}"
        text = numbers.number(value, self.decimals)
        return f"{text}{numbers.HARD_SPACE}%" if self.kind == "percent" and not bare else text

    def tick(self, value: Decimal) -> str:
        """Write a round value of an axis without needless decimals."""
        shown = value.scaleb(-2) / self.unit.size if self.unit else value
        places = max(0, -int(shown.normalize().as_tuple().exponent)) if shown else 0
        return numbers.number(shown, min(places, 3)) + (f"{numbers.HARD_SPACE}%" if self.kind == "percent" else "")

    @property
    def name(self) -> str:
        """Return the unit, for a corner of the chart; empty where it stands at every value."""
        return self.unit.name if self.unit else ""


@dataclass(frozen=True)
class Point:
    """Hold one value of a chart: its label (text or month), its series, and the value or None."""

    label: object
    value: Decimal | None
    series: str = ""


@dataclass(frozen=True)
class Drawing:
    """Describe one chart completely."""

    kind: ChartKind
    points: tuple[Point, ...]
    scale: Scale
    highlight: frozenset[str] = frozenset()
    reference: tuple[Decimal, str] | None = None
    accent: str = style.ACCENT
    keep_order: bool = False


def draw(drawing: Drawing, *, narrow: bool = False) -> str:
    """Draw a chart and return it as SVG.

    Raises ReportError when the chart cannot show the points: more than 20 bars, 4 lines, 5 parts or 24
    columns, or parts that are negative.
    """
    if drawing.kind not in _DRAWERS:
        raise ReportError(f"figure: no chart '{drawing.kind}'. {did_you_mean(drawing.kind, get_args(ChartKind))}")
    # 10 points on the narrow sheet become 11 pixels or more on a phone of 320.
    canvas = Canvas(NARROW_POINTS, 10.0) if narrow else Canvas(WIDE_POINTS, 9.5)
    _DRAWERS[drawing.kind](canvas, drawing, narrow)
    return canvas.svg()


def _draw_bars(canvas: Canvas, drawing: Drawing, narrow: bool) -> None:
    points = _sorted_bars(drawing)
    texts = [drawing.scale.write(point.value) for point in points]
    values = [float(point.value or 0) for point in points]
    limits = [float(drawing.reference[0])] if drawing.reference else []
    low, high = min(0.0, *values, *limits), max(0.0, *values, *limits)
    label_width = canvas.width if narrow else _label_width(canvas, [str(p.label) for p in points], 0.36)
    labels = [canvas.wrap(str(p.label), label_width, bold=_is_marked(p, drawing)) for p in points]
    left = 0.0 if narrow else label_width + 8
    # Room for the value beside the bar, on the side where bars of that sign end.
    widths = {
        sign: max(
            (canvas.text_width(t, True) + 8 for t, v in zip(texts, values, strict=True) if (v < 0) is sign),
            default=0,
        )
        for sign in (False, True)
    }
    start, end = left + (widths[True] if low < 0 else 0), canvas.width - widths[False]
    unit = (end - start) / ((high - low) or 1)
    zero = start - low * unit
    y = canvas.line_height * 1.6 if drawing.reference else 4.0
    top, bar = y, 13.0 if narrow else 16.0
    for point, text, value, label in zip(points, texts, values, labels, strict=True):
        marked = _is_marked(point, drawing)
        colour = drawing.accent if marked or not drawing.highlight else style.MUTED_MARK
        if narrow:
            canvas.lines(0, y + canvas.line_height * len(label) / 2, label, bold=marked, halo=True)
            y += canvas.line_height * len(label) + 2
            middle, step = y + bar / 2, bar + 9
        else:
            tall = max(bar, canvas.line_height * len(label))
            middle, step = y + tall / 2, tall + 7
            canvas.lines(label_width, middle, label, anchor="right", bold=marked)
        if point.value is not None:
            canvas.rectangle(zero, middle - bar / 2, value * unit, bar, colour)
        if narrow:  # one line all the way down would cross the labels
            canvas.line([(zero, middle - bar / 2 - 3), (zero, middle + bar / 2 + 3)], style.TEXT)
        beside = zero + value * unit + (-4 if value < 0 else 4)
        canvas.text(beside, middle, text, anchor="right" if value < 0 else "left", bold=marked, halo=True)
        y += step
    if not narrow:
        canvas.line([(zero, top - 2), (zero, y - 5)], style.TEXT)
    if drawing.reference:
        _reference_line(canvas, drawing.reference, zero + float(drawing.reference[0]) * unit, top, y - 5)
    canvas.height = y


def _reference_line(canvas: Canvas, reference: tuple[Decimal, str], x: float, top: float, bottom: float) -> None:
    canvas.line([(x, top - 4), (x, bottom)], style.REFERENCE, width=1.2, dashes=(4, 2.5), layer=2)
    words = canvas.wrap(reference[1], canvas.width, most=1, bold=True)[0]
    half = canvas.text_width(words, True) / 2
    centre = min(max(x, half + 1), canvas.width - half - 1)
    canvas.text(centre, canvas.line_height * 0.55, words, anchor="center", colour=style.REFERENCE, bold=True)


def _sorted_bars(drawing: Drawing) -> list[Point]:
    if len(drawing.points) > MOST_BARS:
        raise ReportError(
            f"figure: {len(drawing.points)} bars cannot be read; {MOST_BARS} is the most. Keep the largest "
            "and fold the rest into one row 'Övriga (n)'."
        )
    # The rest that was folded together stays last: it is not one of those compared.
    if drawing.keep_order:
        return list(drawing.points)
    return sorted(
        drawing.points,
        key=lambda p: (
            str(p.label).startswith("Övriga ("),
            p.value is None,
            -(p.value if p.value is not None else Decimal(0)),
        ),
    )


def _draw_lines(canvas: Canvas, drawing: Drawing, narrow: bool) -> None:
    labels, series = _months(drawing.points)
    if len(series) > MOST_SERIES:
        raise ReportError(f"figure: {len(series)} lines cannot be told apart; {MOST_SERIES} is the most.")
    values = [float(p.value) for p in drawing.points if p.value is not None]
    values += [float(drawing.reference[0])] if drawing.reference else []
    divisor = _divisor(drawing.scale)
    ticks = [Decimal(str(tick)) * divisor for tick in _ticks([v / float(divisor) for v in values])]
    low, high = float(ticks[0]), float(ticks[-1])
    names = [name for name in series if name]
    most = canvas.width * (0.3 if narrow else 0.22)
    ends = {name: canvas.wrap(name, most, most=2, bold=True) for name in names}
    right = max((canvas.text_width(line, True) for lines in ends.values() for line in lines), default=0.0)
    left = max(canvas.text_width(drawing.scale.tick(tick)) for tick in ticks) + 6
    top = canvas.line_height * (1.7 if drawing.scale.name else 0.7)
    bottom = top + (150.0 if narrow else 175.0)
    stop = canvas.width - (right + 8 if names else 8)
    inset = 6.0

    def x_of(index: int) -> float:
        return left + inset + (stop - left - 2 * inset) * (index / (len(labels) - 1) if len(labels) > 1 else 0.5)

    def y_of(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    if drawing.scale.name:
        canvas.text(0, canvas.line_height * 0.5, drawing.scale.name, colour=style.MUTED_TEXT)
    for tick in ticks:
        height = y_of(float(tick))
        canvas.line([(left, height), (stop, height)], style.TEXT if tick == 0 else style.GRID, layer=0.5)
        canvas.text(left - 4, height, drawing.scale.tick(tick), anchor="right", colour=style.MUTED_TEXT)
    colours = _series_colours(drawing, list(series))
    finals: list[tuple[float, list[str], str]] = []
    for order, (name, by_label) in enumerate(series.items()):
        known = {index: float(v) for index, label in enumerate(labels) if (v := by_label.get(label)) is not None}
        runs = _runs(known)
        for run in runs:
            points = [(x_of(index), y_of(known[index])) for index in run]
            # Only a value with no neighbour gets a dot: a line cannot show it.
            canvas.line(points, colours[order], width=2, dashes=_DASHES[order], layer=2, marker=len(run) == 1)
            if len(labels) == 1:
                canvas.text(points[0][0] + 8, points[0][1], drawing.scale.write(by_label[labels[0]]), halo=True)
        if name and known:
            finals.append((y_of(known[max(known)]), ends[name], colours[order]))
    _end_labels(canvas, finals, stop + 4, top, bottom)
    if drawing.reference:
        height = y_of(float(drawing.reference[0]))
        canvas.line([(left, height), (stop, height)], style.REFERENCE, width=1.2, dashes=(4, 2.5), layer=1.8)
        words = canvas.wrap(drawing.reference[1], stop - left, most=1, bold=True)[0]
        over = height - canvas.line_height * 0.7 if height > top + canvas.line_height else height + canvas.line_height
        canvas.text(left + 4, over, words, colour=style.REFERENCE, bold=True, halo=True)
    canvas.height = _month_axis(canvas, labels, x_of, bottom)


def _months(points: Sequence[Point]) -> tuple[list[object], dict[str, dict[object, Decimal | None]]]:
    """Order the labels; months get every month between the first and the last, so that a gap is seen."""
    labels: list[object] = list(dict.fromkeys(point.label for point in points))
    days = [label for label in labels if isinstance(label, date)]
    if days and len(days) == len(labels):
        first, last = min(days), max(days)
        if all(day.day == 1 for day in days):
            span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
            labels = [date(month // 12, month % 12 + 1, 1) for month in span]
        else:
            labels = [*sorted(days)]
    series: dict[str, dict[object, Decimal | None]] = {}
    for point in points:
        series.setdefault(point.series, {})[point.label] = point.value
    return labels, series


def _month_axis(canvas: Canvas, labels: Sequence[object], x_of: Callable[[int], float], bottom: float) -> float:
    """Write the months, as many as there is room for, and the year under each January and the first.

    Months of one year have no year below: two years are often drawn over the same months, and the names of the
    lines tell them apart.
    """
    words = [MONTHS[label.month - 1][:3] if isinstance(label, date) else str(label) for label in labels]
    widest = max(canvas.text_width(word) for word in words) + 5
    gap = x_of(1) - x_of(0) if len(labels) > 1 else canvas.width
    step = next((s for s in (1, 2, 3, 4, 6, 12, 24, 48) if s * gap >= widest), len(labels))
    first, second = bottom + canvas.line_height * 0.9, bottom + canvas.line_height * 2
    has_years = len({label.year for label in labels if isinstance(label, date)}) > 1
    free_from = -math.inf
    for index, (label, word) in enumerate(zip(labels, words, strict=True)):
        if index % step:
            continue
        half = canvas.text_width(word) / 2
        centre = min(max(x_of(index), half), canvas.width - half)
        canvas.text(centre, first, word, anchor="center", colour=style.MUTED_TEXT)
        new_year = has_years and isinstance(label, date) and (index == 0 or label.month <= step)
        if isinstance(label, date) and new_year and centre >= free_from:
            canvas.text(centre, second, str(label.year), anchor="center", colour=style.MUTED_TEXT)
            free_from = centre + canvas.text_width("0000") + 6
    return second + canvas.line_height * 0.6 if has_years else first + canvas.line_height * 0.6


def _end_labels(
    canvas: Canvas, finals: list[tuple[float, list[str], str]], x: float, top: float, bottom: float
) -> None:
    """Write each line's name at its end, moved apart where lines end close to each other."""
    placed: list[tuple[float, list[str], str]] = []
    under = top - canvas.line_height / 2
    for height, words, colour in sorted(finals, key=lambda final: final[0]):
        half = canvas.line_height * len(words) / 2
        middle = max(height, under + half)
        placed.append((middle, words, colour))
        under = middle + half
    over = bottom + canvas.line_height / 2
    for middle, words, colour in reversed(placed):
        half = canvas.line_height * len(words) / 2
        middle = min(middle, over - half)
        over = middle - half
        for index, line in enumerate(words):
            canvas.text(x, middle - half + canvas.line_height * (index + 0.5), line, colour=colour, bold=True)


def _draw_heatmap(canvas: Canvas, drawing: Drawing, narrow: bool) -> None:
    rows = list(dict.fromkeys(str(point.label) for point in drawing.points))
    columns = list(dict.fromkeys(point.series for point in drawing.points))
    if len(rows) > MOST_BARS or len(columns) > MOST_COLUMNS:
        raise ReportError(
            f"figure: {len(rows)} rows and {len(columns)} columns cannot be read; {MOST_BARS} and "
            f"{MOST_COLUMNS} are the most. Fold the small ones together, or show a table."
        )
    cells = {(str(p.label), p.series): p.value for p in drawing.points}
    known = [float(value) for value in cells.values() if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    label_width = _label_width(canvas, rows, 0.34 if narrow else 0.3)
    widest = max(canvas.text_width(_cell_text(drawing.scale, value)) for value in cells.values()) + 8
    space = canvas.width - label_width - 8
    per_block = max(1, min(len(columns), int(space // max(widest, 30.0))))
    # Even blocks: seven columns in room for six become four and three, not six and one.
    blocks = math.ceil(len(columns) / per_block)
    per_block = math.ceil(len(columns) / blocks)
    y = 0.0
    if drawing.scale.name:
        canvas.text(0, canvas.line_height * 0.5, drawing.scale.name, colour=style.MUTED_TEXT)
    for block in range(blocks):
        shown = columns[block * per_block : (block + 1) * per_block]
        width = min(space / per_block, 110.0)
        y = _column_heads(canvas, shown, label_width + 8, width, y + (10 if block else 0))
        for row in rows:
            words = canvas.wrap(row, label_width)
            height = max(22.0, canvas.line_height * len(words) + 4)
            canvas.lines(label_width, y + height / 2, words, anchor="right")
            for index, column in enumerate(shown):
                _cell(
                    canvas,
                    drawing,
                    cells.get((row, column)),
                    (low, high),
                    label_width + 8 + index * width,
                    y,
                    width,
                    height,
                )
            y += height
    canvas.height = y + 4


def _column_heads(canvas: Canvas, columns: Sequence[str], left: float, width: float, top: float) -> float:
    """Write the heads level where their longest word fits, else upright; return where the cells begin."""
    if all(canvas.text_width(word) <= width - 4 for column in columns for word in column.split(" ")):
        wrapped = [canvas.wrap(column, width - 4) for column in columns]
        height = canvas.line_height * max(len(words) for words in wrapped) + 4
        for index, words in enumerate(wrapped):
            middle = top + height - 2 - canvas.line_height * len(words) / 2
            canvas.lines(left + (index + 0.5) * width, middle, words, anchor="center")
        return top + max(height, canvas.line_height * 1.4)
    shown = [canvas.wrap(column, 110, most=1)[0] for column in columns]
    height = max(canvas.text_width(line) for line in shown) + 8
    for index, line in enumerate(shown):
        canvas.text(left + (index + 0.5) * width, top + height - 3, line, upright=True)
    return top + height


def _cell(
    canvas: Canvas,
    drawing: Drawing,
    value: Decimal | None,
    limits: tuple[float, float],
    x: float,
    y: float,
    width: float,
    height: float,
) -> None:
    low, high = limits
    share = (float(value) - low) / (high - low) if value is not None and high > low else 0.0
    share = 1 - share if high <= 0 else share  # among credit notes alone the largest is the one furthest below zero
    colour = style.BACKGROUND if value is None else style.mix(style.HEAT_LIGHT, drawing.accent, share)
    canvas.rectangle(x + 0.75, y + 0.75, width - 1.5, height - 1.5, colour)
    text = _cell_text(drawing.scale, value)
    canvas.text(x + width / 2, y + height / 2, text, anchor="center", colour=style.text_colour_on(colour))


def _cell_text(scale: Scale, value: Decimal | None) -> str:
    return "–" if value is None else scale.write(value, bare=True)


def _draw_cumulative(canvas: Canvas, drawing: Drawing, narrow: bool) -> None:
    known = [(float(numbers.to_decimal(p.label) or 0), float(p.value)) for p in drawing.points if p.value is not None]
    last = max((x for x, _ in known), default=1.0) or 1.0
    top, left = canvas.line_height * 0.7, canvas.text_width("100 %") + 8
    bottom, stop = top + (150.0 if narrow else 175.0), canvas.width - 10

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return left + point[0] / last * (stop - left), bottom - point[1] / 100 * (bottom - top)

    for tick in (0, 20, 40, 60, 80, 100):
        height = place((0, tick))[1]
        canvas.line([(left, height), (stop, height)], style.TEXT if tick == 0 else style.GRID, layer=0.5)
        canvas.text(left - 4, height, numbers.percent(tick, 0), anchor="right", colour=style.MUTED_TEXT)
    canvas.line([place(point) for point in _thinned([(0.0, 0.0), *sorted(known)])], drawing.accent, width=2, layer=2)
    axis = bottom + canvas.line_height * 0.9
    middle = [numbers.rounded(Decimal(str(last)) / 2, 0)] if last >= 4 else []
    for x in (Decimal(0), *middle, Decimal(str(last))):
        count, at = numbers.count(x), place((float(x), 0))[0]
        half = canvas.text_width(count) / 2
        canvas.text(min(at, canvas.width - half), axis, count, anchor="center", colour=style.MUTED_TEXT)
    if drawing.reference and known:
        mark = float(drawing.reference[0])
        nearest = place(min(known, key=lambda point: abs(point[0] - mark)))
        _mark_point(canvas, nearest, drawing.reference[1], (left, stop), (top, bottom))
    canvas.height = axis + canvas.line_height * 0.7


def _mark_point(
    canvas: Canvas,
    point: tuple[float, float],
    name: str,
    sides: tuple[float, float],
    ends: tuple[float, float],
) -> None:
    """Mark a point of the curve, drop a line to the axis, and name it below the curve where there is room."""
    left, right = sides
    top, bottom = ends
    canvas.line([(point[0], bottom), point], style.REFERENCE, width=1.2, dashes=(4, 2.5), layer=2.2)
    canvas.line([point], style.REFERENCE, layer=2.4, marker=True)
    to_right = point[0] < (left + right) / 2
    words = canvas.wrap(name, (right - point[0] if to_right else point[0] - left) - 8, bold=True)
    middle = max(point[1] + canvas.line_height * 1.2, bottom - (bottom - top) * 0.35)
    anchor: Anchor = "left" if to_right else "right"
    for index, line in enumerate(words):
        height = middle + (index - (len(words) - 1) / 2) * canvas.line_height
        x = point[0] + (6 if to_right else -6)
        canvas.text(x, height, line, anchor=anchor, colour=style.REFERENCE, bold=True, halo=True)


def _draw_parts(canvas: Canvas, drawing: Drawing, narrow: bool) -> None:
    values = [float(point.value or 0) for point in drawing.points]
    if len(values) > MOST_PARTS or min(values) < 0 or sum(values) <= 0:
        raise ReportError(
            f"figure: a whole divided into parts takes 1 to {MOST_PARTS} parts, none negative and not all "
            "zero. Use kind='bar' for other values."
        )
    colours = [drawing.accent, *style.PARTS[1:]]
    x, height = 0.0, 34.0
    canvas.height = height + 8
    total = sum(values)
    for point, value, colour in zip(drawing.points, values, colours, strict=False):
        width = value / total * canvas.width
        share = numbers.percent(Decimal(str(value)) * 100 / Decimal(str(total)))
        canvas.rectangle(x, 2, max(width - 1.5, 0.5 if value else 0), height, colour)
        if canvas.text_width(share, True) + 8 <= width:
            ink = style.text_colour_on(colour)
            canvas.text(x + (width - 1.5) / 2, 2 + height / 2, share, anchor="center", colour=ink, bold=True)
        amount = drawing.scale.write(point.value)
        written = f"{share}" if drawing.scale.kind == "percent" or point.value is None else f"{share}, {amount}"
        words = canvas.wrap(f"{point.label}: {written}", canvas.width - 18)
        middle = canvas.height + canvas.line_height * len(words) / 2 + 2
        canvas.rectangle(0, middle - canvas.line_height * (len(words) - 1) / 2 - 5, 10, 10, colour)
        canvas.lines(16, middle, words)
        canvas.height += canvas.line_height * len(words) + 5
        x += width


_DRAWERS: dict[str, Callable[[Canvas, Drawing, bool], None]] = {
    "bar": _draw_bars,
    "line": _draw_lines,
    "heatmap": _draw_heatmap,
    "cumulative": _draw_cumulative,
    "parts": _draw_parts,
}


def month_label(value: object) -> object:
    """Turn a month (a date, or text such as 2024-03) into its first day; other labels become clean text.

    >>> month_label("2024-03")
    datetime.date(2024, 3, 1)
    >>> month_label("kvartal 1")
    'kvartal 1'
    """
    if isinstance(value, str):
        text = clean_text(value)
        day = to_date(f"{text}-01") if len(text) == 7 else to_date(text) if len(text) == 10 else None
        return day or text
    return to_date(value) or clean_text(value)


def _is_marked(point: Point, drawing: Drawing) -> bool:
    return str(point.label) in drawing.highlight


def _label_width(canvas: Canvas, labels: Sequence[str], most: float) -> float:
    """Return the width of the label column: that of the widest label, bold, up to a share of the sheet."""
    return min(max(canvas.text_width(label, True) for label in labels) + 1, canvas.width * most)


def _series_colours(drawing: Drawing, names: list[str]) -> list[str]:
    if not drawing.highlight:
        return [drawing.accent, *style.SERIES[1:]]
    return [drawing.accent if name in drawing.highlight else style.MUTED_TEXT for name in names]


def _runs(known: dict[int, float]) -> list[list[int]]:
    """Group neighbouring places; a missing month ends a group."""
    runs: list[list[int]] = []
    for index in sorted(known):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _divisor(scale: Scale) -> Decimal:
    return Decimal(scale.unit.size * 100) if scale.unit else Decimal(1)


def _ticks(values: Sequence[float]) -> list[float]:
    """Choose four to seven round steps from zero (or below) to above the largest value."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if low == high:
        return [0.0, 1.0]
    rough = (high - low) / 5
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(size * magnitude for size in (1, 2, 2.5, 5, 10) if size * magnitude >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [float(f"{index * step:.10g}") for index in range(first, last + 1)]


def _thinned(points: list[tuple[float, float]], most: int = 240) -> list[tuple[float, float]]:
    """Keep the points that move the curve by what the eye can see; ten thousand suppliers need 240 points."""
    kept = [points[0]]
    span = (points[-1][0] - points[0][0]) or 1.0
    for point in points[1:-1]:
        moved = (point[0] - kept[-1][0]) / span + abs(point[1] - kept[-1][1]) / 100
        if moved >= 2 / most:
            kept.append(point)
    return [*kept, points[-1]] if len(points) > 1 else kept
