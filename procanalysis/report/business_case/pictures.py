"""The pictures of a business case: what each year brings, and which assumptions the result hangs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import Scale
from procanalysis.report.lanes import BAR, MISSING, Lane, Lanes, Look, Sign, box, legend, scaled, sheet

MOST_DRIVERS = 20
MOST_ALTERNATIVES = 6
MOST_YEARS = 31
_ROW = 16.0
_GAP = 9.0
_PANEL_GAP = 22.0
_LINE = (2.0, 1.3)


@dataclass(frozen=True)
class YearFlow:
    """Hold one year of an alternative: what it brings and what has been brought so far, each or None."""

    name: str
    net: Decimal | None
    cumulated: Decimal | None


@dataclass(frozen=True)
class Flows:
    """Hold one alternative's years in order."""

    name: str
    years: tuple[YearFlow, ...]


@dataclass(frozen=True)
class Driver:
    """Hold one assumption: its name with low and high value in words, and the result at each of them."""

    name: str
    at_low: Decimal
    at_high: Decimal

    @property
    def effect(self) -> Decimal:
        """How far apart the two results lie."""
        return abs(self.at_high - self.at_low)


def draw_cash_flows(alternatives: Sequence[Flows], *, scale: Scale, accent: str, narrow: bool = False) -> str:
    """Draw a panel per alternative: a bar per year, and a dotted line through what the years have brought so far.

    Two panels beside each other on a wide sheet, all on one scale. Returns SVG. Raises ReportError on more than 6
    alternatives or 31 years.
    """
    longest = max(len(flows.years) for flows in alternatives)
    if len(alternatives) > MOST_ALTERNATIVES or longest > MOST_YEARS:
        raise ReportError(
            f"cash_flow_figure: {len(alternatives)} alternatives of {longest} years; {MOST_ALTERNATIVES} and "
            f"{MOST_YEARS} are the most. Show fewer, or a table."
        )
    canvas = sheet(narrow)
    signs = [
        Sign(f"Netto per år, {scale.name}", Look(accent)),
        Sign(f"Ackumulerat, {scale.name}", Look(style.REFERENCE), line=True, dotted=True),
    ]
    y = legend(canvas, signs)
    known = [v for flows in alternatives for year in flows.years for v in (year.net, year.cumulated) if v is not None]
    across = 1 if narrow or len(alternatives) == 1 else 2
    width = (canvas.width - _PANEL_GAP * (across - 1)) / across
    for first in range(0, len(alternatives), across):
        panels = alternatives[first : first + across]
        heads = [canvas.wrap(flows.name, width, most=3, bold=True) for flows in panels]
        tall = max(len(lines) for lines in heads) * canvas.line_height
        ends = []
        for number, (flows, lines) in enumerate(zip(panels, heads, strict=True)):
            left = number * (width + _PANEL_GAP)
            # Names of one line and of three end at the same height, so that the years stand level.
            canvas.lines(left, y + tall - canvas.line_height * len(lines) / 2, lines, bold=True)
            ends.append(_panel(canvas, flows, (left, left + width), y + tall + 4, known, scale, accent))
        y = max(ends) + (14 if first + across < len(alternatives) else 4)
    canvas.height = y
    return canvas.svg()


