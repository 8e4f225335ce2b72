"""What the words of tender statistics stand for."""

from __future__ import annotations

import re

from procanalysis.read.register_rows import clean_text, normal_word
from procanalysis.schema import SUPPLIER_SIZES, TENDER_KINDS, TENDER_PROCEDURES

KIND_WORDS: dict[str, str] = {
    "vara": "goods",
    "tjänst": "services",
    "bygg": "works",
    "byggentreprenad": "works",
    "bygg och anläggning": "works",
    **{name.casefold(): code for code, name in TENDER_KINDS.items()},
    **{code: code for code in TENDER_KINDS},
}

PROCEDURE_WORDS: dict[str, str] = {
    "öppet": "open",
    "förenklat": "simplified",
    "selektivt": "restricted",
    "urval": "selection",
    "förhandlat förfarande": "negotiated",
    "selective": "restricted",
    "limited": "negotiated_without_notice",
    **{name.casefold(): code for code, name in TENDER_PROCEDURES.items()},
    **{code: code for code in TENDER_PROCEDURES},
}

AGREEMENT_WORDS: dict[str, int] = {"ramavtal": 1, "framework": 1, "kontrakt": 0, "contract": 0}

_SIZE_WORDS: dict[str, str] = {
    "mikro": "micro",
    "litet företag": "small",
    "liten": "small",
    "medelstort företag": "medium",
    "medel": "medium",
    "stort företag": "large",
    "stor": "large",
    "sme": "small_or_medium",
    "oklar": "unclear",
    **{name.casefold(): code for code, name in SUPPLIER_SIZES.items()},
    **{code: code for code in SUPPLIER_SIZES},
}
_SIZE_OF_CLASS: dict[str, str] = {
    **dict.fromkeys(("1", "2", "3"), "micro"),
    **dict.fromkeys(("4", "5"), "small"),
    **dict.fromkeys(("6", "7"), "medium"),
    "8": "unclear",
    **{str(code): "large" for code in range(9, 17)},
}
_NOT_STATED = {"", "uppgift saknas", "saknas", "okänd", "okänt", "ej angivet", "0 uppgift saknas"}
_EMPLOYEES = re.compile(r"([0-9]{1,6})(?:\s?([-–])\s?([0-9]{1,6})?)?(\s?anställda)?")
_CPV = re.compile(r"([0-9]{8})(?:-[0-9])?(?![0-9])[\s,:–-]*(.*)")


def is_stated(word: str | None) -> bool:
    """Tell whether a cell says something else than that nothing is known.

    >>> is_stated("Varor"), is_stated("Uppgift saknas"), is_stated(None)
    (True, False, False)
    """
    return normal_word(word or "") not in _NOT_STATED


def supplier_size(word: str | None, size_class: str | None = None) -> str | None:
    """Return the size of a supplier: from the words of a source, a span of employees, or Statistics Sweden's class.

    A span that holds the EU's limit of 250 employees is 'unclear'. Parameters: word, as 'Små företag' or '200–499
    anställda'; size_class, the class's code, 0 to 16. Returns a key of SUPPLIER_SIZES, None when not understood.
    Source: https://www.scb.se/vara-tjanster/bestall-data-och-statistik/foretagsregistret/variabelbeskrivning/

    >>> supplier_size("Små företag"), supplier_size("200–499 anställda"), supplier_size(None, "8")
    ('small', 'unclear', 'unclear')
    >>> supplier_size("12 anställda"), supplier_size("500–999"), supplier_size("12") is None
    ('small', 'large', True)
    """
    if is_stated(size_class):
        return _SIZE_OF_CLASS.get(normal_word(size_class or "").lstrip("0"))
    text = normal_word(word or "")
    if text in _SIZE_WORDS:
        return _SIZE_WORDS[text]
    match = _EMPLOYEES.fullmatch(re.sub(r"(?<=[0-9])\s(?=[0-9]{3})", "", text))
    # A number alone may be employees or a class.
    if match is None or not (match[2] or match[4]):
        return None
    fewest = int(match[1])
    most = int(match[3]) if match[3] else (10**6 if match[2] else fewest)
    return _size_of_span(fewest, most)


def _size_of_span(fewest: int, most: int) -> str | None:
    if most < fewest:
        return None
    for low, high, size in ((0, 9, "micro"), (10, 49, "small"), (50, 249, "medium"), (250, 10**6, "large")):
        if low <= fewest and most <= high:
            return size
    return "small_or_medium" if most < 250 else "unclear"


def cpv(cell: str | None) -> tuple[str | None, str | None]:
    """Return the code and the name of a CPV cell; both None when it is not stated or not understood.

    >>> cpv("45000000 Anläggningsarbete"), cpv("45233125-1"), cpv("00000000 Uppgift saknas")
    (('45000000', 'Anläggningsarbete'), ('45233125', None), (None, None))
    """
    match = _CPV.fullmatch(clean_text(cell or "") or "")
    if match is None or match[1] == "00000000":
        return None, None
    return match[1], match[2].strip() or None
