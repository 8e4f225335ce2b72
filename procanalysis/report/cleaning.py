"""Make text from ledgers harmless to show: nothing in it may steer the page, the line or the workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Everything that turns the reading direction, hides, or is not allowed in XML. Letters of right-to-left
# scripts stay: only the marks that reorder the text around them go.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = "\u200b\u2060\ufeff\ufffe\uffff\u00ad"
_BROKEN = re.compile("[\ud800-\udfff]")
_STRIPPED = re.compile(f"[{_BIDI}{_INVISIBLE}\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_SPACES = re.compile("[\t\n\x0b\x0c\r\x1c-\x1f\x85\u2028\u2029 ]+")


def clean_text(value: object) -> str:
    """Return a value as one line of text without control characters and direction marks.

    Half surrogates, which no file can hold, become the replacement character.

    >>> clean_text("Bygg\\u202e AB\\x00\\n ")
    'Bygg AB'
    """
    text = _BROKEN.sub("\ufffd", str(value))
    return _SPACES.sub(" ", _STRIPPED.sub("", text)).strip()


def clean_lines(text: str) -> str:
    """Clean a text that keeps its lines, such as code or markdown.

    >>> clean_lines("a\\u202e\\n  b\\x07")
    'a\\n  b'
    """
    lines = text.expandtabs(4).splitlines()
    return "\n".join(_STRIPPED.sub("", _BROKEN.sub("\ufffd", line)) for line in lines)


def shorten(value: object, limit: int = 160) -> str:
    """Clean a text and cut it for display; the workbook keeps all of it.

    >>> shorten("Leverantör med långt namn", 12)
    'Leverantör …'
    """
    text = clean_text(value)
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rstrip()
    return f"{cut}…" if len(cut) == limit - 1 else f"{cut} …"


def shorten_apart(values: Iterable[str], limit: int) -> dict[str, str]:
    """Shorten names so that two that differ still do: what they share is cut in the middle, or a number added.

    >>> shorten_apart(["Nämnden för teknik och miljö 1", "Nämnden för teknik och miljö 2"], 20)
    {'Nämnden för teknik och miljö 1': 'Nämnden… och miljö 1', 'Nämnden för teknik och miljö 2': 'Nämnden… och miljö 2'}
    """
    names = list(dict.fromkeys(values))
    begins = {name: shorten(name, limit) for name in names}
    taken: set[str] = set()
    chosen = {}
    for name in names:
        short, whole = begins[name], clean_text(name)
        if list(begins.values()).count(short) > 1 and len(whole) > limit:
            tail = limit * 3 // 5
            short = f"{whole[: limit - tail - 1].rstrip()}…{whole[-tail:]}"
        number, base = 1, short
        while short in taken:
            number += 1
            short = f"{base} ({number})"
        taken.add(short)
        chosen[name] = short
    return chosen
