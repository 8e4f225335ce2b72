"""Recognise organisation numbers in every written form, and keep sole traders' personal numbers out of sight."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

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
_SIGNS_BETWEEN = r"[\s\-+−–‐‑]{0,3}"
_PERSONAL_IN_TEXT = re.compile(
    rf"(?<![0-9])(?:(?:18|19|20)?[0-9]{{2}}[01][0-9]{{3}}{_SIGNS_BETWEEN}[0-9]{{4}}"
    rf"|(?:18|19|20)[0-9]{{2}}[-./ ][01][0-9][-./ ][0-9]{{2}}{_SIGNS_BETWEEN}[0-9]{{4}})(?![0-9])"
    # The VAT form, SE…01, of which the ten digits between are the number.
    r"|(?<=[Ss][Ee])[0-9]{2}[01][0-9]{7}(?=01(?![0-9]))"
)

# How nearly all numbers are written, so that the others alone need a closer look.
_USUAL = re.compile(r"([0-9]{6})-?([0-9]{4})")

# A register names the same few numbers over and over.
_REMEMBERED = 200_000

HIDDEN_NUMBER = "[nummer dolt]"
HIDDEN_NAME = "[namn dolt]"
MASKED = "dold:"
"""How the key of a masked sole trader begins."""


@dataclass(frozen=True)
class SupplierNumber:
    """Hold a number as recognised: ten digits where it is Swedish, its status and the supplier's type."""

    number: str
    status: str
    supplier_type: str


@lru_cache(_REMEMBERED)
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
    if usual := _USUAL.fullmatch(written):
        return _ten_digits("".join(usual.groups()))
    text = unicodedata.normalize("NFKC", written).upper().strip().strip("='\"’").strip()
    if text.lower() in _MISSING:
        return SupplierNumber("", "missing", "unknown")
    compact = re.sub(r"[\s\-–−‐.\u200b\ufeff]|(?<=[0-9])\+(?=[0-9])", "", text.removesuffix(".0"))
    if match := re.fullmatch(r"SE([0-9]{10})(01)?", compact):
        compact = match[1]
    if re.fullmatch(r"16[0-9]{10}|(18|19|20)[0-9]{2}[01][0-9]{7}", compact):
        compact = compact[2:]
    if re.fullmatch(r"[0-9]{10}", compact):
        return _ten_digits(compact)
    if re.fullmatch(r"(18|19|20)?[0-9]{2}[01]([0-9]{6}|[0-9]{8})", compact) or _PERSONAL_IN_TEXT.search(text):
        # A digit short or over, or words around it, but made like a personal number: it may well be one.
        return SupplierNumber(compact, "malformed", "sole_trader")
    if _FOREIGN.match(compact):
        return SupplierNumber(compact, "foreign", "foreign")
    return SupplierNumber(compact, "malformed", "unknown")


def _ten_digits(number: str) -> SupplierNumber:
    if number == "0000000000":
        return SupplierNumber("", "missing", "unknown")
    if number[2] in "01":
        return SupplierNumber(number, "personal", "sole_trader")
    if not _check_digit_is_right(number) or number[0] not in _GROUPS:
        return SupplierNumber(number, "checksum", "unknown")
    return SupplierNumber(number, "valid", _GROUPS[number[0]])


_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def _check_digit_is_right(number: str) -> bool:
    """Check ten digits by Luhn's formula, as stdnum does for any number, at a tenth of the time."""
    digits = number.encode()
    # The codes of ten digits in ASCII sum to 480 more than the digits, which the last digit does not show.
    return (sum(digits[1::2]) + sum(digits[0::2].translate(_DOUBLED))) % 10 == 0


def is_certainly_personal(number: str) -> bool:
    """Tell whether ten digits are a month, a day (with 60 added for a coordination number) and a right check digit.

    Stricter than `recognise_number`, for numbers that are most often something else: internal supplier numbers, invoice
    numbers, projects. Day 00 counts, since fabricated personal numbers have it.

    >>> is_certainly_personal("9001010017"), is_certainly_personal("1000400712")
    (True, False)
    """
    month, day = int(number[2:4]), int(number[4:6])
    return 1 <= month <= 12 and (day <= 31 or 61 <= day <= 91) and _check_digit_is_right(number)


def holds_personal_number(text: str) -> bool:
    """Tell whether something in a text looks like a personal number.

    >>> holds_personal_number("Arvode 19900101-0017"), holds_personal_number("Faktura 556016-0680")
    (True, False)
    """
    return _PERSONAL_IN_TEXT.search(text) is not None