def _panel(
    canvas: Canvas, flows: Flows, sides: tuple[float, float], top: float, known: Sequence[Decimal], scale: Scale,
    accent: str,
) -> float:  # fmt: skip
    """Draw one alternative and return the height at which it ends."""
    left, right = sides
    written = [tuple(_bare(scale, value) for value in (year.net, year.cumulated)) for year in flows.years]
    heads = ("Netto", "Ackumulerat")
    widths = [max(canvas.text_width(text) for text in (heads[n], *(row[n] for row in written))) for n in (0, 1)]
    names = max(canvas.text_width(text) for text in ("År", *(year.name for year in flows.years)))
    columns = (right - widths[1] - _GAP, right)
    start, stop = left + names + _GAP, columns[0] - widths[0] - _GAP
    at = scaled(known, start + 3, stop - 3)  # room for the dots at either end
    y = top + canvas.line_height * 0.5
    canvas.text(left, y, "År", colour=style.MUTED_TEXT)
    for x, head in zip(columns, heads, strict=True):
        canvas.text(x, y, head, anchor="right", colour=style.MUTED_TEXT)
    y = first = top + canvas.line_height * 1.3
    dots: list[tuple[float, float]] = []
    for year, figures in zip(flows.years, written, strict=True):
        middle = y + _ROW / 2
        canvas.text(left, middle, year.name)
        for x, figure in zip(columns, figures, strict=True):
            canvas.text(x, middle, figure, anchor="right")
        if year.net is not None:
            box(canvas, at(Decimal(0)), at(year.net), middle, Look(accent), height=_ROW - 6)
        if year.cumulated is None:
            _dots(canvas, dots)
            dots = []
        else:
            dots.append((at(year.cumulated), middle))
        y += _ROW
    _dots(canvas, dots)
    canvas.line([(at(Decimal(0)), first - 2), (at(Decimal(0)), y)], style.TEXT, layer=1.8)
    return y


def _bare(scale: Scale, value: Decimal | None) -> str:
    return MISSING if value is None else scale.write(value, bare=True)


def _dots(canvas: Canvas, dots: Sequence[tuple[float, float]]) -> None:
    """Draw the years so far as a line with an edge of white, so that it is seen where it crosses the bars."""
    if not dots:
        return
    canvas.line(dots, style.BACKGROUND, width=4, layer=2.1)
    canvas.line(dots, style.REFERENCE, width=1.6, layer=2.3, marker=True)


def draw_tornado(
    drivers: Sequence[Driver], *, base: Decimal, base_name: str, scale: Scale, accent: str, narrow: bool = False
) -> str:
    """Draw one row per assumption, from the base to the result at its low value (pale) and at its high one (filled).

    A dashed line stands at the base, and an unbroken one at zero where zero lies within the results. Returns SVG.
    Raises ReportError on more than 20 assumptions.
    """
    if len(drivers) > MOST_DRIVERS:
        raise ReportError(f"tornado_figure: {len(drivers)} rows; show at most {MOST_DRIVERS}, or use a table.")
    canvas = sheet(narrow)
    reached = [base, *(value for driver in drivers for value in (driver.at_low, driver.at_high))]
    has_zero = min(reached) <= 0 <= max(reached)
    low, high = Look(accent, outlined=True), Look(accent)
    signs = [
        Sign("Vid lågt värde", low),
        Sign("Vid högt värde", high),
        Sign(f"{base_name}: {scale.write(base)}", Look(style.REFERENCE), line=True, dashes=_LINE),
    ]
    if has_zero:
        signs.append(Sign(f"0{numbers.HARD_SPACE}{scale.name}", Look(style.TEXT), line=True))
    lanes = [
        Lane(driver.name, (scale.write(driver.at_low, bare=True), scale.write(driver.at_high, bare=True)))
        for driver in drivers
    ]
    heads = ("Vid lågt", "Vid högt")
    rows = Lanes(canvas, lanes, heads=heads, unit=scale.name, top=legend(canvas, signs), narrow=narrow)
    at = scaled(reached, rows.left, rows.right, zero=False)
    for driver, lane in zip(drivers, lanes, strict=True):
        middle = rows.next(lane)
        ends = sorted(((driver.at_low, low), (driver.at_high, high)), key=lambda end: -abs(end[0] - base))
        for number, (value, look) in enumerate(ends):
            # Where both results lie on the same side of the base, the shorter bar is thinner, so that both are seen.
            same_side = (driver.at_low - base) * (driver.at_high - base) > 0
            box(canvas, at(base), at(value), middle, look, height=BAR - 6 if number and same_side else BAR)
    rows.upright(at(base), style.REFERENCE, width=1.6, dashes=_LINE, edge=True)
    if has_zero:
        rows.upright(at(Decimal(0)), style.TEXT, width=1.2, edge=True)
    canvas.height = rows.y
    return canvas.svg()
