"""Say quietly that there is nothing to show, and name once what a report cannot show."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from procanalysis.report import style
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.markup import Part, render
from procanalysis.report.sentences import bullet_points, callout
from procanalysis.schema import Source

ABSENT = "absent"
"""The type of a part that shows nothing. A chapter that holds nothing else is left out of the page, heading and all."""


def absent(reason: str, *, source: Source | None = None) -> Part:
    """Say in one quiet line why there is nothing to show, or nothing at all.

    Parameters: reason, a Swedish sentence; empty when another part of the chapter says it.

    >>> print(absent("Ingen budget är publicerad."))
    Ingen budget är publicerad.
    """
    accent = style.accent_colour(source.accent_colour) if source else style.ACCENT
    text = shorten(reason, 600)
    html = render("quiet", accent=accent, text=text) if text else Markup("")
    return Part(text, html, {"type": ABSENT, "reason": text})


def is_absent(part: Part) -> bool:
    """Tell whether a part shows nothing."""
    return part.data.get("type") == ABSENT


def missing_points(chapters: Mapping[str, Part], *, source: Source, otherwise: str) -> Part:
    """Name the chapters that have nothing to show, and why.

    Parameters: chapters, the part of each chapter by its heading; otherwise, what to say when all have something.
    """
    silent = {name: str(part.data["reason"]) for name, part in chapters.items() if is_absent(part)}
    points = [f"{clean_text(name)}: {reason}" for name, reason in silent.items() if reason]
    if points:
        return bullet_points(points, source=source)
    return callout("{why}", kind="note", source=source, why=otherwise)
