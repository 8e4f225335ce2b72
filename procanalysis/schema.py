"""The canonical tables: the one place that names columns, their types, units and meanings.

Money is whole hundredths of the organisation's currency (`_ore`: öre, or pence for a British ledger), excluding
VAT, credit notes negative. Shares are percent (`_pct`), days are dates (`_on`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from procanalysis.errors import MeasureError, did_you_mean

ColumnType = Literal["text", "integer", "date"]


@dataclass(frozen=True)
class Column:
    """Describe one column: its type, what it means, and whether a row may lack it."""

    name: str
    type: ColumnType
    meaning: str
    required: bool = False


LEDGER_LINES: tuple[Column, ...] = (
    Column("line_id", "integer", "running number over the accepted rows, in order of file and row", True),
    Column("file", "text", "input file, with the sheet after # for a workbook", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
    Column("buyer_id", "text", "the buyer's organisation number"),
    Column("buyer", "text", "the buyer's name"),
    Column("unit", "text", "the unit (förvaltning, nämnd) that bought"),
    Column("supplier_key", "text", "identity of the supplier: organisation number, masked code, or name", True),
    Column("supplier_name", "text", "one chosen name per supplier_key", True),
    Column("supplier_type", "text", "one of SUPPLIER_TYPES", True),
    Column("account", "text", "account code as booked"),
    Column("account_text", "text", "the account's text"),
    Column("project", "text", "project or activity code"),
    Column("text", "text", "free text of the row"),
    Column("invoice_key", "text", "supplier_key and invoice number (voucher number where there is none)"),
    Column("voucher_id", "text", "voucher number"),
    Column("booked_on", "date", "booking date; missing where the ledger has none"),
    Column("basis", "text", "grund: what the purchase rests on, as published"),
    Column("contract_reference", "text", "avtal: the contract, as published"),
    Column("amount_ore", "integer", "amount excluding VAT in hundredths; credit notes negative", True),
)
"""One row per posting (kontering) of the supplier ledger."""

MAPPED_COLUMNS: tuple[Column, ...] = (
    Column("rule_id", "text", "the rule that decided the row; missing when none did"),
    Column("tier", "text", "that rule's tier, one of TIERS"),
    Column("category_code", "text", "the category; missing when no rule decided the row"),
    Column("category_name", "text", "its name"),
    Column("category_path", "text", "codes from the main category down, joined by /: 05/05.02"),
    Column("main_category_code", "text", "the main category above it"),
    Column("main_category_name", "text", "that one's name"),
    Column("spend_class", "text", "one of SPEND_CLASSES; missing when no rule decided the row"),
    Column("lou_covered", "text", "one of LOU_COVERED; 'okänt' when no rule decided the row", True),
    Column("is_mapped", "integer", "1 when a rule above the default tier decided the row, else 0", True),
)
"""What `map_categories` adds to every ledger line."""

CONTRACTS: tuple[Column, ...] = (
    Column("contract_id", "text", "the register's own number of the contract", True),
    Column("title", "text", "what the contract is about"),
    Column("supplier_names", "text", "the suppliers as the register writes them, joined by '; '; sole traders masked"),
    Column("category_codes", "text", "codes of the category tree, joined by ';'; missing when the register has none"),
    Column("participants", "text", "units or organisations that may buy on it, joined by ';'; missing when not stated"),
    Column("kind", "text", "one of CONTRACT_KINDS; missing when the register has none"),
    Column("starts_on", "date", "first day"),
    Column("ends_on", "date", "last day, exercised options counted; FAR_FUTURE when open-ended; missing when unknown"),
    Column("latest_ends_on", "date", "last day if every option is exercised; missing when ends_on is"),
    Column("registered_on", "date", "when it was entered into the register"),
    Column("registered_by", "text", "unit or role that entered it"),
    Column("owner", "text", "role or unit that answers for it"),
    Column("owner_is_gone", "integer", "1 when the organisation file says that the owner has left, else 0", True),
    Column("archive_place", "text", "where the signed contract is kept"),
    Column("procurement_id", "text", "the procurement behind it"),
    Column("value_ore", "integer", "contract value excluding VAT over the whole period"),
    Column("contract_class", "text", "A, B, C or D"),
    Column("bids_count", "integer", "bids received in the procurement"),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per contract of the register."""

