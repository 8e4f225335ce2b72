"""A small line of one indicator's years: broken where the series is, hollow where in doubt, nothing where missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from procanalysis.errors import ReportError
from procanalysis.report import style

WIDTH, HEIGHT = 150, 46
MOST_YEARS = 40
_LEFT, _RIGHT, _TOP, _BOTTOM = 16.0, 134.0, 7.0, 27.0
_TEXT = 11
_BASE = 43.0

MarkKind = Literal["outcome", "missing", "target", "break"]


@dataclass(frozen=True)
class Mark:
    """Hold one mark: an outcome, a year whose outcome is missing, the target of a year, or the year of a break.

    Outcomes of the same `part` in years that follow on each other are joined by a line.
    """

    kind: MarkKind
    year: int
    value: Decimal | None = None
    part: int = 0
    is_doubtful: bool = False
    is_replaced: bool = False


def draw_sparkline(marks: Sequence[Mark], *, year: int, accent: str) -> str:
    """Draw the marks of one indicator as SVG, 150 by 46 pixels; no text in it is ever smaller than 11 pixels.

    Parameters: marks, in any order; year, the report's, whose outcome is the largest dot; accent, a colour #RRGGBB.
    Returns SVG, empty when there is no outcome to draw. Raises ReportError on more than 40 years.
    """
    points = sorted((mark for mark in marks if mark.value is not None and mark.kind == "outcome"), key=_order)
    if not points:
        return ""
    years = [mark.year for mark in marks if mark.kind != "break"]
    first, last = min(years), max(years)
    if last - first >= MOST_YEARS:
        raise ReportError(f"sparkline: {last - first + 1} years cannot be read; show at most {MOST_YEARS}.")

    def across(at: float) -> float:
        return (_LEFT + _RIGHT) / 2 if first == last else _LEFT + (at - first) / (last - first) * (_RIGHT - _LEFT)

    up = _heights([mark.value for mark in marks if mark.value is not None])
    shapes = [
        _break_line(across(mark.year - 0.5)) for mark in marks if mark.kind == "break" and first < mark.year <= last
    ]
    shapes += _joined(points, across, up, accent)
    shapes += [
        _target(across(mark.year), up(mark.value)) for mark in marks if mark.kind == "target" and mark.value is not None
    ]
    shapes += [_dot(mark, across(mark.year), up(mark.value), year, accent) for mark in points if mark.value is not None]
    shapes += [_words(across(mark.year), (_TOP + _BOTTOM) / 2 + 4, "?") for mark in marks if mark.kind == "missing"]
    shapes += [_words(across(at), _BASE, str(at)) for at in dict.fromkeys((first, last))]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(shapes)}</svg>"
    )


def _order(mark: Mark) -> tuple[int, int]:
    return mark.part, mark.year


def _heights(values: Sequence[Decimal]) -> Callable[[Decimal], float]:
    low, high = float(min(values)), float(max(values))
    if low == high:
        return lambda value: (_TOP + _BOTTOM) / 2
    return lambda value: _BOTTOM - (float(value) - low) / (high - low) * (_BOTTOM - _TOP)


def _joined(
    points: Sequence[Mark], across: Callable[[float], float], up: Callable[[Decimal], float], accent: str
) -> list[str]:
    """Join outcomes of years that follow on each other; a year without outcome leaves a gap."""
    lines = []
    for one, other in pairwise(points):
        if one.part == other.part and other.year - one.year == 1 and one.value is not None and other.value is not None:
            start = f'x1="{across(one.year):.1f}" y1="{up(one.value):.1f}"'
            ends = f'{start} x2="{across(other.year):.1f}" y2="{up(other.value):.1f}"'
            lines.append(f'<line {ends} stroke="{_colour(other, accent)}" stroke-width="1.6"/>')
    return lines


def _colour(mark: Mark, accent: str) -> str:
    return style.MUTED_MARK if mark.is_replaced else accent


def _dot(mark: Mark, x: float, y: float, year: int, accent: str) -> str:
    colour = _colour(mark, accent)
    radius = 4.0 if mark.year == year else 2.8
    fill = style.BACKGROUND if mark.is_doubtful else colour
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{colour}" stroke-width="1.6"/>'


def _target(x: float, y: float) -> str:
    ends = f'x1="{x - 11:.1f}" y1="{y:.1f}" x2="{x + 11:.1f}" y2="{y:.1f}"'
    return f'<line {ends} stroke="{style.REFERENCE}" stroke-width="2.4"/>'


def _break_line(x: float) -> str:
    ends = f'x1="{x:.1f}" y1="1" x2="{x:.1f}" y2="{_BOTTOM + 5:.1f}"'
    return f'<line {ends} stroke="{style.MUTED_TEXT}" stroke-width="1.2" stroke-dasharray="3 2.5"/>'


def _words(x: float, y: float, text: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-family="{style.FONT_STACK}" font-size="{_TEXT}" '
        f'fill="{style.MUTED_TEXT}">{text}</text>'
    )
