"""The house style in one place: colours safe for colour-blind readers, fonts, and contrast by WCAG."""

from __future__ import annotations

import re
from functools import cache

from procanalysis.errors import ReportError

ACCENT = "#12436D"
TEXT = "#1A1A1A"
MUTED_TEXT = "#50585E"
MUTED_MARK = "#7C858E"
REFERENCE = "#801650"
GRID = "#D5DADF"
BACKGROUND = "#FFFFFF"
SERIES: tuple[str, ...] = (ACCENT, "#801650", "#1C7A71", "#A8480C")
"""At most four lines in one chart; they also differ in dashes and carry their names at their ends."""
PARTS: tuple[str, ...] = (ACCENT, "#28A197", "#801650", "#F46A25", MUTED_MARK)
HEAT_LIGHT = "#E6EDF3"
FONT_STACK = "Arial, 'Liberation Sans', Helvetica, sans-serif"

TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2 contrast ratio of two colours: (L1 + 0.05) / (L2 + 0.05), lighter over darker.

    >>> round(contrast("#000000", "#FFFFFF"), 1)
    21.0
    """
    lights = sorted((luminance(first), luminance(second)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


@cache
def luminance(colour: str) -> float:
    """Return the relative luminance of a colour by WCAG 2, 0 for black and 1 for white.

    >>> luminance("#FFFFFF")
    1.0
    """
    red, green, blue = (_linear(part) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rgb(colour: str) -> tuple[int, int, int]:
    """Split #RRGGBB into three numbers, 0 to 255.

    Raises ReportError when it is written in any other way.

    >>> rgb("#12436D")
    (18, 67, 109)
    """
    if not _HEX.fullmatch(colour):
        raise ReportError(f"style: {colour!r} is not a colour. Write it as #RRGGBB, such as {ACCENT}.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def text_colour_on(background: str) -> str:
    """Choose black or white text, whichever can be read best: at least 4.5:1 on every background.

    >>> text_colour_on("#12436D"), text_colour_on("#E6EDF3")
    ('#FFFFFF', '#000000')
    """
    return max(("#000000", "#FFFFFF"), key=lambda colour: contrast(colour, background))


def mix(low: str, high: str, share: float) -> str:
    """Mix two colours; share 0 gives the first, 1 the second.

    >>> mix("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    share = min(max(share, 0.0), 1.0)
    parts = (int(a + (b - a) * share + 0.5) for a, b in zip(rgb(low), rgb(high), strict=True))
    return "#" + "".join(f"{part:02X}" for part in parts)


def accent_colour(wished: str) -> str:
    """Check that the organisation's own colour can carry white text, and return it.

    Raises ReportError when the contrast to white is under 4.5:1, with a darker shade that would do.

    >>> accent_colour("#12436D")
    '#12436D'
    """
    if contrast(wished, BACKGROUND) >= TEXT_CONTRAST:
        return wished.upper()
    darker = next(
        shade
        for shade in (mix(wished, "#000000", step / 20) for step in range(1, 21))
        if contrast(shade, BACKGROUND) >= TEXT_CONTRAST
    )
    raise ReportError(
        f"accent_colour {wished} has contrast {contrast(wished, BACKGROUND):.1f}:1 to white, and white text "
        f"on it needs {TEXT_CONTRAST}:1. Use a darker colour, for example {darker}."
    )


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
