"""Write the fictional nation's tender statistics as four files, with rows at fault among the sound ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from procanalysis.example.files import written_number
from procanalysis.example.register_files import kronor_text, write_table
from procanalysis.example.tender_buyers import Buyer
from procanalysis.example.tender_subjects import NO_CPV, NOT_STATED
from procanalysis.example.tender_suppliers import COMPANY_FORM, PERSONS_FORM, SIZE_WORDS
from procanalysis.example.tenders import Answer, Tender

Cells = dict[str, str]
"""One row: header → cell."""

PROCUREMENTS, LOTS, VALUES, AWARDS = "procurements", "lots", "values", "awards"
TENDER_FILES: dict[str, str] = {
    PROCUREMENTS: "upphandlingsstatistik-upphandlingar.csv",
    LOTS: "upphandlingsstatistik-anbud.csv",
    VALUES: "upphandlingsstatistik-varden.csv",
    AWARDS: "upphandlingsstatistik-tilldelningar.csv",
}
LOT_COLUMNS: dict[str, str] = {
    "procurement_id": "Ärende",
    "lot_id": "Del",
    "buyer_number": "Beställarens nummer",
    "buyer_name": "Beställare",
    "announced_on": "Annons",
    "bids_count": "Anbud (st)",
}
"""The list of bids has headers that no reader can guess: our column → header, as in params/tenders/exempel.yml."""
_ENCODINGS = {PROCUREMENTS: "utf-8-sig", LOTS: "cp1252", VALUES: "utf-8", AWARDS: "utf-8-sig"}
_LINE_ENDS = {LOTS: "\r\n"}


@dataclass(frozen=True)
class Fault:
    """Describe one row that must be rejected: a copy of an ordinary row with some cells changed, and why it fails.

    A copy that nothing is changed in repeats the row that it is made of.
    """

    table: str
    reason: str
    column: str
    changes: Mapping[str, str]


FAULTS: tuple[Fault, ...] = (
    Fault(PROCUREMENTS, "id_repeated", "Upphandlings-ID", {}),
    Fault(
        *(PROCUREMENTS, "date_unreadable", "Publiceringsdatum"),
        {"Upphandlings-ID": "SA-FEL-1", "Publiceringsdatum": "2025-02-31"},
    ),
    Fault(*(PROCUREMENTS, "answer_unreadable", "Överprövad"), {"Upphandlings-ID": "SA-FEL-2", "Överprövad": "kanske"}),
    Fault(PROCUREMENTS, "id_missing", "Upphandlings-ID", {"Upphandlings-ID": ""}),
    Fault(LOTS, "count_unreadable", "Anbud (st)", {"Ärende": "SA-FEL-3", "Anbud (st)": "flera"}),
    Fault(LOTS, "date_unreadable", "Annons", {"Ärende": "SA-FEL-4", "Annons": "våren 2025"}),
    Fault(LOTS, "id_missing", "Ärende", {"Ärende": ""}),
    Fault(VALUES, "id_repeated", "Upphandlings-ID", {}),
    Fault(
        *(VALUES, "amount_unreadable", "Kontrakterat värde"),
        {"Upphandlings-ID": "SA-FEL-5", "Kontrakterat värde": "1,5 miljoner"},
    ),
    Fault(VALUES, "other_currency", "Valuta", {"Upphandlings-ID": "SA-FEL-6", "Valuta": "EUR"}),
    Fault(
        *(AWARDS, "supplier_missing", "Leverantör"),
        {"Upphandlings-ID": "SA-FEL-7", "Leverantör": "", "Leverantörens organisationsnummer": ""},
    ),
    Fault(
        *(AWARDS, "count_unreadable", "Antal kontrakterade anbud"),
        {"Upphandlings-ID": "SA-FEL-8", "Antal kontrakterade anbud": "1,5"},
    ),
)


@dataclass(frozen=True)
class RejectedTenderRow:
    """Say where a row stands that must be rejected, and why."""

    table: str
    file: str
    row_number: int
    column: str
    value: str
    reason: str


def write_tenders(directory: Path, tenders: Sequence[Tender]) -> tuple[dict[str, int], list[RejectedTenderRow]]:
    """Write the four files; returns the rows under each header, and those that must be rejected."""
    sound = {
        PROCUREMENTS: [_procurement(tender) for tender in tenders],
        LOTS: [cells for tender in tenders for cells in _lots(tender)],
        VALUES: [cells for tender in tenders for cells in _values(tender)],
        AWARDS: [cells for tender in tenders for cells in _awards(tender)],
    }
    rows_in_file: dict[str, int] = {}
    rejected: list[RejectedTenderRow] = []
    for table, rows in sound.items():
        written, wrong = _with_faults(table, rows)
        rows_in_file[table] = len(written)
        rejected += wrong
        write_table(
            directory / TENDER_FILES[table],
            list(rows[0]),
            [list(cells.values()) for cells in written],
            encoding=_ENCODINGS[table],
            line_end=_LINE_ENDS.get(table, "\n"),
        )
    return rows_in_file, rejected


def _with_faults(table: str, rows: list[Cells]) -> tuple[list[Cells], list[RejectedTenderRow]]:
    """Put the table's faulty rows in among the others, each after the row that it is made of."""
    faults = [fault for fault in FAULTS if fault.table == table]
    written = list(rows)
    rejected = []
    for turn, fault in enumerate(faults, start=1):
        # The rows put in before have moved this one down.
        place = turn * len(rows) // (len(faults) + 1) + turn
        cells = {**written[place - 1], **fault.changes}
        written.insert(place, cells)
        value = cells[fault.column]
        rejected.append(RejectedTenderRow(table, TENDER_FILES[table], place + 2, fault.column, value, fault.reason))
    return written, rejected


