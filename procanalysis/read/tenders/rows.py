"""Judge the rows of tender statistics, and turn the sound ones into canonical records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from procanalysis.read.register_rows import Row, clean_text, normal_word, shortened
from procanalysis.read.registers import ANSWERS, word_among
from procanalysis.read.supplier_numbers import Masker, recognise_number
from procanalysis.read.tenders.suppliers import AwardedSuppliers
from procanalysis.read.tenders.words import (
    AGREEMENT_WORDS,
    KIND_WORDS,
    PROCEDURE_WORDS,
    cpv,
    is_stated,
    supplier_size,
)

Record = Mapping[str, object]
Buyer = tuple[str | None, str | None]
_FLAGS = (
    "is_above_threshold", "is_framework", "is_dynamic", "has_lots", "is_coordinated", "is_environmental", "is_social",
    "is_reviewed",
)  # fmt: skip
_UNREADABLE = -1
_SWEDISH_CURRENCY = {"sek", "kr", "kronor", "svenska kronor"}


@dataclass
class Context:
    """Hold what the rows of all four tables share: how people are hidden, and the words that were not understood."""

    masker: Masker
    suppliers: AwardedSuppliers
    unknown_kinds: dict[str, None] = field(default_factory=dict)
    unknown_classes: dict[str, None] = field(default_factory=dict)
    _buyers: dict[Buyer, Buyer] = field(default_factory=dict)

    def buyer(self, row: Row) -> Buyer:
        """Return the buyer's number and name; a number made like a personal number is hidden with its name."""
        written = row.text("buyer_number"), row.text("buyer_name")
        if written not in self._buyers:
            self._buyers[written] = self._shown_buyer(*written)
        return self._buyers[written]

    def _shown_buyer(self, number: str | None, name: str | None) -> Buyer:
        known = recognise_number(number or "")
        if known.supplier_type == "sole_trader":
            return self.masker.supplier_key(known.number), self.masker.supplier_name(known.number, name or "")
        return known.number or None, self.suppliers.text(name)

    def word(self, row: Row, column: str, words: Mapping[str, str], unknown: dict[str, None]) -> str | None:
        """Return what a word stands for; otherwise None, with the word among the unknown unless nothing is stated."""
        text = row.text(column)
        found = words.get(normal_word(text or ""))
        if found is None and is_stated(text):
            unknown[shortened(self.suppliers.text(text) or "")] = None
        return found


def judge_procurement(row: Row, seen: set[str]) -> None:
    """Reject a procurement without a number of its own, or with an answer that is neither yes nor no."""
    _judge_id(row)
    for flag in _FLAGS:
        if _answer(row.cells.get(flag, "")) == _UNREADABLE:
            row.reject("answer_unreadable", flag)
    _judge_repeated(row, "procurement_id", row.text("procurement_id"), seen)


@lru_cache(maxsize=256)
def _answer(cell: str) -> int | None:
    """Return 1 for yes, 0 for no, None when nothing is stated. A nation's procurements hold a few cells many times."""
    if not is_stated(clean_text(cell)):
        return None
    return ANSWERS.get(normal_word(cell), _UNREADABLE)


def judge_lot(row: Row, seen: set[str]) -> None:
    """Reject a lot without procurement, or with the number of an earlier row."""
    _judge_id(row)
    _judge_repeated(row, "lot_id" if row.text("lot_id") else "procurement_id", lot_id(row), seen)


def judge_value(row: Row, seen: set[str]) -> None:
    """Reject a value without procurement, in another currency, or that repeats an earlier row in everything."""
    _judge_id(row)
    currency = row.text("currency")
    if currency is not None and normal_word(currency) not in _SWEDISH_CURRENCY:
        row.reject("other_currency", "currency")
    said = [row.compared(name) for name in ("procurement_id", "buyer_number", "title", "announced_on", "value")]
    _judge_repeated(row, "procurement_id", repr(said), seen)