def normal_name(name: str) -> str:
    """Return the form in which two writings of a name are compared: NFC, case-folded, single spaces.

    Letters are not folded: å, ä and a are different letters.

    >>> normal_name("  ABBE  Bygg ab ") == normal_name("Abbe bygg AB")
    True
    """
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


_COMPANY_FORMS = {
    "ab", "aktiebolag", "hb", "kb", "för", "förening", "stiftelse", "kommun", "region", "landsting", "ltd", "llp",
    "plc", "inc", "gmbh", "oy", "as", "aps", "bv", "srl", "sa",
}  # fmt: skip


def is_written_as_person(name: str) -> bool:
    """Tell whether a name is written as a register writes people: surname, a semicolon or comma, first name.

    >>> is_written_as_person("ANDERSSON;ANNA MARIA"), is_written_as_person("HARCOURT SWEDEN;AB")
    (True, False)
    """
    parts = [part.split() for part in re.split(r"[;,]", normal_name(name))]
    if len(parts) != 2 or not (1 <= len(parts[0]) <= 2 and 1 <= len(parts[1]) <= (3 if ";" in name else 2)):
        return False
    words = [word for part in parts for word in part]
    letters = all(re.fullmatch(r"[^\W\d_]+([-'’.][^\W\d_]*)*", word) for word in words)
    return letters and not _COMPANY_FORMS & {word.rstrip(".") for word in words}


@dataclass(frozen=True)
class Masker:
    """Replace personal numbers and sole traders' names by a keyed code, the same for the same key.

    Without the key the code cannot be turned back by trying all numbers. `enabled=False` shows them as written.
    persons: the names that a ledger hides, in codes of their words, for the registers beside it to hide them too.
    """

    key: bytes
    enabled: bool = True
    persons: frozenset[tuple[str, ...]] = frozenset()

    def supplier_key(self, identity: str) -> str:
        """Return the identity that stands in for a sole trader everywhere.

        >>> Masker(b"secret").supplier_key("9001010017")
        'dold:48a3adeeec1d'
        """
        return f"{MASKED}{self._code(identity)}" if self.enabled else identity

    def supplier_name(self, identity: str, name: str) -> str:
        """Return the name under which a sole trader is shown."""
        return self.name_of_key(self.supplier_key(identity)) if self.enabled else name

    def name_of_key(self, key: str) -> str:
        """Return the name under which the sole trader of a masked key is shown.

        >>> Masker(b"secret").name_of_key("dold:48a3adeeec1d")
        'Enskild firma #48a3ad'
        """
        return f"Enskild firma #{key.removeprefix(MASKED)[:6]}"

    def code(self, kind: str, written: str) -> str:
        """Return a keyed code by which what is hidden can be recognised where it stands again, masked or not.

        Parameters: kind, what is coded, so that a name and a number that are written alike get different codes.
        """
        return self._code(f"{kind}:{written}")

    def number(self, written: str) -> str:
        """Return a written number, hidden when it is or may be a personal number."""
        digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", written))
        short = digits[2:] if digits[:2] in ("18", "19", "20") and len(digits) > 10 else digits
        personal = len(short) >= 6 and short[2] in "01" and len(short) <= 11
        return HIDDEN_NUMBER if self.enabled and (personal or holds_personal_number(written)) else written

    def text(self, written: str) -> str:
        """Return a text with everything that looks like a personal number hidden.

        >>> Masker(b"k").text("Arvode 900101-0017 mars")
        'Arvode [nummer dolt] mars'
        """
        return _PERSONAL_IN_TEXT.sub(HIDDEN_NUMBER, written) if self.enabled else written

    def reference(self, written: str, *, of_sole_trader: bool = False) -> str:
        """Return an invoice number or other reference with personal numbers in it replaced by codes.

        A code tells two references apart as the number did, so invoices stay what they are. Many references have ten
        digits by chance: unless the row is a sole trader's, only what is certainly a personal number is replaced.

        >>> Masker(b"secret").reference("F-900101-0017"), Masker(b"secret").reference("1101234567")
        ('F-dold:48a3adeeec1d', '1101234567')
        """

        def replace(match: re.Match[str]) -> str:
            digits = re.sub(r"[^0-9]", "", match[0])[-10:]
            hide = of_sole_trader or is_certainly_personal(digits)
            return f"{MASKED}{self._code(digits)}" if hide else match[0]

        return _PERSONAL_IN_TEXT.sub(replace, written) if self.enabled else written

    def _code(self, identity: str) -> str:
        return hmac.new(self.key, identity.encode(), hashlib.sha256).hexdigest()[:12]
