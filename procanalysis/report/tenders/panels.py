"""Several measures of the same members side by side: a panel per measure, a row per member, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.errors import ReportError
from procanalysis.report import style
from procanalysis.report.canvas import Canvas
from procanalysis.report.charts import Scale
from procanalysis.report.lanes import Look, Sign, legend, scaled, sheet
from procanalysis.report.tenders.pictures import MOST_REFERENCES, MOST_ROWS, REFERENCE_LOOKS, Spot, strokes

MOST_PANELS = 3
_GAP = 12.0
_BESIDE = 6.0
_STEP = 14.0
_LEAST_LANE = 60.0


@dataclass(frozen=True)
class Cell:
    """Hold one member's value in one measure with its interval, and the value in words; None is not drawn."""

    words: str
    value: Decimal | None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    is_clear: bool = False


@dataclass(frozen=True)
class Panel:
    """Hold one measure: its name, how its values are written, a cell per member in order, and the references."""

    name: str
    scale: Scale
    cells: tuple[Cell, ...]
    references: tuple[Decimal | None, ...] = ()

    @property
    def highest(self) -> Decimal:
        """The largest value that must lie within the lane, above zero."""
        known = [end for cell in self.cells for end in (cell.value, cell.highest) if end is not None]
        return max([*known, *(one for one in self.references if one is not None)], default=Decimal(1)) or Decimal(1)


def draw_panels(
    names: Sequence[str], panels: Sequence[Panel], *, references: Sequence[str], accent: str, narrow: bool = False
) -> str:
    """Draw the panels beside each other with the names to the left; below each other on a phone.

    A member that clearly differs is drawn in the accent and its value in bold, the others in grey. Parameters:
    references, the names of what the upright lines stand for, at most two. Returns SVG. Raises ReportError on more than
    40 members, three panels or two references.
    """
    if len(names) > MOST_ROWS or len(panels) > MOST_PANELS or len(references) > MOST_REFERENCES:
        raise ReportError(
            f"members_figure: {len(names)} members, {len(panels)} measures and {len(references)} references; "
            f"{MOST_ROWS}, {MOST_PANELS} and {MOST_REFERENCES} are the most. Show fewer, or a table."
        )
    canvas = sheet(narrow)
    y = _legend(canvas, panels, references, accent)
    for group in [[panel] for panel in panels] if narrow else [list(panels)]:
        y = _draw_group(canvas, names, group, y, accent)
    canvas.height = y
    return canvas.svg()


def _legend(canvas: Canvas, panels: Sequence[Panel], references: Sequence[str], accent: str) -> float:
    drawn = {cell.is_clear for panel in panels for cell in panel.cells if cell.value is not None}
    signs = []
    if False in drawn:
        signs.append(Sign("Ingen tydlig skillnad", Look(style.MUTED_MARK), line=True, dotted=True))
    if True in drawn:
        signs.append(Sign("Tydligt högre eller lägre", Look(accent), line=True, dotted=True))
    for name, (colour, _, dashes) in zip(references, REFERENCE_LOOKS, strict=False):
        signs.append(Sign(name, Look(colour), line=True, dashes=dashes))
    return legend(canvas, signs)


def _draw_group(canvas: Canvas, names: Sequence[str], panels: Sequence[Panel], top: float, accent: str) -> float:
    """Draw panels that share the names to their left, and return where they end."""
    values = [max((canvas.text_width(cell.words, True) for cell in panel.cells), default=0.0) for panel in panels]
    longest = max((canvas.text_width(name) for name in names), default=0.0) + 2
    room = canvas.width - sum(values) - len(panels) * (_GAP + _BESIDE + _LEAST_LANE)
    label = min(longest, max(room, canvas.width * 0.18), canvas.width * 0.42)
    lane = (canvas.width - label - sum(values)) / len(panels) - _GAP - _BESIDE
    written = [canvas.wrap(name, label, most=2) for name in names]
    heads = [canvas.wrap(panel.name, lane + values[at] + _BESIDE, bold=True) for at, panel in enumerate(panels)]
    y = top + canvas.line_height * (0.4 + max(len(head) for head in heads))
    middles, begins = [], y
    for words in written:
        tall = max(_STEP, canvas.line_height * len(words) + 2)
        middles.append(y + tall / 2)
        canvas.lines(label, y + tall / 2, words, anchor="right")
        y += tall
    left = label + _GAP
    for panel, head, beside in zip(panels, heads, values, strict=True):
        for place, line in enumerate(head):
            canvas.text(left, top + canvas.line_height * (0.6 + place), line, bold=True)
        _draw_panel(canvas, panel, middles, (left, left + lane, begins, y), accent)
        for cell, middle in zip(panel.cells, middles, strict=True):
            canvas.text(left + lane + _BESIDE + beside, middle, cell.words, anchor="right", bold=cell.is_clear)
        left += lane + _BESIDE + beside + _GAP
    return y + canvas.line_height * 1.6


def _draw_panel(
    canvas: Canvas, panel: Panel, middles: Sequence[float], area: tuple[float, float, float, float], accent: str
) -> None:
    """Draw one panel's lanes. Parameters: area, left, right, top and bottom."""
    left, right, top, bottom = area
    at = scaled([panel.highest], left, right - 3)
    strokes(canvas, [[(left, middle), (right, middle)] for middle in middles], style.GRID, layer=0.4)
    canvas.line([(left, top), (left, bottom)], style.TEXT)
    for value, (colour, width, dashes) in zip(panel.references, REFERENCE_LOOKS, strict=False):
        if value is not None:
            ends = [(at(value), top), (at(value), bottom)]
            canvas.line(ends, colour, width=width * 0.8, dashes=dashes, layer=2.0)
    for clear, colour in ((False, style.MUTED_MARK), (True, accent)):
        chosen = [(cell, middle) for cell, middle in zip(panel.cells, middles, strict=True) if cell.is_clear is clear]
        _draw_cells(canvas, chosen, at, colour)
    ends_at = bottom + canvas.line_height * 0.5
    canvas.text(left, ends_at, panel.scale.write(Decimal(0)), colour=style.MUTED_TEXT)
    canvas.text(right, ends_at, panel.scale.write(panel.highest), anchor="right", colour=style.MUTED_TEXT)


def _draw_cells(
    canvas: Canvas, cells: Sequence[tuple[Cell, float]], at: Callable[[Decimal], float], colour: str
) -> None:
    lines: list[list[Spot]] = []
    dots: list[list[Spot]] = []
    for cell, middle in cells:
        if cell.lowest is not None and cell.highest is not None:
            lines.append([(at(cell.lowest), middle), (at(cell.highest), middle)])
        if cell.value is not None:
            dots.append([(at(cell.value), middle)])
    strokes(canvas, lines, colour, width=2.2, layer=2.3)
    strokes(canvas, dots, colour, layer=2.5, marker=True)
