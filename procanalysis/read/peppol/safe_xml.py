"""Parse UBL documents from anybody: no document types, no entities, no network, and bounds on everything.

The bytes are decoded here and handed to the parser as UTF-8, so that no declaration can choose another reading of them.
What is not a plain, moderate XML document of a wanted kind is refused as soon as that shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, cast
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from procanalysis.read.files import cannot_open

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_OURS = (f"{{{_UBL}CommonAggregateComponents-2", f"{{{_UBL}CommonBasicComponents-2")
_ATTACHMENT = "EmbeddedDocumentBinaryObject"
_COMPRESSED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_DECLARED = re.compile(r"""<\?xml[^>]{0,100}?\sencoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii", "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15", "windows-1252": "cp1252",
}  # fmt: skip
_PIECE = 1 << 18
_LONGEST_TEXT = 100_000
_OTHER_SIGNS = 10_000  # comments, instructions and quoted text
_LONGEST_VALUE = 1_000
_LONGEST_ATTRIBUTES = 4_000
_MOST_ATTRIBUTES = 20


class RefusedDocument(Exception):  # noqa: N818  a judgement on a document, caught by whoever lists rejected ones
    """Say why a document cannot be accepted: a key of REJECT_REASONS, the element at fault, and what stood there.

    is_person_free tells that the value was made here, so that nobody needs to be hidden in it.
    """

    def __init__(self, reason: str, column: str = "", value: str = "", *, is_person_free: bool = False) -> None:
        super().__init__(reason, column)
        self.reason, self.column, self.is_person_free = reason, column, is_person_free
        # Long enough to find people in what is then shown of it, and no longer.
        self.value = value[:_LONGEST_VALUE]


@dataclass(frozen=True)
class Bounds:
    """Bound what a document may be: bytes of the file, elements in it, and how deep they stand in one another."""

    size: int
    elements: int
    depth: int = 30


def read_bounded(path: Path, bounds: Bounds) -> bytes:
    """Return a file's bytes. Raises RefusedDocument when there are too many, InputError when it cannot be opened."""
    try:
        with path.open("rb") as stream:
            content = stream.read(bounds.size + 1)
    except OSError as error:
        raise cannot_open(path, error) from None
    if len(content) > bounds.size:
        refuse("file_too_large", value=f"mer än {bounds.size // 1_000_000} MB")
    return content


def looks_like_xml(content: bytes) -> bool:
    """Tell whether a file begins as XML does, in whatever encoding.

    >>> looks_like_xml(b"\\xef\\xbb\\xbf<?xml"), looks_like_xml(b"artikel;pris")
    (True, False)
    """
    return content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def parse_document(content: bytes, roots: Collection[str], bounds: Bounds) -> tuple[Element, str]:
    """Parse a UBL document and return its root, elements named without namespace, and the encoding found.

    Parameters: roots, the wanted kinds of document, as in 'Invoice'; bounds. Attachments are left out, and elements of
    other namespaces keep theirs, so that they are found under no name of ours.
    Raises RefusedDocument for everything else.
    """
    text, encoding = _decoded(content)
    # Counted before anything is built: every element opens with a sign that closes none, and little else has it.
    if text.count("<") - text.count("</") > bounds.elements + _OTHER_SIGNS:
        _refuse_elements(bounds)
    target = _Bounded(roots, bounds)
    parser = DefusedXMLParser(target=target, encoding="utf-8", forbid_dtd=True)
    try:
        _feed(parser, target, text.encode("utf-8"))
        return cast(Element, parser.close()), encoding
    except DefusedXmlException:
        refuse("xml_unsafe")
    except ParseError as error:
        line, column = error.position
        refuse("xml_unreadable", value=f"rad {line}, tecken {column + 1}")
    except UnicodeEncodeError:
        refuse("encoding_unknown", value=encoding)


def refuse(reason: str, column: str = "", value: str = "") -> NoReturn:
    """Refuse a document for a value that was made here, and holds no person."""
    raise RefusedDocument(reason, column, value, is_person_free=True)