def _answer(answer: Answer) -> str:
    return "" if answer is None else "ja" if answer else "nej"


def _procurement(tender: Tender) -> Cells:
    agreement = {True: "Ramavtal", False: "Kontrakt", None: NOT_STATED}[tender.is_framework]
    return {
        "Upphandlings-ID": tender.tender_id,
        "Upphandlingens titel": tender.title,
        "Organisationsnummer för köpare": tender.buyer.number,
        "Namn för köpare": tender.buyer.name,
        "Sektor för köpare": tender.buyer.sector,
        "Delsektor för köpare": tender.buyer.subsector,
        "Publiceringsdatum": tender.day.isoformat(),
        "Upphandlingsslag": tender.subject.kind,
        "Förfarande": tender.procedure,
        "Huvudsaklig CPV-kod": f"{tender.subject.cpv_code} {tender.subject.title}" if tender.tells_cpv else NO_CPV,
        "CPV-huvudgrupp": tender.subject.cpv_main if tender.tells_cpv else NO_CPV,
        "Direktivstyrd": _answer(tender.is_above),
        "Typ av avtal": agreement,
        "Dynamiskt inköpssystem": _answer(tender.is_dynamic),
        "Anbudsområden": _answer(len(tender.lots) > 1),
        "Samordnad upphandling": _answer(tender.is_coordinated),
        "Miljömässigt hållbar upphandling": _answer(tender.is_environmental),
        "Socialt hållbar upphandling": _answer(tender.is_social),
        "Annonsdatabas": tender.database,
        "Överprövad": _answer(tender.is_reviewed),
    }


def _lots(tender: Tender) -> Iterator[Cells]:
    for lot in tender.lots:
        yield {
            LOT_COLUMNS["procurement_id"]: tender.tender_id,
            LOT_COLUMNS["lot_id"]: lot.number,
            LOT_COLUMNS["buyer_number"]: written_number(tender.buyer.number, "hyphen"),
            LOT_COLUMNS["buyer_name"]: tender.buyer.name,
            LOT_COLUMNS["announced_on"]: tender.day.isoformat(),
            LOT_COLUMNS["bids_count"]: "" if lot.bids is None else str(lot.bids),
        }


def _values(tender: Tender) -> Iterator[Cells]:
    for value in tender.values:
        amount = "" if value.amount_ore is None else kronor_text(value.amount_ore)
        yield {
            "Upphandlings-ID": tender.tender_id,
            "Upphandlingens titel": tender.title,
            **_buyer(value.buyer),
            "Publiceringsdatum": tender.day.isoformat(),
            "Kontrakterat värde": amount,
            "Valuta": "SEK",
        }


def _awards(tender: Tender) -> Iterator[Cells]:
    for lot in tender.lots:
        for award in lot.awards:
            supplier = award.supplier
            yield {
                "Upphandlings-ID": tender.tender_id,
                "Anbudsområde": lot.number,
                **_buyer(tender.buyer),
                "Publiceringsdatum": tender.day.isoformat(),
                "Leverantör": supplier.name,
                "Leverantörens organisationsnummer": written_number(supplier.number, "hyphen"),
                "Leverantörens juridiska form": PERSONS_FORM if supplier.is_person else COMPANY_FORM,
                "Företagsstorlek": SIZE_WORDS[supplier.size],
                "Leverantörens län": supplier.county,
                "Antal kontrakterade anbud": str(award.contracted),
            }


def _buyer(buyer: Buyer) -> Cells:
    return {"Organisationsnummer för köpare": buyer.number, "Namn för köpare": buyer.name}
