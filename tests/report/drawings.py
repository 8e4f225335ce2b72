"""Read a drawing (SVG) as the eye does: its texts, where they stand, and whether any covers another."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from procanalysis.report import style
from procanalysis.report.canvas import Canvas

HOSTILE = '</text><script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 7*7 }} {name} \u202eAB\x07'
LONG = "Fastighetsunderhållsentreprenadtjänsterochsnöröjningsmaskinuthyrning i Exempelköping"
ACCENTS = (style.ACCENT, "#6B1E3C", "#005F50", "#000000")
"""The accent colours that drawings are tried with: our own, and others that an organisation may choose."""

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """Measure level texts: left, top, right, bottom, by the same widths as Arial has."""
    found = []
    for node in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        css, words = node.get("style", ""), "".join(node.itertext())
        if "rotate(-90" in (node.get("transform") or ""):
            continue
        size = float(re.search(r"font-size: ([0-9.]+)px", css)[1])
        width = Canvas(100, size).text_width(words, "font-weight: 700" in css)
        anchor = re.search(r"text-anchor: (\w+)", css)[1]
        left = float(node.get("x")) - {"start": 0, "middle": 0.5, "end": 1}[anchor] * width
        bottom = float(node.get("y"))
        found.append((left, bottom - size * 0.72, left + width, bottom))
    return found


def overlaps(svg: str) -> int:
    placed = boxes(svg)
    return sum(
        a[0] < b[2] - 0.5 and b[0] < a[2] - 0.5 and a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5
        for index, a in enumerate(placed)
        for b in placed[index + 1 :]
    )


def filled(svg: str) -> list[tuple[str, tuple[float, float, float, float]]]:
    """List the filled rectangles: colour, and left, top, right, bottom."""
    found = []
    for node in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        colour = re.search(r"fill: (#[0-9a-f]{6})", node.get("style", ""))
        corners = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", node.get("d", ""))]
        if colour and len(corners) >= 8:
            across, down = corners[0::2], corners[1::2]
            found.append((colour[1], (min(across), min(down), max(across), max(down))))
    return found
