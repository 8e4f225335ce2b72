"""Tell what kind of file an input is, decode its text, and fingerprint it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from procanalysis.errors import InputError

FileKind = Literal["workbook", "parquet", "json", "delimited"]

_CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise InputError(
            f"{path.name}: the file cannot be opened ({error.strerror}). Check that it is there and readable."
        ) from None
    return digest.hexdigest()


def file_kind(content: bytes) -> FileKind:
    """Tell the kind of a file from its first bytes, never from its name.

    >>> file_kind(b'PK..'), file_kind(b' [{'), file_kind(b'konto;belopp')
    ('workbook', 'json', 'delimited')
    """
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or content[:2] == b"PK":
        return "workbook"
    if content[:4] == b"PAR1":
        return "parquet"
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return "json" if start[:1] in (b"{", b"[") else "delimited"


def decode(content: bytes, encoding: str, name: str) -> tuple[str, str]:
    """Decode text and return it with the name of the encoding found.

    Order: byte-order mark, UTF-16 without mark (every other byte zero), strict UTF-8, then cp1252, in which Swedish
    administrative systems write when they do not write UTF-8. Raises InputError when the bytes fit none.

    >>> decode("Örebro".encode("cp1252"), "auto", "a.csv")
    ('Örebro', 'cp1252')
    """
    if encoding == "auto":
        encoding = _guess_encoding(content)
    elif encoding == "utf-8":
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding).removeprefix("\ufeff"), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        if encoding == "cp1252":
            # Five bytes have no meaning in cp1252; a file with one of them is still readable around it.
            return content.decode("cp1252", errors="replace"), "cp1252"
        row = content[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name}, row {row}: the file is not written in {encoding.removesuffix('-sig')}. "
            "Set ledger.encoding to auto, or to the encoding that the system writes."
        ) from None


def _guess_encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:4096]
    if head and len(head) >= 4:
        zeros_even, zeros_odd = head[0::2].count(0), head[1::2].count(0)
        if zeros_odd > len(head) // 4:
            return "utf-16-le"
        if zeros_even > len(head) // 4:
            return "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
