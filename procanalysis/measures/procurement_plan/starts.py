"""When the procurement that is to replace each contract must start, and what a late start exposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import FAR_FUTURE, Exclusion, KeyFigure, kronor, round_ore

SOON_MONTHS = 3
ALL_CATEGORIES = "Alla kategorier"
START_STATES: dict[str, str] = {
    "too_late": "För sent att börja",
    "begun_late": "Påbörjad för sent",
    "planned_late": "Planerad för sent",
    "soon": "Börja inom tre månader",
    "later": "Börja senare",
    "begun": "Påbörjad i tid",
    "replaced": "Ersatt",
    "unknown": "Okänt",
}
"""How a contract that ends stands, the most pressing first."""

START_RULE = (
    "Senaste start är avtalets sista dag minus avtalsspärr och överprövning minus ledtid. Börjar upphandlingen senare "
    "blir det ett glapp av lika många dagar, och de exponerade kronorna är årsköpet gånger dagarna delat med 365."
)
_CONTRACT_COLUMNS = (
    "contract_id", "title", "supplier_names", "category_codes", "kind", "owner", "ends_on", "latest_ends_on",
)  # fmt: skip
_PROCUREMENT_COLUMNS = (
    "procurement_id", "title", "category_code", "replaces_contract_id", "buyer", "status", "planned_start_on",
    "started_on", "ended_on",
)  # fmt: skip
_LINE_COLUMNS = (
    "contract_id", "proven_rung", "possible_rung", "supplier_key", "invoice_key", "spend_class", "amount_ore",
)  # fmt: skip
_LATE = ("too_late", "begun_late", "planned_late")


def lead_time(procurements: pd.DataFrame, *, lead_time_days: int | None, least_history: int) -> pd.DataFrame:
    """Tell how long a procurement takes, per category and for all.

    days = the median of ended_on - started_on over the finished procurements of the category, rounded up, when there
    are least_history of them; else that of all finished ones, when so many; else lead_time_days; else unknown.
    Parameters: `procurements`, the list, empty when there is none; `lead_time_days`, above zero, or None;
    `least_history`, at least 1. Returns one row per category with procurements and, last, one for all categories with
    category_code missing: category_code, finished_count (with both days), own_median_days (missing when there are
    none), days (missing when unknown), basis in Swedish, unknown_because. Raises MeasureError. Source: methods, R108.

    >>> history = pd.DataFrame({name: [None] * 3 for name in _PROCUREMENT_COLUMNS}).assign(
    ...     status="finished", started_on=pd.Timestamp("2024-01-01"),
    ...     ended_on=pd.to_datetime(["2024-04-10", "2024-07-19", "2024-10-27"]))
    >>> lead_time(history, lead_time_days=None, least_history=3)["days"].tolist()
    [200]
    """
    if lead_time_days is not None and lead_time_days <= 0:
        raise MeasureError(f"lead_time: lead_time_days is {lead_time_days}. Give a number above zero, or None.")
    if least_history < 1:
        raise MeasureError(f"lead_time: least_history is {least_history}. Give at least 1.")
    listed = frames.plain_rows(procurements, _PROCUREMENT_COLUMNS, "lead_time")
    lengths: dict[str | None, list[int]] = {None: []}
    for row in listed:
        lengths.setdefault(row["category_code"], [])
        if row["status"] == "finished" and row["started_on"] is not None and row["ended_on"] is not None:
            days = (row["ended_on"] - row["started_on"]).days
            for code in {None, row["category_code"]} if days > 0 else ():
                lengths[code].append(days)
    rows = []
    for code in sorted(lengths, key=lambda code: (code is None, code or "")):
        days, basis = _days(lengths[code], lengths[None], least_history, lead_time_days, code is None)
        rows.append(
            {
                "category_code": code,
                "finished_count": len(lengths[code]),
                "own_median_days": _median(lengths[code]),
                "days": days,
                "basis": basis,
                "unknown_because": "" if days is not None else _no_lead_time(bool(listed), least_history),
            }
        )
    types = {"finished_count": "int64", "own_median_days": "Int64", "days": "Int64"}
    return pd.DataFrame(rows, dtype=object).astype(types)


def _no_lead_time(has_list: bool, least_history: int) -> str:
    history = f"Färre än {wording.number_text(least_history)} avslutade upphandlingar har start och slut"
    return f"{history if has_list else wording.NO_PROCUREMENT_LIST}, och ingen ledtid är angiven"


def _median(days: Sequence[int]) -> int | None:
    """Take the median in whole days, rounded up: a day too many does less harm than a day too few."""
    ordered = sorted(days)
    return -(-(ordered[(len(days) - 1) // 2] + ordered[len(days) // 2]) // 2) if ordered else None


def _days(
    own: Sequence[int], every: Sequence[int], least: int, given: int | None, is_all: bool
) -> tuple[int | None, str]:
    number = wording.number_text
    if len(own) >= least and not is_all:
        return _median(own), f"Median av {number(len(own))} avslutade upphandlingar i kategorin"
    if len(every) >= least:
        return _median(every), f"Median av {number(len(every))} avslutade upphandlingar i alla kategorier"
    return given, "" if given is None else "Angiven i organisationens inställningar"


@dataclass(frozen=True)
class ProcurementStarts:
    """Hold the contracts that end, how many were left out, and which postings the yearly spend leaves out.

    `ended_before_count` contracts ended on the day of reckoning or before it, `ends_after_count` end after the last
    year looked at.
    """

    contracts: pd.DataFrame
    ended_before_count: int
    ends_after_count: int
    excluded: tuple[Exclusion, ...]


def procurement_starts(
    contracts: pd.DataFrame,
    matched: NativeFrame,
    procurements: pd.DataFrame,
    *,
    as_of: date,
    years_ahead: int,
    standstill_and_review_days: int,
    lead_time_days: int | None,
    least_history: int,
    months_covered: int = 12,
    least_rung: int = 4,
) -> ProcurementStarts:
    """Tell for each contract that ends within the years when its procurement must start, and what a late start exposes.

    latest start = last day - standstill_and_review_days - lead time (the longest among the contract's categories).
    gap = days from the latest start to the start: that of the procurement which replaces it (running: started_on;
    planned: planned_start_on, not before as_of), else as_of; for a finished one, days from the last day to ended_on.
    exposed = yearly spend × gap / 365, at least 0. Yearly spend = Σ amount × 12 / months_covered of the purchases that
    may have been made on the contract: least_rung possible (for yearly_proven_ore: proven).
    Parameters: `contracts` and `procurements`, the registers, empty when there is none; `matched`, ledger lines with
    MATCHED_COLUMNS; `as_of`; `years_ahead`, calendar years from that of the day after as_of, 1 to 10;
    `standstill_and_review_days`, zero or more; `lead_time_days` and `least_history` as in lead_time; `months_covered`,
    months in matched, 1 or more; `least_rung`, 1 to 4. Returns ProcurementStarts; contracts has one row per contract
    that ends after as_of in these years, or on an unknown day, the earliest start first: contract_id, title,
    supplier_names, category_codes, kind, owner, ends_on, latest_ends_on, lead_time_days, lead_time_basis,
    latest_start_on, latest_start_with_options_on, procurement_id, procurement_buyer, procurement_status, start_on,
    state (one of START_STATES), state_name, gap_days, yearly_proven_ore, yearly_ore, exposed_ore,
    exposed_with_options_ore, unknown_because. What is no purchase is left out and returned. Raises MeasureError.
    Source: requirements R102, R109, R111.
    """
    frames.check_range("procurement_starts", "years_ahead", years_ahead, 1, 10)
    frames.check_range("procurement_starts", "standstill_and_review_days", standstill_and_review_days, 0, 3650)
    frames.check_range("procurement_starts", "months_covered", months_covered, 1, 1200)
    frames.check_range("procurement_starts", "least_rung", least_rung, 1, 4)
    registered = frames.plain_rows(contracts, _CONTRACT_COLUMNS, "procurement_starts")
    listed = frames.plain_rows(procurements, _PROCUREMENT_COLUMNS, "procurement_starts")
    times = lead_time(procurements, lead_time_days=lead_time_days, least_history=least_history)
    per_category = {row["category_code"]: row for row in times.to_dict("records")}
    bought, excluded = _yearly_spend(matched, months_covered, least_rung)
    last_year = (as_of + timedelta(days=1)).year + years_ahead - 1
    before = after = 0
    rows = []
    for row in registered:
        if row["ends_on"] is not None and row["ends_on"] <= as_of:
            before += 1
        elif row["ends_on"] is not None and row["ends_on"].year > last_year:
            after += 1
        else:
            row |= _lead_time_of(row["category_codes"], per_category) | _bought(row["contract_id"], bought)
            row |= _replacement(row["contract_id"], listed)
            rows.append(row | _start(row, as_of, standstill_and_review_days))
    rows.sort(key=lambda row: (row["latest_start_on"] is None, row["latest_start_on"] or as_of, row["contract_id"]))
    return ProcurementStarts(frames.framed(rows, _TYPES), before, after, excluded)


_COLUMNS = [
    "contract_id", "title", "supplier_names", "category_codes", "kind", "owner", "ends_on", "latest_ends_on",
    "lead_time_days", "lead_time_basis", "latest_start_on", "latest_start_with_options_on", "procurement_id",
    "procurement_buyer", "procurement_status", "start_on", "state", "state_name", "gap_days",
    "yearly_proven_ore", "yearly_ore", "exposed_ore", "exposed_with_options_ore", "unknown_because",
]  # fmt: skip
_TYPES = {
    name: "datetime64[us]" if name.endswith("_on") else "Int64" if name.endswith(("_days", "_ore")) else "object"
    for name in _COLUMNS
}


def _yearly_spend(
    matched: NativeFrame, months_covered: int, least_rung: int
) -> tuple[dict[str, dict[str, int]] | None, tuple[Exclusion, ...]]:
    """Sum a year's purchases per contract; None when no line has been matched to a register."""
    frame = frames.lazy(matched, _LINE_COLUMNS, "procurement_starts")
    if not frames.totals(frame.filter(~nw.col("possible_rung").is_null()))[0]:
        return None, ()
    marked = frame.filter(~nw.col("contract_id").is_null()).with_columns(
        __no_purchase=nw.when(nw.col("spend_class") == "ej inköp").then(1).otherwise(0),
        __may=nw.when(nw.col("possible_rung") >= least_rung).then(1).otherwise(0),
        __proven=nw.when(nw.col("proven_rung") >= least_rung).then(1).otherwise(0),
    )
    may = marked.filter(nw.col("__may") == 1)
    kept = may.filter(nw.col("__no_purchase") == 0)
    yearly: dict[str, dict[str, int]] = {}
    for name, lines in (("yearly_ore", kept), ("yearly_proven_ore", kept.filter(nw.col("__proven") == 1))):
        found = frames.sums(lines, ["contract_id"])
        for contract, amount in zip(found["contract_id"], found["amount_ore"], strict=True):
            yearly.setdefault(str(contract), {})[name] = round_ore(Decimal(int(amount)) * 12 / months_covered)
    return yearly, frames.exclusion("Ej inköp", may.filter(nw.col("__no_purchase") == 1))


def _bought(contract_id: str, bought: Mapping[str, Mapping[str, int]] | None) -> dict[str, int | None]:
    names = ("yearly_proven_ore", "yearly_ore")
    if bought is None:
        return dict.fromkeys(names)
    return {name: bought.get(contract_id, {}).get(name, 0) for name in names}


def _lead_time_of(category_codes: str | None, per_category: Mapping[Any, Mapping[Any, Any]]) -> dict[str, Any]:
    """Take the longest lead time among the contract's categories; that of all where a category has none of its own."""
    codes = [code.strip() for code in (category_codes or "").split(";") if code.strip()]
    found = [per_category.get(code, per_category[None]) for code in codes] or [per_category[None]]
    if any(pd.isna(each["days"]) for each in found):
        because = next(each["unknown_because"] for each in found if pd.isna(each["days"]))
        return {"lead_time_days": None, "lead_time_basis": "", "unknown_because": because}
    longest = max(found, key=lambda each: int(each["days"]))
    return {"lead_time_days": int(longest["days"]), "lead_time_basis": longest["basis"], "unknown_because": ""}


def _replacement(contract_id: str, listed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Find the procurement that replaces a contract: a finished one first, then one that runs, then one planned."""
    order = ("finished", "running", "planned")
    found = [row for row in listed if row["replaces_contract_id"] == contract_id and row["status"] in order]
    chosen = min(
        found,
        key=lambda row: (
            order.index(row["status"]),
            row["started_on"] or row["planned_start_on"] or FAR_FUTURE,
            row["procurement_id"],
        ),
        default={},
    )
    return {
        "procurement_id": chosen.get("procurement_id"),
        "procurement_buyer": chosen.get("buyer"),
        "procurement_status": chosen.get("status"),
        "__planned_start_on": chosen.get("planned_start_on"),
        "__started_on": chosen.get("started_on"),
        "__ended_on": chosen.get("ended_on"),
    }


def _start(row: Mapping[str, Any], as_of: date, standstill: int) -> dict[str, Any]:
    """Reckon the latest start of one contract, and what the actual or earliest start exposes."""
    latest = _latest(row["ends_on"], row["lead_time_days"], standstill)
    with_options = _latest(row["latest_ends_on"], row["lead_time_days"], standstill)
    status, start = row["procurement_status"], _begins(row, as_of)
    gap, gap_with_options = _gap(row, "ends_on", latest, start), _gap(row, "latest_ends_on", with_options, start)
    state = _state(status, latest, start, gap, as_of)
    because = ""
    if row["ends_on"] is None:
        because = "Avtalets slutdag är okänd"
    elif gap is None:
        because = row["unknown_because"] or "Upphandlingen som ska ersätta avtalet saknar datum"
    elif row["yearly_ore"] is None:
        because = "Raderna i reskontran är inte prövade mot avtalsregistret"
    return {
        "latest_start_on": latest,
        "latest_start_with_options_on": with_options,
        "start_on": start,
        "state": state,
        "state_name": START_STATES[state],
        "gap_days": gap,
        "exposed_ore": _exposed(row["yearly_ore"], gap),
        "exposed_with_options_ore": _exposed(row["yearly_ore"], gap_with_options),
        "unknown_because": because,
    }


def _latest(last_day: date | None, lead_time_days: int | None, standstill: int) -> date | None:
    if last_day is None or lead_time_days is None or last_day == FAR_FUTURE:
        return None
    return last_day - timedelta(days=standstill + lead_time_days)


def _begins(row: Mapping[str, Any], as_of: date) -> date | None:
    """Say when work began, or can begin at the earliest."""
    if row["procurement_status"] in ("running", "finished"):
        began: date | None = row["__started_on"]
        return began
    planned: date | None = row["__planned_start_on"]
    return as_of if planned is None else max(planned, as_of)


def _gap(row: Mapping[str, Any], end: str, latest: date | None, start: date | None) -> int | None:
    """Count the days without contract; one that remaining options make open-ended leaves none."""
    if row[end] == FAR_FUTURE:
        return 0
    signed: date | None = row["__ended_on"]
    last_day: date | None = row[end]
    if row["procurement_status"] == "finished" and signed is not None and last_day is not None:
        return max((signed - last_day).days, 0)
    return None if latest is None or start is None else max((start - latest).days, 0)


def _state(status: str | None, latest: date | None, start: date | None, gap: int | None, as_of: date) -> str:
    if status == "finished":
        return "replaced"
    if latest is None or start is None or gap is None:
        return "unknown"
    if status == "running":
        return "begun_late" if gap else "begun"
    if gap:
        return "too_late" if latest < as_of else "planned_late"
    soon = (pd.Timestamp(as_of) + pd.DateOffset(months=SOON_MONTHS)).date()
    return "soon" if latest <= soon else "later"


def _exposed(yearly_ore: int | None, gap_days: int | None) -> int | None:
    if yearly_ore is None or gap_days is None:
        return None
    return max(round_ore(Decimal(yearly_ore) * gap_days / 365), 0)


def contract_gap_exposure(starts: ProcurementStarts) -> KeyFigure:
    """Sum what is exposed to a gap without contract because the procurement starts late.

    Σ exposed_ore over the contracts where it is known, remaining options not exercised. Parameters: `starts`, as
    `procurement_starts` returns it. Returns a KeyFigure in kronor; the numerator is the number of contracts with a gap,
    the denominator that of the contracts whose gap is known; unknown without contract register, and when no contract's
    gap is known; zero when no contract ends in the years. Source: requirement R102.
    """
    rows = frames.plain_rows(starts.contracts, ["exposed_ore", "gap_days", "unknown_because"], "contract_gap_exposure")
    known = [row for row in rows if row["exposed_ore"] is not None]
    unknown = [row for row in rows if row["exposed_ore"] is None]
    because = ""
    if not rows and not starts.ended_before_count + starts.ends_after_count:
        because = wording.NO_CONTRACT_REGISTER
    elif unknown and not known:
        because = next((row["unknown_because"] for row in unknown if row["unknown_because"]), "")
    late = sum(row["gap_days"] > 0 for row in known)
    return KeyFigure(
        id="contract_gap_exposure",
        label="Kronor som riskerar att sakna avtal",
        value=None if because else kronor(sum(row["exposed_ore"] for row in known)),
        unit="SEK",
        method="contract_gap_exposure",
        numerator=None if because else Decimal(late),
        denominator=None if because else Decimal(len(known)),
        part_unit="st",
        excluded=starts.excluded,
        comparison=f"{wording.number_text(len(unknown))} avtal går inte att bedöma" if unknown and known else "",
        unknown_because=because,
    )


def ending_per_year(starts: ProcurementStarts) -> pd.DataFrame:
    """Count the contracts that end per year, with what is bought on them and what is exposed.

    Parameters: `starts`, as `procurement_starts` returns it. Returns one row per year, those without known end last:
    year_name, contracts_count, replaced_count (by a procurement planned, running or finished), late_count,
    unknown_count, yearly_ore and exposed_ore (of the contracts where they are known).
    """
    table = starts.contracts
    years = table["ends_on"].dt.year.astype("Int64").astype("str").where(table["ends_on"].notna(), "Slutdag saknas")
    marked = pd.DataFrame(
        {
            "year_name": years,
            "contracts_count": 1,
            "replaced_count": table["procurement_id"].notna(),
            "late_count": table["state"].isin(_LATE),
            "unknown_count": table["state"] == "unknown",
            "yearly_ore": table["yearly_ore"].fillna(0),
            "exposed_ore": table["exposed_ore"].fillna(0),
        }
    )
    numbers = marked.columns[1:].tolist()
    summed = marked.astype(dict.fromkeys(numbers, "int64")).groupby("year_name", as_index=False)[numbers].sum()
    return summed.astype({"year_name": "str"})
