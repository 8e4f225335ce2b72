"""Write the words for units of quantity as codes of UNECE Recommendation 20, so that two sources can be compared.

A word becomes the code that means the same; a quantity is never turned into another unit. What is packed keeps its
packaging: a package (förpackning) and a carton (kartong) stay two units, since nobody knows how many pieces they hold.
"""

from __future__ import annotations

from procanalysis.read.register_rows import clean_text, normal_word

_WORDS: dict[str, tuple[str, ...]] = {
    # C62 (one), EA (each) and H87 (piece) are three codes for one piece: Peppol's own files write EA and C62 alike.
    "EA": ("st", "st.", "stk", "styck", "stycken", "pcs", "pce", "each", "ea", "c62", "h87"),
    "PR": ("par", "pr"),
    "SET": ("set", "sats"),
    "DZN": ("dussin", "dzn"),
    # Packaging is of Recommendation 21, whose codes Peppol writes with an X before them.
    "XPK": ("förp", "förp.", "förpackning", "förpackningar", "frp", "frp.", "fp", "xpk"),
    "XPA": ("paket", "pkt", "pkt.", "xpa"),
    "XCT": ("kartong", "kartonger", "krt", "krt.", "xct"),
    "XBX": ("låda", "lådor", "xbx"),
    "XBG": ("påse", "påsar", "xbg"),
    "XSA": ("säck", "säckar", "xsa"),
    "XBO": ("flaska", "flaskor", "fl", "xbo"),
    "XRO": ("rulle", "rullar", "rle", "xro"),
    "XPX": ("pall", "pallar", "xpx"),
    "TNE": ("ton", "tne"),
    "KGM": ("kg", "kilo", "kilogram", "kgm"),
    "HGM": ("hg", "hekto", "hgm"),
    "GRM": ("g", "gr", "gram", "grm"),
    "MGM": ("mg", "milligram", "mgm"),
    "LTR": ("l", "lit", "liter", "ltr"),
    "DLT": ("dl", "deciliter", "dlt"),
    "CLT": ("cl", "centiliter", "clt"),
    "MLT": ("ml", "milliliter", "mlt"),
    "KMT": ("km", "kilometer", "kmt"),
    "MTR": ("m", "meter", "mtr"),
    "CMT": ("cm", "centimeter", "cmt"),
    "MMT": ("mm", "millimeter", "mmt"),
    "MTK": ("m2", "m²", "kvm", "kvadratmeter", "mtk"),
    "MTQ": ("m3", "m³", "kbm", "kubikmeter", "mtq"),
    "HUR": ("tim", "tim.", "timme", "timmar", "h", "hur"),
    "MIN": ("min", "min.", "minut", "minuter"),
    "DAY": ("dag", "dagar", "dygn", "day"),
    "WEE": ("vecka", "veckor", "wee"),
    "MON": ("mån", "mån.", "månad", "månader", "mon"),
    "ANN": ("år", "ann"),
    "KWH": ("kwh",),
    "MWH": ("mwh",),
}  # fmt: skip
_CODES = {word: code for code, words in _WORDS.items() for word in words}


def quantity_unit_of(written: str | None) -> str | None:
    """Return the code of a unit in UNECE Recommendation 20 (packaging: 21); as written when it is not known.

    >>> quantity_unit_of("Styck"), quantity_unit_of("C62"), quantity_unit_of("förp"), quantity_unit_of(" kolli ")
    ('EA', 'EA', 'XPK', 'kolli')
    """
    text = clean_text(written or "")
    return None if text is None else _CODES.get(normal_word(text), text)


def is_quantity_unit(written: str) -> bool:
    """Tell whether a word is a known unit of quantity.

    >>> is_quantity_unit("st"), is_quantity_unit("Akutsjukvården")
    (True, False)
    """
    return normal_word(written) in _CODES
