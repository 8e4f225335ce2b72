"""Recognise organisation numbers in every written form, and keep sole traders' personal numbers out of sight."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from stdnum import luhn

_GROUPS = {
    "1": "estate",
    "2": "public",
    "3": "foreign",
    "5": "company",
    "6": "company",
    "7": "association",
    "8": "association",
    "9": "company",
}
_MISSING = {"", "-", "–", "0", "null", "none", "n/a", "saknas", "okänd", "okänt"}
_FOREIGN = re.compile(
    r"^(AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SI|SK|XI)"
    r"(?=(.*\d){7})[0-9A-Z]{8,12}$"
)
_PERSONAL_IN_TEXT = re.compile(r"(?<!\d)(?:18|19|20)?\d\d[01]\d[0-9]\d[-+ ]?\d{4}(?!\d)")

PERSONAL_IN_TEXT_SQL = r"(^|[^0-9])(?:18|19|20)?[0-9]{2}[01][0-9]{3}[-+ ]?[0-9]{4}($|[^0-9])"
"""The same pattern for DuckDB, whose regular expressions have no look-around."""

HIDDEN_NUMBER = "[nummer dolt]"


@dataclass(frozen=True)
class SupplierNumber:
    """Hold a number as recognised: ten digits where it is Swedish, its status and the supplier's type."""

    number: str
    status: str
    supplier_type: str


def recognise_number(written: str) -> SupplierNumber:
    """Recognise a Swedish organisation number, personal number or foreign VAT number however it is written.

    Accepts hyphens and spaces, the prefix 16, centuries before a personal number, and the VAT form SE…01. A number of
    ten digits whose third digit is below 2 is a personal number or made like one, whatever its check digit says:
    organisation numbers never have one (https://oid-base.com/get/1.3.7), and a false alarm only masks too much.

    >>> recognise_number("SE212000204901")
    SupplierNumber(number='2120002049', status='valid', supplier_type='public')
    >>> recognise_number("19900101-0017").supplier_type
    'sole_trader'
    >>> recognise_number("556016-0681").status
    'checksum'
    """
    text = unicodedata.normalize("NFKC", written).upper().strip()
    if text.lower() in _MISSING:
        return SupplierNumber("", "missing", "unknown")
    compact = re.sub(r"[\s\-–.]|(?<=\d)\+(?=\d)", "", text.removesuffix(".0"))
    if match := re.fullmatch(r"SE(\d{10})01", compact):
        compact = match[1]
    if re.fullmatch(r"16\d{10}", compact) or re.fullmatch(r"(18|19|20)\d{2}[01]\d{7}", compact):
        compact = compact[2:]
    if re.fullmatch(r"\d{10}", compact):
        return _ten_digits(compact)
    if re.fullmatch(r"\d{2}[01]\d{6}|\d{2}[01]\d{8}", compact):
        # A digit short or over, but made like a personal number: treated as one, since it may well be.
        return SupplierNumber(compact, "malformed", "sole_trader")
    if _FOREIGN.match(compact):
        return SupplierNumber(compact, "foreign", "foreign")
    return SupplierNumber(compact, "malformed", "unknown")


def _ten_digits(number: str) -> SupplierNumber:
    if number == "0000000000":
        return SupplierNumber("", "missing", "unknown")
    if number[2] in "01":
        return SupplierNumber(number, "personal", "sole_trader")
    if not luhn.is_valid(number) or number[0] not in _GROUPS:
        return SupplierNumber(number, "checksum", "unknown")
    return SupplierNumber(number, "valid", _GROUPS[number[0]])


def normal_name(name: str) -> str:
    """Return the form in which two writings of a name are compared: NFC, case-folded, single spaces.

    Letters are not folded: å, ä and a are different letters.

    >>> normal_name("  ABBE  Bygg ab ") == normal_name("Abbe bygg AB")
    True
    """
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


_COMPANY_FORMS = re.compile(
    r"\b(ab|aktiebolag|hb|kb|ek|för|förening|stiftelse|kommun|region|landsting|ltd|llp|plc|inc|gmbh|oy|as|aps|bv|srl|sa)\b"
)


def is_written_as_person(name: str) -> bool:
    """Tell whether a name is written as a register writes people: surname, a semicolon or comma, first name.

    >>> is_written_as_person("ANDERSSON;ANNA MARIA"), is_written_as_person("HARCOURT SWEDEN;AB")
    (True, False)
    """
    parts = [part.split() for part in re.split(r"[;,]", normal_name(name))]
    two_names = len(parts) == 2 and all(1 <= len(words) <= 2 for words in parts)
    letters = two_names and all(re.fullmatch(r"[^\W\d_]+(-[^\W\d_]+)?", word) for words in parts for word in words)
    return bool(letters) and not _COMPANY_FORMS.search(normal_name(name))


@dataclass(frozen=True)
class Masker:
    """Replace personal numbers and sole traders' names by a keyed code, the same for the same key.

    Without the key the code cannot be turned back by trying all numbers. `enabled=False` shows them as written.
    """

    key: bytes
    enabled: bool = True

    def supplier_key(self, identity: str) -> str:
        """Return the identity that stands in for a sole trader everywhere.

        >>> Masker(b"secret").supplier_key("9001010017")
        'dold:48a3adeeec1d'
        """
        return f"dold:{self._code(identity)}" if self.enabled else identity

    def supplier_name(self, identity: str, name: str) -> str:
        """Return the name under which a sole trader is shown."""
        return f"Enskild firma #{self._code(identity)[:6]}" if self.enabled else name

    def number(self, written: str) -> str:
        """Return a written number, hidden when it is or may be a personal number."""
        digits = re.sub(r"\D", "", written)
        short = digits[2:] if digits[:2] in ("18", "19", "20") and len(digits) > 10 else digits
        personal = len(short) >= 6 and short[2] in "01" and len(short) <= 11
        return HIDDEN_NUMBER if self.enabled and personal else written

    def text(self, written: str) -> str:
        """Return a text with everything that looks like a personal number hidden.

        >>> Masker(b"k").text("Arvode 900101-0017 mars")
        'Arvode [nummer dolt] mars'
        """
        return _PERSONAL_IN_TEXT.sub(HIDDEN_NUMBER, written) if self.enabled else written

    def _code(self, identity: str) -> str:
        return hmac.new(self.key, identity.encode(), hashlib.sha256).hexdigest()[:12]
