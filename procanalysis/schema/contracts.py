"""Contracts and what they cover, follow-ups, procurements, and the limits of the procurement act."""

from __future__ import annotations

from datetime import date

from procanalysis.schema.columns import Column

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