CONTRACT_SCOPES: tuple[Column, ...] = (
    Column("contract_id", "text", "the contract", True),
    Column("supplier_key", "text", "one supplier of it, written as in LEDGER_LINES; missing when it cannot be told"),
    Column("through_group", "integer", "1 when the supplier only belongs to the same group of companies, else 0", True),
    Column("category_code", "text", "one category of it; missing when unknown"),
    Column("participant", "text", "one unit, buyer name or buyer number, in lower case; missing means everyone"),
    Column("participants_known", "integer", "0 when it is unknown who may buy on it, else 1", True),
    Column("starts_on", "date", "first day; missing when unknown"),
    Column("ends_on", "date", "last day; FAR_FUTURE when open-ended; missing when unknown"),
    Column("registered_on", "date", "when it was registered; missing when unknown"),
)
"""What each contract covers: one row per contract, supplier, category and participant."""

MATCHED_COLUMNS: tuple[Column, ...] = (
    Column("proven_rung", "integer", "highest rung of the loyalty ladder, 0 to 4, that some contract proves"),
    Column("possible_rung", "integer", "highest rung that some contract makes possible, unknown counted as yes"),
    Column("proven_rung_then", "integer", "as proven_rung, by contracts registered on or before the purchase"),
    Column("possible_rung_then", "integer", "as possible_rung, by contracts that may have been registered then"),
    Column("contract_id", "text", "the contract that stands highest; missing when the supplier has none"),
)
"""What `match_contracts` adds to every ledger line; all missing in an organisation without a contract register."""

RUNGS: dict[int, str] = {
    1: "Leverantören har något registrerat avtal",
    2: "Avtalet gällde på inköpsdagen",
    3: "Avtalet gäller inköpets kategori",
    4: "Köparen får använda avtalet",
    5: "Raden är köpt på avtalets villkor",
}
"""The loyalty ladder. Each rung asks all that the ones below ask; the fifth needs order or invoice lines."""

CONTRACT_KINDS: dict[str, str] = {
    "framework": "Ramavtal",
    "direct_award": "Direktupphandlat avtal",
    "dynamic": "Dynamiskt inköpssystem (DIS)",
    "specific": "Objekts- eller kommunspecifikt avtal",
    "other": "Annat avtal",
}

