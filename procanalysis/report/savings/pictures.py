"""The pictures of savings: from promised to realised step by step, and what each year holds against its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.errors import ReportError
from procanalysis.report import numbers, style
from procanalysis.report.charts import Scale
from procanalysis.report.lanes import BAR, MISSING, Lane, Lanes, Look, Sign, box, legend, mark, scaled, sheet, signed

MOST_STEPS = 40
MOST_YEARS = 31
MOST_PARTS = 4
_LEAST_BAR = 0.5
_COLOURS = (style.MUTED_MARK, style.SERIES[2], style.SERIES[3])


@dataclass(frozen=True)
class Step:
    """Hold one row of a bridge: a total, drawn from zero, or a change, drawn from where the row above ended."""

    name: str
    change: Decimal
    before: Decimal
    is_total: bool

    @property
    def after(self) -> Decimal:
        """Where the bar ends."""
        return self.change if self.is_total else self.before + self.change

    def words(self, scale: Scale) -> str:
        """Write the amount, a change with its sign."""
        return scale.write(self.change) if self.is_total else signed(scale, self.change)


@dataclass(frozen=True)
class YearParts:
    """Hold one year: its parts, their total and the target, each or None, and whether it is a forecast."""

    name: str
    parts: tuple[Decimal | None, ...]
    total: Decimal | None
    target: Decimal | None = None
    is_forecast: bool = False


def draw_bridge(steps: Sequence[Step], *, scale: Scale, accent: str, narrow: bool = False) -> str:
    """Draw the steps as rows: totals from zero, falls filled grey, rises pale with an outline, joined by thin lines.

    Returns SVG. Raises ReportError on more than 40 rows.
    """
    if len(steps) > MOST_STEPS:
        raise ReportError(f"bridge_figure: {len(steps)} rows; show at most {MOST_STEPS}, or use a table.")
    canvas = sheet(narrow)
    looks = {"Summa": Look(accent), "Minskar": Look(style.MUTED_MARK), "Ökar": Look(accent, outlined=True)}
    used = {_kind(step) for step in steps}
    top = legend(canvas, [Sign(words, look) for words, look in looks.items() if words in used])
    lanes = [Lane(step.name, (step.words(scale),), step.is_total) for step in steps]
    rows = Lanes(canvas, lanes, heads=("",), top=top, narrow=narrow)
    ends = [step.after for step in steps] + [step.before for step in steps if not step.is_total]
    at = scaled(ends, rows.left, rows.right)
    above: tuple[float, float] | None = None
    for step, lane in zip(steps, lanes, strict=True):
        middle = rows.next(lane)
        start = Decimal(0) if step.is_total else step.before
        if above is not None:
            canvas.line([above, (above[0], middle - BAR / 2)], style.MUTED_MARK, layer=0.5)
        box(canvas, at(start), at(step.after), middle, looks[_kind(step)])
        if abs(at(step.after) - at(start)) < _LEAST_BAR:  # too small to be seen, but there
            canvas.line([(at(start), middle - BAR / 2), (at(start), middle + BAR / 2)], style.TEXT, width=1.2)
        above = at(step.after), middle + BAR / 2
    rows.upright(at(Decimal(0)), style.TEXT)
    canvas.height = rows.y
    return canvas.svg()


def _kind(step: Step) -> str:
    if step.is_total:
        return "Summa"
    return "Minskar" if step.change <= 0 else "Ökar"


def draw_stacked_years(
    years: Sequence[YearParts], *, parts: Sequence[str], total: str, target: str, scale: Scale, accent: str,
    narrow: bool = False,
) -> str:  # fmt: skip
    """Draw one row per year with its parts after each other, negative ones to the left of zero, and the target.

    The first part is filled and the others striped; years of a forecast are pale with an outline and say so.

    Parameters: parts, their names in order, at most 4; total and target, the names of those columns, target empty
    without one. Returns SVG. Raises ReportError on more than 31 years or 4 parts.
    """
    if len(years) > MOST_YEARS or len(parts) > MOST_PARTS:
        raise ReportError(
            f"stacked_years_figure: {len(years)} years and {len(parts)} parts; {MOST_YEARS} and {MOST_PARTS} are the "
            "most. Show fewer, or a table."
        )
    canvas = sheet(narrow)
    colours = (accent, *_COLOURS)
    signs = [Sign(name, Look(colours[n], hatched=n > 0)) for n, name in enumerate(parts)]
    if any(year.is_forecast for year in years):
        signs.append(Sign("Prognos", Look(accent, outlined=True)))
    if target:
        signs.append(Sign(target, Look(style.REFERENCE), line=True))
    top = legend(canvas, signs)
    heads = [*parts, total, *([target] if target else [])] if len(parts) > 1 else [total, *([target] if target else [])]
    lanes = [_year_lane(year, len(parts), bool(target), scale) for year in years]
    rows = Lanes(canvas, lanes, heads=heads, unit=scale.name, top=top, narrow=narrow)
    known = [value for year in years for value in _ends(year)]
    at = scaled(known, rows.left, rows.right)
    for year, lane in zip(years, lanes, strict=True):
        middle = rows.next(lane)
        right = left = Decimal(0)
        for number, value in enumerate(year.parts):
            if value is None:
                continue
            start = right if value >= 0 else left
            box(canvas, at(start), at(start + value), middle, Look(colours[number], year.is_forecast, number > 0))
            right, left = (right + value, left) if value >= 0 else (right, left + value)
        if year.target is not None:
            mark(canvas, at(year.target), middle)
    rows.upright(at(Decimal(0)), style.TEXT)
    canvas.height = rows.y
    return canvas.svg()


def _year_lane(year: YearParts, parts: int, with_target: bool, scale: Scale) -> Lane:
    values = [*(year.parts if parts > 1 else ()), year.total, *([year.target] if with_target else [])]
    figures = tuple(MISSING if value is None else scale.write(value, bare=True) for value in values)
    name = f"{year.name} prognos".replace(" ", numbers.HARD_SPACE) if year.is_forecast else year.name
    return Lane(name, figures, bold=False)


def _ends(year: YearParts) -> list[Decimal]:
    """Return how far a year's bars reach in either direction, and its target."""
    known = [value for value in year.parts if value is not None]
    reached = [sum((v for v in known if v > 0), Decimal(0)), sum((v for v in known if v < 0), Decimal(0))]
    return reached + ([year.target] if year.target is not None else [])
