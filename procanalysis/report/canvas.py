"""A sheet measured in points on which the charts are drawn: text, rectangles and lines, out as SVG.

Matplotlib measures and writes the SVG; the charts place everything themselves, because only what is measured before it
is drawn can be kept from overlapping. So they need none of its figures and axes, which cost many times the drawing.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import matplotlib
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from procanalysis.report.style import BACKGROUND, FONT_STACK, TEXT

Anchor = Literal["left", "center", "right"]

_RC: Any = {
    "svg.fonttype": "none",  # text stays text: small files that can be searched and that print sharply
    "svg.hashsalt": "procanalysis",  # the same drawing gives the same bytes
    "path.simplify": False,
}
_UPRIGHT = (1491 - 431) / 2048 / 2
"""How far right of its middle an upright line stands, per point: what Arial reaches above and below the line."""


@dataclass
class Canvas:
    """Collect shapes in points, with the origin in the upper left corner, and write them as SVG."""

    width: float
    text_size: float
    height: float = 0.0
    _artists: list[Polygon | Line2D] = field(default_factory=list)
    _texts: list[Text] = field(default_factory=list)

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
        """Write one line of text whose middle height is y; a halo keeps lines behind it from crossing it.

        What is written upright has its middle at x and begins at y; it has no anchor.
        """
        if halo:
            left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[anchor] * self.text_width(words, bold)
            half = self.line_height / 2
            self.rectangle(left - 2, y - half, self.text_width(words, bold) + 4, half * 2, BACKGROUND, layer=2.5)
        if not words:
            return
        # Half the height of the figures below the middle: lines stay level whatever letters they hold.
        across, down, degrees = (self.text_size * _UPRIGHT, 0.0, 90) if upright else (0.0, self.text_size * 0.36, 0)
        font = _font(bold, self.text_size)
        self._texts.append(
            Text(x + across, y + down, words, color=colour, ha=anchor, rotation=degrees, fontproperties=font)
        )

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
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self._artists.append(Polygon(corners, facecolor=colour, edgecolor="none", zorder=layer))

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
        """Draw a line through the points, broken where one is not a number, or a dot at each point as well."""
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
            kept = _longest(last, lambda start: self.text_width(f"{start.rstrip()} …", bold) <= width)
            lines = [*lines[: most - 1], f"{kept.rstrip()} …"]
        return lines

    def svg(self) -> str:
        """Return the drawing as SVG, the same bytes each time."""
        target, width, height = io.StringIO(), self.width, self.height
        upwards = Affine2D().scale(1, -1).translate(0, height)
        sheet = Polygon([(0, height), (width, height), (width, 0), (0, 0)], facecolor=BACKGROUND, edgecolor="none")
        with matplotlib.rc_context(_RC):
            blank = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            renderer = RendererSVG(width, height, target, metadata=blank)
            renderer.open_group("figure")
            sheet.set_transform(upwards)
            sheet.draw(renderer)
            renderer.open_group("axes")
            for artist in sorted(self._artists, key=lambda each: each.zorder):
                artist.set_transform(upwards)
                artist.draw(renderer)
            for text in self._texts:
                text.set_transform(upwards)
                _write(text, renderer)
            renderer.close_group("axes")
            renderer.close_group("figure")
            renderer.finalize()
        drawn = target.getvalue()
        for written in (f"font-family: '{_family()}'", f"font-family: {_family()};"):
            drawn = drawn.replace(written, f"font-family: {FONT_STACK}{';' if written.endswith(';') else ''}")
        return drawn


def _write(text: Text, renderer: RendererSVG) -> None:
    """Write a line of text where it stands, without the layout that Matplotlib would measure for it."""
    graphics = renderer.new_gc()
    graphics.set_foreground(text.get_color())
    x, y = text.get_position()
    renderer.open_group("text")
    renderer.draw_text(graphics, x, y, text.get_text(), text.get_fontproperties(), text.get_rotation(), mtext=text)
    renderer.close_group("text")


def canvas_ready() -> None:
    """Find the fonts and draw once before the first chart is asked for, so that processes share what that takes."""
    canvas = Canvas(100.0, 10.0, 100.0)
    for bold in (False, True):
        canvas.text(0.0, 20.0, "Aa", bold=bold, halo=True)
    canvas.svg()


def _longest(words: str, fits: Callable[[str], bool]) -> str:
    """Return the longest start of a text that fits, found by halves: more letters are never narrower."""
    return words[: bisect_left(range(1, len(words) + 1), True, key=lambda size: not fits(words[:size]))]


def _pieces(words: str, fits: Callable[[str], bool]) -> list[str]:
    """Split into words, and words too long for a line into parts, at a hyphen or slash where there is one."""
    pieces: list[str] = []
    for word in words.split(" "):
        rest = word
        while rest and not fits(rest):
            cut = max(len(_longest(rest[:-1], lambda start: fits(f"{start}-"))), 1)
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
def _font(bold: bool, size: float = 100.0) -> FontProperties:
    return FontProperties(family=_family(), weight="bold" if bold else "normal", size=size)


@cache
def _font_file(bold: bool) -> Any:
    return findfont(_font(bold))


@cache
def _width(words: str, bold: bool) -> float:
    font = get_font(_font_file(bold))
    font.set_size(100, 72)  # others that draw share it
    font.set_text(words, 0.0)
    return float(font.get_width_height()[0]) / 64 / 100