FOLLOW_UPS: tuple[Column, ...] = (
    Column("follow_up_id", "text", "the register's own number, or file and row", True),
    Column("contract_id", "text", "the contract followed up"),
    Column("supplier_key", "text", "the supplier followed up, written as in LEDGER_LINES", True),
    Column("supplier_name", "text", "its name, masked for sole traders"),
    Column("kind", "text", "one of FOLLOW_UP_KINDS", True),
    Column("planned_on", "date", "when it should be done"),
    Column("done_on", "date", "when it was done; missing when it has not been"),
    Column("result", "text", "the result in words"),
    Column("deviation", "text", "the deviation found; missing when there was none"),
    Column("escalation_step", "integer", "step of the escalation ladder, 1 lowest; missing when not escalated"),
    Column("closed_on", "date", "when the deviation was put right"),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per follow-up of a supplier or contract, done or planned."""

FOLLOW_UP_KINDS: dict[str, str] = {
    "meeting": "Uppföljningsmöte",
    "check_in": "Avstämning",
    "self_assessment": "Egenrapportering om hållbarhet",
    "desk_review": "Skrivbordskontroll",
    "audit": "Revision på plats",
}
SUSTAINABILITY_FOLLOW_UPS: tuple[str, ...] = ("self_assessment", "desk_review", "audit")

PROCUREMENTS: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement's own number", True),
    Column("title", "text", "what it is about", True),
    Column("category_code", "text", "code of the category tree"),
    Column("replaces_contract_id", "text", "the contract that it is to replace"),
    Column("buyer", "text", "role or unit that leads it"),
    Column("participants", "text", "organisations or units that take part, joined by ';'"),
    Column("is_planned", "integer", "1 when it stood in the plan, 0 when it turned up; missing when not stated"),
    Column("status", "text", "one of PROCUREMENT_STATUSES", True),
    Column("planned_start_on", "date", "start according to the plan"),
    Column("started_on", "date", "when work began"),
    Column("planned_end_on", "date", "contract signed according to the plan"),
    Column("ended_on", "date", "when the contract was signed, or the procurement broken off"),
    Column("bids_count", "integer", "bids received"),
    Column("value_ore", "integer", "estimated value excluding VAT"),
    Column("saving_potential_ore", "integer", "expected yearly saving"),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per procurement, planned, running or ended."""

PROCUREMENT_STATUSES: dict[str, str] = {
    "planned": "Planerad",
    "running": "Pågår",
    "finished": "Avslutad",
    "cancelled": "Avbruten",
}

LAW_LIMITS: tuple[Column, ...] = (
    Column("limit_id", "text", "one of LIMIT_IDS", True),
    Column("valid_from", "date", "first day", True),
    Column("valid_to", "date", "last day; empty while it holds"),
    Column("amount_sek", "integer", "kronor excluding VAT; empty when open"),
    Column("status", "text", "sourced, computed or open", True),
    Column("source", "text", "where the value is printed, or what is not known", True),
)
"""One row per dated value of a limit in the procurement act; an open value gives no verdict."""

LIMIT_IDS: dict[str, str] = {
    "direct_award": "Direktupphandlingsgräns för varor, tjänster och byggentreprenader",
    "direct_award_annex_2": "Direktupphandlingsgräns för sociala och andra särskilda tjänster (bilaga 2)",
    "eu_threshold": "EU:s tröskelvärde för varor och tjänster",
}

FAR_FUTURE = date(9999, 12, 31)
"""The last day of a contract without end."""

REJECTED_ROWS: tuple[Column, ...] = (
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
    Column("column", "text", "the column at fault, as the file names it", True),
    Column("value", "text", "what stood there, masked where it is a personal number", True),
    Column("reason", "text", "one of REJECT_REASONS", True),
    Column("amount_ore", "integer", "the row's amount where it could be read"),
)
"""One row per row of an input file that was not accepted."""

SUPPLIER_REGISTER: tuple[Column, ...] = (
    Column("supplier_key", "text", "identity of the supplier", True),
    Column("supplier_name", "text", "the chosen name", True),
    Column("supplier_type", "text", "one of SUPPLIER_TYPES", True),
    Column("number_as_written", "text", "the number as the ledger writes it, masked for sole traders"),
    Column("name_as_written", "text", "the name as the ledger writes it, masked for sole traders"),
    Column("number_status", "text", "one of NUMBER_STATUSES", True),
    Column("rows", "integer", "number of ledger lines", True),
    Column("amount_ore", "integer", "their sum", True),
)
"""One row per way in which the ledger writes a supplier (number and name together)."""

RULES: tuple[Column, ...] = (
    Column("rule_id", "text", "unique name of the rule", True),
    Column("tier", "text", "one of TIERS", True),
    Column("account", "text", "6440 (that account), 64* (accounts that begin so) or 6400-6499 (inclusive)"),
    Column("unit", "text", "the unit as the ledger names it"),
    Column("supplier", "text", "organisation number in any written form, or the name"),
    Column("project", "text", "the project code"),
    Column("text", "text", "words in account text, supplier name or row text; * stands for anything"),
    Column("valid_from", "date", "first day on which the rule holds"),
    Column("valid_to", "date", "last day on which the rule holds"),
    Column("category_code", "text", "a category of the tree", True),
    Column("spend_class", "text", "one of SPEND_CLASSES", True),
    Column("lou_covered", "text", "one of LOU_COVERED", True),
    Column("author", "text", "who decided, as a role", True),
    Column("decided_on", "date", "when", True),
    Column("reason", "text", "why", True),
)
"""One row per mapping rule. All conditions given must hold; none given means every row."""

TAXONOMY: tuple[Column, ...] = (
    Column("category_code", "text", "unique code", True),
    Column("parent_code", "text", "the category above; empty for a main category"),
    Column("name", "text", "name in Swedish", True),
    Column("description", "text", "what belongs here, and what does not"),
    Column("owner", "text", "the role that answers for the category (sakansvarig, strategiägare)"),
)
"""One row per category, of any depth."""

TIERS: dict[str, str] = {
    "override": "Undantag",
    "supplier": "Leverantör",
    "unit": "Enhet eller projekt",
    "account": "Konto",
    "text": "Text",
    "default": "Grundregel",
}
"""Tiers in the order in which they decide, with their Swedish names. The default tier does not count as mapped."""

SPEND_CLASSES: tuple[str, ...] = ("adresserbar", "ej adresserbar", "investering", "ej inköp")
LOU_COVERED: tuple[str, ...] = ("ja", "nej", "okänt")

SUPPLIER_TYPES: dict[str, str] = {
    "company": "Företag",
    "public": "Offentlig organisation",
    "association": "Förening eller stiftelse",
    "foreign": "Utländsk",
    "estate": "Dödsbo",
    "sole_trader": "Enskild firma eller privatperson",
    "unknown": "Okänd (utan giltigt organisationsnummer)",
}

NUMBER_STATUSES: dict[str, str] = {
    "valid": "Giltigt organisationsnummer",
    "personal": "Personnummer eller samordningsnummer",
    "checksum": "Fel kontrollsiffra",
    "malformed": "Felaktigt skrivet",
    "foreign": "Utländskt nummer",
    "internal": "Internt leverantörsnummer",
    "missing": "Nummer saknas",
}

REJECT_REASONS: dict[str, str] = {
    "amount_missing": "Belopp saknas",
    "amount_unreadable": "Beloppet kan inte läsas som ett tal",
    "amount_ambiguous": "Oklart om tecknet är decimaltecken eller tusentalsavgränsare",
    "amount_decimals": "Beloppet har fler än två decimaler",
    "amount_too_large": "Beloppet är större än vad ett belopp här kan vara",
    "date_missing": "Datum saknas",
    "date_unreadable": "Datumet kan inte läsas",
    "too_few_cells": "Raden har färre fält än rubrikraden",
    "too_many_cells": "Raden har fler fält än rubrikraden",
    "shifted": "Värdena är förskjutna mellan kolumnerna",
    "totals_row": "Summarad",
    "repeated_header": "Rubrikraden upprepas",
    "repeated_delivery": "Samma leverans lämnad två gånger",
    "id_missing": "Numret som raden känns igen på saknas",
    "id_repeated": "Samma nummer står på en tidigare rad",
    "rows_differ": "Raden säger något annat än en tidigare rad med samma avtalsnummer",
    "title_missing": "Benämning saknas",
    "suppliers_unpaired": "Olika många leverantörsnamn och organisationsnummer på raden",
    "supplier_missing": "Leverantören går inte att fastställa",
    "kind_unknown": "Slaget av uppföljning saknas eller är okänt",
    "status_unknown": "Läget i upphandlingen saknas eller är okänt",
    "count_unreadable": "Värdet kan inte läsas som ett heltal",
    "answer_unreadable": "Svaret är varken ja eller nej",
    "options_unreadable": "Optionerna kan inte läsas som månader",
    "options_too_many": "Fler utnyttjade optioner än avtalet har",
    "ends_before_start": "Slutdatum ligger före startdatum",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Say where the data of a figure or table come from, and how the organisation wants it shown.

    Every figure, table and key figure demands one, so that nothing is shown without its origin.
    """

    text: str
    organisation: str
    currency: str = "SEK"
    fictional: bool = False
    accent_colour: str = "#12436D"
    logo_path: str = ""


@dataclass(frozen=True)
class Exclusion:
    """Tell what a figure leaves out: why, how many rows, and their sum."""

    reason: str
    rows: int
    amount_ore: int


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """Hold one headline figure with everything needed to defend it.

    `value` is None when the figure cannot be known; `unknown_because` then says why, in Swedish. For a share,
    `numerator` and `denominator` are what was divided, in the unit `part_unit` ('SEK' in kronor, 'st' counted).
    `method` names the page in docs/methods and is the same as the measure's function.
    """

    id: str
    label: str
    value: Decimal | None
    unit: str
    method: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    part_unit: str = ""
    excluded: tuple[Exclusion, ...] = ()
    comparison: str = ""
    status: str = ""
    unknown_because: str = ""


def kronor(amount_ore: int) -> Decimal:
    """Turn hundredths into kronor, exactly.

    >>> kronor(-150)
    Decimal('-1.50')
    """
    return Decimal(int(amount_ore)).scaleb(-2)


def percent(numerator: int | Decimal, denominator: int | Decimal) -> Decimal | None:
    """Return numerator / denominator × 100, or None when the denominator is not above zero.

    >>> percent(1, 8)
    Decimal('12.5')
    >>> percent(1, 0) is None
    True
    """
    if denominator <= 0:
        return None
    return Decimal(numerator) * 100 / Decimal(denominator)


def round_ore(amount: Decimal) -> int:
    """Round a product in hundredths to whole hundredths, half away from zero. The only place that rounds money.

    >>> round_ore(Decimal("252.5")), round_ore(Decimal("-252.5"))
    (253, -253)
    """
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def names(table: Iterable[Column]) -> list[str]:
    """List the column names of a canonical table, in order.

    >>> names(TAXONOMY)
    ['category_code', 'parent_code', 'name', 'description', 'owner']
    """
    return [column.name for column in table]


def require_columns(present: Iterable[str], needed: Iterable[str], measure: str) -> None:
    """Raise MeasureError when a frame lacks a column that a measure needs.

    >>> require_columns(["amount"], ["amount_ore"], "spend_by")
    Traceback (most recent call last):
    procanalysis.errors.MeasureError: spend_by: the frame has no column 'amount_ore'. Did you mean 'amount'?
    """
    has = list(present)
    for name in needed:
        if name not in has:
            raise MeasureError(f"{measure}: the frame has no column '{name}'. {did_you_mean(name, has)}")
