"""Turn finished values into HTML through Jinja2 with autoescape, and hold a finished part of a report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

PART_MIME = "application/vnd.procanalysis.part+json"
TEMPLATE_FOLDER = Path(__file__).parent / "template"
WORKBOOK_PLACE = Markup("<!--workbook-->")
"""Where the page writes a link to its workbook; a notebook, which has none, shows nothing there."""
_PARTS = ("parts.html.j2", "annual.html.j2", "assessment.html.j2", "business_case.html.j2", "indicators.html.j2")
_STYLE = re.compile(r"\A<style>[^<]*</style>")


@dataclass(frozen=True)
class Part:
    """Hold one finished part of a report: HTML to see, text to read, and data for the workbook and the JSON.

    A notebook shows it when it is the last thing in a cell.
    """

    text: str
    html: Markup = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        """Return the text, so that a printed part can be read."""
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        styled = f"<style>{stylesheet('parts.css')}</style>{self.html}"
        return {"text/html": styled, "text/plain": self.text, PART_MIME: dict(self.data)}


@cache
def environment() -> Environment:
    """Return the template environment: autoescape on, and an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def templates_ready() -> None:
    """Compile the templates of all parts before the first is shown, so that processes share them."""
    for name in _PARTS:
        environment().get_template(name)


@cache
def stylesheet(name: str) -> Markup:
    """Read one of the package's stylesheets, without line breaks, as it stands in the page."""
    text = (TEMPLATE_FOLDER / name).read_text(encoding="utf-8")
    return Markup(re.sub(r"\n\s*", "", text))  # noqa: S704  (our own file)


def render(macro: str, *, template: str = "parts.html.j2", **values: Any) -> Markup:
    """Render one macro of a template of parts."""
    module = environment().get_template(template).module
    return Markup(getattr(module, macro)(**values))  # noqa: S704  (autoescaped by the template)


def without_style(html: str) -> Markup:
    """Take the stylesheet off a part's HTML; the page holds it once."""
    return Markup(_STYLE.sub("", html))  # noqa: S704  (made by _repr_mimebundle_)
