"""What every page shares: title, colours, contents, links beside it, and the stylesheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from procanalysis.errors import ReportError
from procanalysis.report import style
from procanalysis.report.cleaning import clean_text
from procanalysis.report.markdown import Heading
from procanalysis.report.markup import stylesheet


@dataclass(frozen=True)
class Link:
    """Hold a link to a file beside the page: its words and its relative address."""

    text: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """Hold what the frame round a page needs."""

    title: str
    organisation: str
    name: str
    accent: str = style.ACCENT
    fictional: bool = False
    contents: tuple[Heading, ...] = ()
    links: tuple[Link, ...] = ()
    code: tuple[dict[str, Any], ...] = ()
    foot: tuple[str, ...] = ()
    one_page: bool = False

    @property
    def css(self) -> str:
        """Return the stylesheet of the page and of the parts on it; a report of one page is set closer on paper."""
        own = stylesheet("one_page.css") if self.one_page else ""
        return stylesheet("page.css") + stylesheet("parts.css") + own


def relative_link(text: str, href: str) -> Link:
    """Check that an address is relative, and write it so that any file name works in it.

    Raises ReportError when the address leads elsewhere.

    >>> relative_link("Underlag", "exempel/2024/spend overview.xlsx").href
    'exempel/2024/spend%20overview.xlsx'
    """
    address = href.replace("\\", "/")
    if not address or address.startswith("/") or ":" in address.split("/")[0]:
        raise ReportError(f"link '{text}': {href!r} is not a relative address to a file beside the page.")
    return Link(clean_text(text), quote(address, safe="/.-_~"))


def relative_links(links: Sequence[tuple[str, str]]) -> tuple[Link, ...]:
    """Check and write several links, given as (words, address)."""
    return tuple(relative_link(text, href) for text, href in links)