def _feed(parser: DefusedXMLParser, target: _Bounded, content: bytes) -> None:
    """Hand over a document piece by piece, and stop where a whole piece is part of one tag, comment or the like.

    The parser would begin anew at such a tag with every piece, and keep all its attributes before it shows them.
    """
    for start in range(0, len(content), _PIECE):
        before = target.events
        parser.feed(content[start : start + _PIECE])
        if target.events == before and start + _PIECE < len(content):
            refuse("file_too_large", value=f"märkning med fler än {_PIECE} tecken")


def _refuse_elements(bounds: Bounds) -> NoReturn:
    refuse("file_too_large", value=f"fler än {bounds.elements} element")


def _decoded(content: bytes) -> tuple[str, str]:
    """Decode a document in the one encoding that its first bytes and its declaration agree on."""
    if content.startswith(_COMPRESSED):
        refuse("file_compressed")
    if content.startswith(_UTF32):
        refuse("encoding_unknown", value="UTF-32")
    marked = "utf-16" if content.startswith(_UTF16) else "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else ""
    head = content[:400].decode(marked or "ascii", errors="ignore")
    match = _DECLARED.match(head)
    declared = match[1].lower() if match else ""
    encoding = marked or _ENCODINGS.get(declared or "utf-8", "")
    agreeing = {"utf-16": ("", "utf-16"), "utf-8-sig": ("", "utf-8", "utf8")}
    if not encoding or (marked and declared not in agreeing[marked]) or (not marked and b"\0" in content[:400]):
        raise RefusedDocument("encoding_unknown", value=declared)
    try:
        return content.decode(encoding), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        refuse("encoding_unknown", value=f"{encoding.removesuffix('-sig')}, tecken {error.start + 1}")


class _Bounded:
    """Build the tree of a document, and stop it as soon as it is too much or of another kind."""

    def __init__(self, roots: Collection[str], bounds: Bounds) -> None:
        self._builder = TreeBuilder()
        self._bounds = bounds
        self._names = {f"{{{_UBL}{root}-2}}{root}": root for root in roots}
        self._roots = frozenset(self._names)
        self._depth = self._elements = self._text = self.events = 0
        self._is_attachment = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        self._elements += 1
        self.events += 1
        self._depth += 1
        self._text = 0
        if self._elements > self._bounds.elements:
            _refuse_elements(self._bounds)
        if self._depth > self._bounds.depth:
            refuse("file_too_large", value=f"djupare än {self._bounds.depth} nivåer")
        if attributes and (
            len(attributes) > _MOST_ATTRIBUTES or sum(map(len, attributes.values())) > _LONGEST_ATTRIBUTES
        ):
            refuse("file_too_large", value="för många eller för långa attribut")
        if self._depth == 1 and tag not in self._roots:
            raise RefusedDocument("document_unknown", value=tag.rpartition("}")[2])
        name = self._name(tag)
        self._is_attachment = name == _ATTACHMENT
        self._builder.start(name, attributes)

    def data(self, text: str) -> None:
        """Take some text of the open element."""
        self.events += 1
        if self._is_attachment:
            return
        self._text += len(text)
        if self._text > _LONGEST_TEXT:
            refuse("file_too_large", value=f"text med fler än {_LONGEST_TEXT} tecken")
        self._builder.data(text)

    def end(self, tag: str) -> None:
        """Close an element."""
        self.events += 1
        self._depth -= 1
        self._text = 0
        self._is_attachment = False
        self._builder.end(self._name(tag))

    def comment(self, text: str) -> None:
        """Pass a comment over."""
        self.events += 1

    def close(self) -> Element:
        """Return the root."""
        return self._builder.close()

    def _name(self, tag: str) -> str:
        if tag not in self._names:
            namespace, _, local = tag.rpartition("}")
            self._names[tag] = local if namespace in _OURS else tag
        return self._names[tag]
