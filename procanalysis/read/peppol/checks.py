"""Check a document's control totals against its own lines, allowances, charges and VAT, to the öre.

Rules and tolerances are those of EN 16931 and Peppol BIS Billing 3 (OpenPEPPOL/peppol-bis-invoice-3, rules/sch, commit
78d7f7d). Sums are exact (BR-CO-10 to 16). A line's amount and a percentage's may differ by 0,02 (PEPPOL-EN16931-R120,
R040). VAT of a rate, and what it is reckoned on, may differ by less than 1,00 (BR-CO-17, BR-S-08); where no VAT is
charged they are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from procanalysis.read.peppol.documents import AllowanceCharge, Document, Line, VatKey
from procanalysis.read.peppol.safe_xml import refuse
from procanalysis.read.peppol.values import EXACT, hundredths_of

_HUNDRED = Decimal(100)
_LINE_TOLERANCE = 2
_TAX_TOLERANCE = 99  # less than a whole krona, and amounts have two decimals
# VAT is charged at a rate in these categories: standard, the Canary Islands', Ceuta's and Melilla's.
_WITH_RATE = ("S", "L", "M")
_LARGEST = Decimal(10**13)


OUTCOMES = ("exact_count", "allowed_count", "failed_count")
"""How a control total comes out: the columns of INVOICE_CHECK_COUNTS."""


@dataclass(frozen=True, slots=True)
class Check:
    """Hold one control total: what the document states, what its other figures give, and what may differ."""

    name: str
    place: str
    stated_ore: int
    reckoned_ore: int
    allowed_ore: int
    is_within: bool

    @property
    def difference_ore(self) -> int:
        """Return stated − reckoned."""
        return self.stated_ore - self.reckoned_ore

    @property
    def outcome(self) -> str:
        """Return one of OUTCOMES."""
        exact, allowed, failed = OUTCOMES
        return failed if not self.is_within else exact if self.difference_ore == 0 else allowed


def check_document(document: Document) -> list[Check]:
    """Check every control total of a document, as written: a credit note's amounts are not negative here."""
    totals = document.totals
    charges = sum(one.amount_ore for one in document.allowances if one.is_charge)
    allowances = sum(one.amount_ore for one in document.allowances if not one.is_charge)
    lines = sum(line.amount_ore for line in document.lines)
    exclusive = totals["line_extension_ore"] - totals["allowances_ore"] + totals["charges_ore"]
    payable = totals["tax_inclusive_ore"] - totals["prepaid_ore"] + totals["rounding_ore"]
    return [
        *(_line_amount(line) for line in document.lines),
        *_percentages(document),
        _exact("line_extension", totals["line_extension_ore"], lines),
        _exact("allowances", totals["allowances_ore"], allowances),
        _exact("charges", totals["charges_ore"], charges),
        _exact("tax_exclusive", totals["tax_exclusive_ore"], exclusive),
        *_taxables(document),
        *_taxes(document),
        _exact("tax", totals["tax_ore"], sum(one.tax_ore for one in document.taxes)),
        _exact("tax_inclusive", totals["tax_inclusive_ore"], totals["tax_exclusive_ore"] + totals["tax_ore"]),
        _exact("payable", totals["payable_ore"], payable),
    ]


def _exact(name: str, stated: int, reckoned: int) -> Check:
    return Check(name, "", stated, reckoned, 0, stated == reckoned)


def _judged(name: str, place: str, stated: int, reckoned: Decimal, allowed: int) -> Check:
    """Compare hundredths with an unrounded figure in the currency; only what is shown is rounded."""
    if abs(reckoned) >= _LARGEST:
        refuse("amount_too_large", "Price/PriceAmount", place)
    difference = EXACT.subtract(Decimal(stated), EXACT.multiply(reckoned, _HUNDRED))
    rounded = hundredths_of(reckoned)
    return Check(name, place, stated, rounded, allowed, stated == rounded or abs(difference) <= allowed)


def _line_amount(line: Line) -> Check:
    extra = sum(one.amount_ore if one.is_charge else -one.amount_ore for one in line.allowances)
    worth = EXACT.divide(EXACT.multiply(line.quantity, line.price), line.base_quantity)
    reckoned = EXACT.add(worth, Decimal(extra) / _HUNDRED)
    return _judged("line_amount", _place_of(line), line.amount_ore, reckoned, _LINE_TOLERANCE)


def _percentages(document: Document) -> Iterator[Check]:
    yield from _percentages_of(document.allowances, "")
    for line in document.lines:
        yield from _percentages_of(line.allowances, _place_of(line))


def _percentages_of(found: Iterable[AllowanceCharge], place: str) -> Iterator[Check]:
    for one in found:
        if one.percent is not None and one.base_ore is not None:
            reckoned = EXACT.multiply(Decimal(one.base_ore) / _HUNDRED, one.percent / _HUNDRED)
            yield _judged("allowance_amount", place, one.amount_ore, reckoned, _LINE_TOLERANCE)


def _taxables(document: Document) -> Iterator[Check]:
    """Compare what VAT is reckoned on, per rate, with the lines, allowances and charges of that rate."""
    reckoned: Counter[VatKey] = Counter()
    for line in document.lines:
        reckoned[_vat_key(line.vat)] += line.amount_ore
    for one in document.allowances:
        if one.vat is not None:
            reckoned[_vat_key(one.vat)] += one.amount_ore if one.is_charge else -one.amount_ore
    stated: Counter[VatKey] = Counter()
    for subtotal in document.taxes:
        stated[_vat_key(subtotal.vat)] += subtotal.taxable_ore
    for key in dict.fromkeys((*stated, *reckoned)):
        # A rate that the document's breakdown leaves out is no question of rounding.
        allowed = _TAX_TOLERANCE if key[0] in _WITH_RATE and key in stated else 0
        difference = abs(stated[key] - reckoned[key])
        yield Check("taxable", _vat_words(key), stated[key], reckoned[key], allowed, difference <= allowed)


def _taxes(document: Document) -> Iterator[Check]:
    for one in document.taxes:
        category, rate = key = _vat_key(one.vat)
        share = (rate or Decimal(0)) / _HUNDRED if category in _WITH_RATE else Decimal(0)
        # The standard rounds first, and then allows less than a whole krona.
        tax = hundredths_of(EXACT.multiply(Decimal(one.taxable_ore) / _HUNDRED, share))
        allowed = _TAX_TOLERANCE if category in _WITH_RATE else 0
        yield Check("tax_of_rate", _vat_words(key), one.tax_ore, tax, allowed, abs(one.tax_ore - tax) <= allowed)


def _vat_key(vat: VatKey) -> VatKey:
    """Return category and rate; where no VAT is charged the category alone tells."""
    category, rate = vat
    return (category, rate or Decimal(0)) if category in _WITH_RATE else (category, None)


def _vat_words(key: VatKey) -> str:
    category, rate = key
    return category if rate is None else f"{category} {rate:f} %".replace(".", ",")


def _place_of(line: Line) -> str:
    return f"rad {line.line_number}"
