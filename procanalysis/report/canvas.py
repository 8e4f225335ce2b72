"""A sheet measured in points on which the charts are drawn: text, rectangles and lines, out as SVG.

Matplotlib draws; the charts place everything themselves, because only what is measured before it is drawn can
be kept from overlapping.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from procanalysis.report.style import BACKGROUND, FONT_STACK, TEXT

Anchor = Literal["left", "center", "right"]

_RC: Any = {
    "svg.fonttype": "none",  # text stays text: small files that can be searched and that print sharply
    "svg.hashsalt": "procanalysis",  # the same drawing gives the same bytes
    "text.parse_math": False,  # a supplier name may hold $
    "path.simplify": False,
}


@dataclass
class Canvas:
    """Collect shapes in points, with the origin in the upper left corner, and write them as SVG."""

    width: float
    text_size: float
    height: float = 0.0
    _artists: list[Any] = field(default_factory=list)
    _texts: list[tuple[float, float, str, dict[str, Any]]] = field(default_factory=list)

    @property
    def line_height(self) -> float:
        """Return the distance between two lines of text."""
        return self.text_size * 1.25

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        anchor: Anchor = "left",
        colour: str = TEXT,
        bold: bool = False,
        halo: bool = False,
        upright: bool = False,
    ) -> None:
        """Write one line of text whose middle height is y; a halo keeps lines behind it from crossing it."""
        if halo:
            left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[anchor] * self.text_width(words, bold)
            half = self.line_height / 2
            self.rectangle(left - 2, y - half, self.text_width(words, bold) + 4, half * 2, BACKGROUND, layer=2.5)
        style = {
            "ha": anchor if not upright else "center",
            "va": "bottom" if upright else "baseline",
            "color": colour,
            "weight": "bold" if bold else "normal",
            "rotation": 90 if upright else 0,
        }
        # Half the height of the figures below the middle: lines stay level whatever letters they hold.
        self._texts.append((x, y if upright else y + self.text_size * 0.36, words, style))

    def lines(
        self,
        x: float,
        y: float,
        words: Sequence[str],
        *,
        anchor: Anchor = "left",
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """Write several lines of text around the middle height y."""
        top = y - self.line_height * (len(words) - 1) / 2
        for index, line in enumerate(words):
            self.text(x, top + index * self.line_height, line, anchor=anchor, bold=bold, halo=halo)

    def rectangle(self, x: float, y: float, width: float, height: float, colour: str, *, layer: float = 1) -> None:
        """Fill a rectangle; a negative width grows to the left."""
        self._artists.append(Rectangle((x, y), width, height, facecolor=colour, edgecolor="none", zorder=layer))

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str,
        *,
        width: float = 0.8,
        dashes: Sequence[float] = (),
        layer: float = 1.5,
        marker: bool = False,
    ) -> None:
        """Draw a line through the points, or a dot where there is one point."""
        line = Line2D([p[0] for p in points], [p[1] for p in points], color=colour, linewidth=width, zorder=layer)
        line.set_solid_capstyle("butt")
        if dashes:
            line.set_dashes(list(dashes))
        if marker:
            line.set_marker("o")
            line.set_markersize(6)
        self._artists.append(line)

    def text_width(self, words: str, bold: bool = False) -> float:
        """Measure a line of text in points."""
        return _width(words, bold) * self.text_size

    def wrap(self, words: str, width: float, *, most: int = 3, bold: bool = False) -> list[str]:
        """Break a label into lines no wider than width; what does not fit in the last line ends with …"""
        lines: list[str] = []
        current = ""
        for word in _pieces(words, lambda piece: self.text_width(piece, bold) <= width):
            longer = f"{current} {word}".strip()
            if not current or self.text_width(longer, bold) <= width:
                current = longer
                continue
            lines.append(current)
            current = word
        lines.append(current)
        if len(lines) > most:
            last = lines[most - 1]
            while last and self.text_width(f"{last} …", bold) > width:
                last = last[:-1].rstrip()
            lines = [*lines[: most - 1], f"{last} …"]
        return lines

    def svg(self) -> str:
        """Return the drawing as SVG, the same bytes each time."""
        with matplotlib.rc_context(_RC):
            figure = Figure(figsize=(self.width / 72, self.height / 72), facecolor=BACKGROUND)
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set_axis_off()
            axes.set_xlim(0, self.width)
            axes.set_ylim(self.height, 0)
            for artist in self._artists:
                axes.add_artist(artist)
                artist.set_clip_on(False)
            for x, y, words, style in self._texts:
                axes.text(x, y, words, fontfamily=_family(), fontsize=self.text_size, zorder=3, **style)
            FigureCanvasSVG(figure)
            target = io.StringIO()
            blank = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            figure.savefig(target, format="svg", metadata=blank)
        drawn = target.getvalue()
        for written in (f"font-family: '{_family()}'", f"font-family: {_family()};"):
            drawn = drawn.replace(written, f"font-family: {FONT_STACK}{';' if written.endswith(';') else ''}")
        return drawn


def canvas_ready() -> None:
    """Find the fonts and draw once before the first chart is asked for, so that processes share what that takes."""
    canvas = Canvas(100.0, 10.0, 100.0)
    for bold in (False, True):
        canvas.text(0.0, 20.0, "Aa", bold=bold, halo=True)
    canvas.svg()


def _pieces(words: str, fits: Any) -> list[str]:
    """Split into words, and words too long for a line into parts, at a hyphen or slash where there is one."""
    pieces: list[str] = []
    for word in words.split(" "):
        rest = word
        while rest and not fits(rest):
            cut = len(rest) - 1
            while cut > 1 and not fits(f"{rest[:cut]}-"):
                cut -= 1
            cut = min(cut, max(len(rest) - 4, 1))  # never one letter alone on the next line
            natural = max(rest.rfind(sign, 0, cut) for sign in "-/") + 1
            at = natural if natural > 2 else max(cut, 1)
            pieces.append(rest[:at] if rest[at - 1] in "-/" else f"{rest[:at]}-")
            rest = rest[at:]
        pieces.append(rest)
    return [piece for piece in pieces if piece]


@cache
def _family() -> str:
    """Name the first font installed of Arial's widths; the browser then picks its own of the same widths."""
    installed = {font.name for font in fontManager.ttflist}
    return next(name for name in ("Arial", "Liberation Sans", "Helvetica", "DejaVu Sans") if name in installed)


@cache
def _width(words: str, bold: bool) -> float:
    path = findfont(FontProperties(family=_family(), weight="bold" if bold else "normal"))
    font = get_font(path)
    font.set_size(100, 72)
    font.set_text(words, 0.0)
    return float(font.get_width_height()[0]) / 64 / 100
