"""Render markdown safely: HTML in it is shown as text, dangerous links and all pictures are left out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import mistune
from markupsafe import Markup, escape

from procanalysis.report.cleaning import clean_lines

_FAR = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(https?:|mailto:|#)", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """Hold one heading of the page: its level, its id for links, and its text."""

    level: int
    id: str
    text: str


class _Renderer(mistune.HTMLRenderer):
    """Write markdown as HTML with heading ids and accessible tables."""

    def __init__(self, *, deeper: int, prefix: str, taken: set[str], keep_relative: bool, caption: str) -> None:
        super().__init__(escape=True)
        self.headings: list[Heading] = []
        self._deeper, self._prefix, self._taken = deeper, prefix, taken
        self._keep_relative, self._caption = keep_relative, caption

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        if level == 1:
            return ""  # the page has one h1, and the report's header holds it
        plain = Markup(text).striptags()  # noqa: S704  (rendered above with escape on)
        identity = _unused(self._prefix + _slug(plain), self._taken)
        shown = min(level + self._deeper, 6)
        self.headings.append(Heading(shown, identity, plain))
        self._caption = plain
        return f'<h{shown} id="{identity}">{text}</h{shown}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        safe = _SAFE_LINK.match(url) or (self._keep_relative and not _FAR.match(url) and not url.startswith("/"))
        return f'<a href="{escape(url)}">{text}</a>' if safe else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return str(escape(text))

    def table(self, text: str) -> str:
        label = escape(self._caption)
        return (
            f'<div class="pa-scroll" role="group" aria-label="Tabell: {label}" tabindex="0"><table>'
            f"<caption><span>{label}</span></caption>{text}</table></div>\n"
        )

    def table_head(self, text: str) -> str:
        return f"<thead><tr>{text}</tr></thead>"

    def table_body(self, text: str) -> str:
        return f"<tbody>{text}</tbody>"

    def table_row(self, text: str) -> str:
        return f"<tr>{text}</tr>"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        kind = ' class="pa-number"' if align == "right" else ""
        return f'<th scope="col"{kind}>{text}</th>' if head else f"<td{kind}>{text}</td>"


def render_markdown(
    text: str,
    *,
    deeper: int = 0,
    prefix: str = "",
    taken: set[str] | None = None,
    keep_relative: bool = True,
    caption: str = "Tabell",
) -> tuple[Markup, list[Heading]]:
    """Render markdown and list its headings.

    Parameters: `deeper` moves headings down so that they fit under the page's own; `prefix` and `taken` keep
    ids apart; `keep_relative` False writes links to neighbouring files as plain text, for pages that
    are moved; `caption` names tables that stand before the first heading. A heading of level 1 is left out:
    the page has one already.
    """
    renderer = _Renderer(
        deeper=deeper,
        prefix=prefix,
        taken=taken if taken is not None else set(),
        keep_relative=keep_relative,
        caption=caption,
    )
    parse = mistune.create_markdown(renderer=renderer, plugins=["table"])
    html = str(parse(clean_lines(text)))
    return Markup(html), renderer.headings  # noqa: S704  (escape is on in the renderer)


def first_paragraphs(text: str) -> str:
    """Return the part of a method page before its second heading: what the measure is.

    >>> first_paragraphs("# Trohet\\n\\nAndel på avtal.\\n\\n## Formel\\n\\nx/y")
    'Andel på avtal.'
    """
    body = re.sub(r"\A\s*#[^\n]*\n", "", text)
    paragraph = re.split(r"^#{1,6} ", body, maxsplit=1, flags=re.MULTILINE)[0].strip()
    if paragraph:
        return paragraph
    # A page that begins with a heading such as "## Definition": its text is the definition.
    pieces = re.split(r"^#{1,6} [^\n]*\n", body, flags=re.MULTILINE)
    return next((piece.strip() for piece in pieces if piece.strip()), "")


def _slug(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60] or "avsnitt"


def _unused(identity: str, taken: set[str]) -> str:
    number = 1
    chosen = identity
    while chosen in taken:
        number += 1
        chosen = f"{identity}-{number}"
    taken.add(chosen)
    return chosen
