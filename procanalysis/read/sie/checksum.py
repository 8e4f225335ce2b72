"""Check the checksum of a SIE file (#KSUMMA)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from procanalysis.read.sie.fields import Record


class Checksum:
    """Add up the records between the two #KSUMMA of a file.

    CRC-32 (polynomial EDB88320) over the label and the fields of every record, in the bytes of CP437: what separates
    fields, the quotation marks around them and braces are left out, and an escaped quotation mark counts as one.
    Source: SIE filformat, utgåva 4B, section 10 (#KSUMMA). Programs that write UTF-8 reckon in its bytes, which is as
    good, and some write the sum as a signed number.

    >>> checksum = Checksum(("cp437",))
    >>> checksum.add(Record("#KONTO", ("1915", "Kassa")))
    >>> checksum.agrees(zlib.crc32(b"#KONTO1915Kassa"))
    True
    """

    def __init__(self, encodings: Iterable[str]) -> None:
        self._sums = {encoding.replace("ascii", "cp437"): 0 for encoding in encodings}

    def add(self, record: Record) -> None:
        """Add a record that stands between the two."""
        before, after = record.fields[: record.list_place], record.fields[record.list_place :]
        written = "".join((record.label, *before, *(record.objects or ()), *after))
        for encoding, so_far in self._sums.items():
            self._sums[encoding] = zlib.crc32(written.encode(encoding, errors="replace"), so_far)

    def agrees(self, given: int) -> bool:
        """Tell whether the sum that the file gives is that of its content."""
        return given % 2**32 in self._sums.values()
