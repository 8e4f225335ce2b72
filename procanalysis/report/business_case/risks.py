"""The picture of risks: numbered, in a grid of likelihood and consequence, with their names beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from procanalysis.errors import ReportError
from procanalysis.report import style
from procanalysis.report.canvas import Canvas
from procanalysis.report.lanes import sheet

MOST_RISKS = 20
_STEPS = 5
_LEFT = 16.0
_WIDE_GRID = 230.0


@dataclass(frozen=True)
class Risk:
    """Hold one risk: its number, its name, and likelihood and consequence from 1 to 5."""

    number: int
    name: str
    likelihood: int
    consequence: int

    @property
    def weight(self) -> int:
        """Likelihood times consequence, 1 to 25."""
        return self.likelihood * self.consequence


def draw_risks(risks: Sequence[Risk], *, accent: str, narrow: bool = False) -> str:
    """Draw the risks' numbers in a grid, likelihood upward and consequence to the right, darker the graver.

    The names stand beside the grid, or below it on a phone. Returns SVG. Raises ReportError on more than 20 risks.
    """
    if len(risks) > MOST_RISKS:
        raise ReportError(f"risk_matrix_figure: {len(risks)} risks; show at most {MOST_RISKS}, or use a table.")
    canvas = sheet(narrow)
    width = canvas.width if narrow else _WIDE_GRID
    bottom = _grid(canvas, risks, width, accent)
    if narrow:
        canvas.height = _names(canvas, risks, 0, bottom + canvas.line_height * 0.8)
    else:
        canvas.height = max(bottom, _names(canvas, risks, width + 24, canvas.line_height * 1.4))
    return canvas.svg()


def _grid(canvas: Canvas, risks: Sequence[Risk], width: float, accent: str) -> float:
    side = (width - _LEFT) / _STEPS
    canvas.text(0, canvas.line_height * 0.6, "Sannolikhet ↑", colour=style.MUTED_TEXT)
    y = canvas.line_height * 1.4
    for likelihood in range(_STEPS, 0, -1):
        held = [
            [str(risk.number) for risk in risks if (risk.likelihood, risk.consequence) == (likelihood, step)]
            for step in range(1, _STEPS + 1)
        ]
        written = [canvas.wrap(" ".join(each), side - 8, most=MOST_RISKS, bold=True) if each else [] for each in held]
        tall = max(side * 0.62, canvas.line_height * max(map(len, written)) + 6)
        canvas.text(_LEFT / 2 - 2, y + tall / 2, str(likelihood), anchor="center")
        for step, lines in enumerate(written, start=1):
            share = (likelihood * step - 1) / (_STEPS**2 - 1)
            colour = style.mix(style.HEAT_LIGHT, accent, share)
            left = _LEFT + side * (step - 1)
            canvas.rectangle(left + 0.75, y + 0.75, side - 1.5, tall - 1.5, colour)
            first = y + tall / 2 - canvas.line_height * (len(lines) - 1) / 2
            ink = style.text_colour_on(colour)
            for number, line in enumerate(lines):
                at = first + number * canvas.line_height
                canvas.text(left + side / 2, at, line, anchor="center", colour=ink, bold=True)
        y += tall
    for step in range(1, _STEPS + 1):
        canvas.text(_LEFT + side * (step - 0.5), y + canvas.line_height * 0.8, str(step), anchor="center")
    y += canvas.line_height * 2
    canvas.text(width, y, "Konsekvens →", anchor="right", colour=style.MUTED_TEXT)
    return y + canvas.line_height * 0.6


def _names(canvas: Canvas, risks: Sequence[Risk], left: float, y: float) -> float:
    """List number, name, likelihood and consequence; return where the list ends."""
    indent = canvas.text_width("00. ")
    for risk in risks:
        words = canvas.wrap(f"{risk.name} ({risk.likelihood}\u00a0×\u00a0{risk.consequence}\u00a0=\u00a0{risk.weight})",
                            canvas.width - left - indent, most=4)  # fmt: skip
        canvas.text(left, y + canvas.line_height * 0.5, f"{risk.number}.")
        canvas.lines(left + indent, y + canvas.line_height * len(words) / 2, words)
        y += canvas.line_height * len(words) + 3
    return y