def judge_award(row: Row, seen: set[str]) -> None:
    """Reject an award without procurement or supplier, and one that does not hold."""
    _judge_id(row)
    if row.text("supplier_name") is None and row.text("supplier_number") is None:
        row.reject("supplier_missing", "supplier_name")
    status = row.text("award_status")
    if status is not None and normal_word(status) != "active":
        row.reject("award_not_active", "award_status")


def _judge_id(row: Row) -> None:
    if row.text("procurement_id") is None:
        row.reject("id_missing", "procurement_id")


def _judge_repeated(row: Row, column: str, said: str | None, seen: set[str]) -> None:
    if not row.reason and said is not None:
        if said in seen:
            row.reject("id_repeated", column)
        seen.add(said)


JUDGES: dict[str, Callable[[Row, set[str]], None]] = {
    "procurements": judge_procurement,
    "lots": judge_lot,
    "values": judge_value,
    "awards": judge_award,
}


def lot_id(row: Row) -> str | None:
    """Return the lot's number within its procurement; a procurement that names no lot is one lot by itself."""
    procurement, lot = row.text("procurement_id"), row.text("lot_id")
    return f"{procurement}/{lot}" if procurement and lot else procurement


def procurement_record(row: Row, context: Context) -> Record:
    """Return a row of schema.TENDERS."""
    code, _ = cpv(row.text("cpv_code"))
    main_code, main_name = cpv(row.text("cpv_main"))
    main_code = main_code or (f"{code[:2]}000000" if code else None)
    flags = {name: _answer(row.cells.get(name, "")) for name in _FLAGS}
    if flags["is_framework"] is None:
        flags["is_framework"] = word_among(row, "agreement", AGREEMENT_WORDS)
    return {
        **_shared(row, context),
        "title": context.suppliers.text(row.text("title")),
        "buyer_sector": row.text("buyer_sector"),
        "buyer_subsector": row.text("buyer_subsector"),
        "kind": context.word(row, "kind", KIND_WORDS, context.unknown_kinds),
        "procedure": context.word(row, "procedure", PROCEDURE_WORDS, context.unknown_kinds),
        "cpv_code": code,
        "cpv_main_code": main_code,
        "cpv_main_name": main_name,
        **flags,
        "notice_database": row.text("notice_database"),
    }


def lot_record(row: Row, context: Context) -> Record:
    """Return a row of schema.LOTS."""
    return {
        **_shared(row, context),
        "lot_id": context.suppliers.reference(lot_id(row)),
        "bids_count": row.counts.get("bids_count"),
    }


def value_record(row: Row, context: Context) -> Record:
    """Return a row of schema.TENDER_VALUES."""
    return {
        **_shared(row, context),
        "title": context.suppliers.text(row.text("title")),
        "value_ore": row.amounts.get("value"),
    }


def award_record(row: Row, context: Context) -> Record:
    """Return a row of schema.TENDER_AWARDS."""
    supplier = context.suppliers.of(row)
    size = supplier_size(row.text("supplier_size"), row.text("supplier_size_code"))
    if size is None and is_stated(row.text("supplier_size")):
        context.unknown_classes[shortened(context.suppliers.text(row.text("supplier_size")) or "")] = None
    return {
        **_shared(row, context),
        "lot_id": context.suppliers.reference(lot_id(row)),
        "supplier_key": supplier.supplier_key,
        "supplier_name": supplier.name,
        "supplier_sector": row.text("supplier_sector"),
        "supplier_size": size,
        "supplier_county": row.text("supplier_county"),
        "contracted_count": row.counts.get("contracted_count", 1),
    }


RECORDS: dict[str, Callable[[Row, Context], Record]] = {
    "procurements": procurement_record,
    "lots": lot_record,
    "values": value_record,
    "awards": award_record,
}


def _shared(row: Row, context: Context) -> Record:
    number, name = context.buyer(row)
    return {
        "procurement_id": context.suppliers.reference(row.text("procurement_id")),
        "buyer_number": number,
        "buyer_name": name,
        "announced_on": row.dates.get("announced_on"),
        "file": row.file,
        "row_number": row.row_number,
    }
