"""The picture of what a simulation gave: piles of squares, each a fiftieth of the outcomes, with percentiles marked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.report import numbers, style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import Scale
from procanalysis.report.lanes import Look, Sign, box, legend, sheet

SQUARES = 50
_TALLEST = 150.0
_PILES = (20, 26, 34)
_DASHES = {10: (1.5, 1.5), 50: (), 90: (5.0, 2.5)}


@dataclass(frozen=True)
class Outcomes:
    """Hold simulated results: equally likely ones in order, those at P10, P50 and P90 that are known, and the risk."""

    squares: tuple[Decimal, ...]
    marked: tuple[tuple[int, Decimal], ...]
    loss_pct: Decimal | None

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        """The lowest and the highest result to be shown."""
        values = [*self.squares, *(value for _, value in self.marked)]
        return min(values), max(values)

    @property
    def shows_zero(self) -> bool:
        """Whether zero lies so near the results that it is shown: no further off than they reach."""
        low, high = self.ends
        return max(high, Decimal(0)) - min(low, Decimal(0)) <= 2 * (high - low)


@dataclass(frozen=True)
class _Piles:
    """Hold how many squares stand in each pile, and where a value lies: counted in piles from the first."""

    width: Decimal
    begin: Decimal
    first: int
    last: int
    counts: Counter[int]

    def place(self, value: Decimal) -> float:
        return float((value - self.begin) / self.width) - self.first

    @property
    def number(self) -> int:
        return self.last - self.first + 1


def equally_likely(percentiles: Sequence[tuple[Decimal, Decimal]]) -> tuple[Decimal, ...]:
    """Return fifty results, each as likely, read off the percentiles known: at 1, 3, … 99 %.

    Between two percentiles a straight line is followed; beyond the outermost nothing is read.

    >>> likely = equally_likely([(Decimal(0), Decimal(0)), (Decimal(100), Decimal(1000))])
    >>> len(likely), likely[0], likely[-1]
    (50, Decimal('10'), Decimal('990'))
    """
    found = []
    for step in range(SQUARES):
        wanted = Decimal(100 * (2 * step + 1)) / (2 * SQUARES)
        if not percentiles[0][0] <= wanted <= percentiles[-1][0]:
            continue
        over = next(index for index, (share, _) in enumerate(percentiles) if share >= wanted)
        share, value = percentiles[over]
        if share > wanted:
            before, below = percentiles[over - 1]
            value = below + (value - below) * (wanted - before) / (share - before)
        found.append(value)
    return tuple(sorted(found))


def draw_outcomes(outcomes: Outcomes, *, scale: Scale, accent: str, narrow: bool = False) -> str:
    """Draw the outcomes as piles of squares, losses pale with an outline, with lines at P10, P50, P90 and at zero.

    The results must differ from each other. Returns SVG.
    """
    canvas = sheet(narrow)
    loss, gain = Look(style.REFERENCE, outlined=True), Look(accent)
    y = legend(canvas, _signs(outcomes, loss, gain))
    piles = _piled(outcomes, canvas.width)
    step = canvas.width / piles.number
    size = min(step, _TALLEST / max(piles.counts.values()))
    top = y + len(outcomes.marked) * canvas.line_height + 4
    bottom = top + max(piles.counts.values()) * size + 2
    _marks(canvas, outcomes, [piles.place(value) * step for _, value in outcomes.marked], y, bottom, scale)
    for pile, count in piles.counts.items():
        left = (pile - piles.first) * step
        is_loss = piles.begin + pile * piles.width < 0
        for level in range(count):
            middle = bottom - 1.5 - (level + 0.5) * size
            box(canvas, left + 0.7, left + step - 0.7, middle, loss if is_loss else gain, height=max(size - 1.4, 1.2))
    canvas.line([(0, bottom), (canvas.width, bottom)], style.TEXT, layer=1.8)
    zero = piles.place(Decimal(0)) * step
    has_zero = outcomes.shows_zero
    if has_zero:
        canvas.line([(zero, top - 2), (zero, bottom + 5)], style.TEXT, width=1.6, layer=2.3)
    ends = [(piles.place(value) * step, scale.write(value)) for value in (outcomes.squares[0], outcomes.squares[-1])]
    _axis(canvas, ends, (zero, f"0{numbers.HARD_SPACE}{scale.name}") if has_zero else None, bottom)
    canvas.height = bottom + canvas.line_height * 1.5
    return canvas.svg()


def _signs(outcomes: Outcomes, loss: Look, gain: Look) -> list[Sign]:
    risk = "" if outcomes.loss_pct is None else f": {numbers.percent(outcomes.loss_pct)} av utfallen"
    signs = [Sign(f"Förlust{risk}", loss)] if risk or outcomes.squares[0] < 0 else []
    return [*signs, Sign("Noll eller mer", gain)] if outcomes.squares[-1] >= 0 else signs


def _piled(outcomes: Outcomes, across: float) -> _Piles:
    """Sort the squares into piles, more and narrower where they would be too tall, with zero between two of them."""
    low, high = outcomes.ends
    begin = low
    if outcomes.shows_zero:
        low, high, begin = min(low, Decimal(0)), max(high, Decimal(0)), Decimal(0)
    for number in _PILES:
        width = (high - low) / number
        counts = Counter(math.floor((value - begin) / width) for value in outcomes.squares)
        if max(counts.values()) * across / number <= _TALLEST:
            break
    first, last = (math.floor((end - begin) / width) for end in (low, high))
    return _Piles(width, begin, first, last, counts)


def _marks(
    canvas: Canvas, outcomes: Outcomes, places: Sequence[float], top: float, bottom: float, scale: Scale
) -> None:
    """Write each percentile over its line, on a row of its own, so that none covers another however close they lie."""
    for number, ((share, value), x) in enumerate(zip(outcomes.marked, places, strict=True)):
        words = f"P{share}: {scale.write(value)}"
        height = top + canvas.line_height * (number + 0.5)
        ends = [(x, height + canvas.line_height / 2), (x, bottom)]
        canvas.line(ends, style.BACKGROUND, width=3.6, layer=2.0)
        canvas.line(ends, style.TEXT, width=1.4, dashes=_DASHES.get(share, ()), layer=2.2)
        half = canvas.text_width(words, True) / 2
        canvas.text(min(max(x, half), canvas.width - half), height, words, anchor="center", bold=True, halo=True)


def _axis(canvas: Canvas, ends: Sequence[tuple[float, str]], zero: tuple[float, str] | None, bottom: float) -> None:
    """Write zero and, where there is room beside it, the lowest and highest outcome."""
    middle = bottom + canvas.line_height * 0.95
    taken: list[tuple[float, float]] = []
    for x, words in ([zero] if zero else []) + list(ends):
        half = canvas.text_width(words) / 2
        centre = min(max(x, half), canvas.width - half)
        if any(centre - half < right + 6 and left - 6 < centre + half for left, right in taken):
            continue
        taken.append((centre - half, centre + half))
        canvas.text(centre, middle, words, anchor="center", colour=style.MUTED_TEXT)
