"""What contract spend says of the realised saving where no order or invoice lines do: an estimate, and marked so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.measures import frames
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.realisation.measured import rate_pct
from procanalysis.measures.realisation.own_part import OWN_COLUMNS, SHARE_COLUMNS, OwnPart, own_parts
from procanalysis.measures.realisation.spans import SPAN_COLUMNS, Span, check_period, spans
from procanalysis.measures.splitting import Counted, round_exact

ESTIMATED = "uppskattat"
NO_LINES = "Ingen rad i reskontran är visad på avtalet under de dagar som räknas"
NO_SAVING = "Upphandlingen har ingen beräknad besparing"
NO_CONTRACT = "Det är inte angivet vilket avtal upphandlingen ledde till"
SHARED_CONTRACT = "Flera upphandlingar anger samma avtal, så köpen går inte att skilja åt"
NO_EXPECTED = "Förväntade inköp per år saknas"

_AWARDS = (*SPAN_COLUMNS, *OWN_COLUMNS, "contract_id", "expected_yearly_ore")
_LINES = ("contract_id", "proven_rung", "booked_on", "spend_class", "amount_ore")
_SPEND = {
    "procurement_id": "str", "contract_id": "str", "spend_ore": "Int64", "lines_count": "int64", "reason": "str",
}  # fmt: skip
_TYPES = {
    "procurement_id": "str", "title": "str", "contract_id": "str", "promised_ore": "Int64", "expected_ore": "Int64",
    "spend_ore": "Int64", "realised_ore": "Int64", "rate_pct": "float64", "basis": "str", "reason": "str",
}  # fmt: skip


def contract_spend(
    matched: NativeFrame,
    awards: pd.DataFrame,
    *,
    starts_on: date,
    ends_on: date,
    counted: Counted = "contract_life",
    least_rung: int = 2,
) -> pd.DataFrame:
    """Sum the postings that are proven on each award's contract, on the days of the period when its saving counts.

    spend = Σ amount of the postings with the award's contract_id, proven_rung at least_rung or above, booked on a day
    that counts, credit notes as minus; what is classed 'ej inköp' is not counted. Parameters: `matched`, ledger lines
    from any engine with MATCHED_COLUMNS; `awards`, AWARDS, those without contract passed over; `starts_on` and
    `ends_on`, both days included; `counted`, 'contract_life' or 'first_year_only'; `least_rung`, 1 to 4 (2: the
    contract held on the day of the purchase). Returns one row per award with a contract, in order of procurement:
    procurement_id, contract_id, spend_ore (missing when no posting is proven: that is unknown, not zero), lines_count,
    reason ('' when known). Raises MeasureError. Source: methods 4.5.
    """
    check_period("contract_spend", starts_on, ends_on)
    frames.check_range("contract_spend", "least_rung", least_rung, 1, 4)
    awarded = frames.plain_rows(awards, (*SPAN_COLUMNS, "contract_id"), "contract_spend")
    days = spans(awarded, starts_on, ends_on, counted, "contract_spend")
    contracts = {row["procurement_id"]: row["contract_id"] for row in awarded if row["contract_id"] is not None}
    by_day = _spend_by_day(matched, sorted(set(contracts.values())), starts_on, ends_on, least_rung)
    rows = []
    for name in sorted(contracts):
        span = days[name]
        inside = [found for day, *found in by_day.get(contracts[name], ()) if _counts(span, day)]
        amount, count = sum(amount for amount, _ in inside), sum(count for _, count in inside)
        reason = span.reason or ("" if inside else NO_LINES)
        rows.append((name, contracts[name], None if reason else amount, count, reason))
    return frames.framed(rows, _SPEND)


def _spend_by_day(
    matched: NativeFrame, contracts: Sequence[str], starts_on: date, ends_on: date, least_rung: int
) -> dict[str, list[tuple[int, int, int]]]:
    """Sum the proven postings per contract and day, (day as a number, öre, postings), in one pass over the ledger."""
    frame = frames.lazy(matched, _LINES, "contract_spend")
    booked, rung = nw.col("booked_on").dt, nw.col("proven_rung").fill_null(-1)
    # Months are 8 bits in Polars, and pandas compares no day with a moment: whole numbers are alike in every engine.
    year, month, day = (part.fill_null(0).cast(nw.Int64) for part in (booked.year(), booked.month(), booked.day()))
    inside = frame.with_columns((year * 10_000 + month * 100 + day).alias("__day")).filter(
        nw.col("contract_id").is_in(list(contracts) or [""]),
        rung >= least_rung,
        nw.col("__day") >= _number(starts_on),
        nw.col("__day") <= _number(ends_on),
        nw.col("spend_class").fill_null("") != "ej inköp",
    )
    summed = frames.collect_pandas(
        inside.group_by("contract_id", "__day")
        .agg(nw.col("amount_ore").sum(), nw.len().alias("lines_count"))
        .with_columns(nw.col("__day", "amount_ore", "lines_count").cast(nw.Int64))
    )
    found: dict[str, list[tuple[int, int, int]]] = {}
    for row in summed.to_dict("records"):
        found.setdefault(row["contract_id"], []).append(
            (int(row["__day"]), int(row["amount_ore"]), int(row["lines_count"]))
        )
    return found


def _counts(span: Span, day: int) -> bool:
    return span.first is not None and span.last is not None and _number(span.first) <= day <= _number(span.last)


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def estimated_realisation(
    awards: pd.DataFrame,
    savings: pd.DataFrame,
    spend: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    starts_on: date,
    ends_on: date,
    own_name: str,
    counted: Counted = "contract_life",
    measured: Iterable[str] = (),
) -> pd.DataFrame:
    """Estimate what is realised of each saving from what was bought on the contract against what was expected.

    realised = promised × spend on the contract / expected spend in the same days, where promised is the yearly saving ×
    our own share × the days that count / days of the year, and expected our own yearly purchases × the same days.
    Parameters: `awards`, AWARDS; `savings`, one row per award with procurement_id and yearly_ore, the whole
    procurement's (the triage's `procurements`); `spend`, as `contract_spend` returns it for the same awards, period and
    `counted`; `shares`, SAVING_SHARES, of which the kind organisation gives our part; `starts_on` and `ends_on`, both
    days included; `own_name`, our own organisation as among the shares; `counted`, 'contract_life' or
    'first_year_only'; `measured`, procurements to leave out because their purchases are measured. Returns one row per
    other award whose saving counts in the period, or whose days are unknown: procurement_id, title, contract_id,
    promised_ore (missing when our own part is not known), expected_ore, spend_ore, realised_ore, rate_pct, basis
    ('uppskattat' where realised is known), reason (why it is unknown, else ''). Raises MeasureError. Source: methods
    4.5.
    """
    check_period("estimated_realisation", starts_on, ends_on)
    rows = frames.plain_rows(awards, _AWARDS, "estimated_realisation")
    days = spans(rows, starts_on, ends_on, counted, "estimated_realisation")
    saved = frames.plain_rows(savings, ["procurement_id", "yearly_ore"], "estimated_realisation")
    yearly = {row["procurement_id"]: row["yearly_ore"] for row in saved}
    own = own_parts(rows, frames.plain_rows(shares, SHARE_COLUMNS, "estimated_realisation"), own_name,
                    "estimated_realisation")  # fmt: skip
    spent = {
        row["procurement_id"]: row
        for row in frames.plain_rows(spend, ["procurement_id", "spend_ore", "reason"], "estimated_realisation")
    }
    uses = Counter(row["contract_id"] for row in rows)
    without = set(measured)
    found = [
        _estimate(row, days[name], own[name], yearly.get(name), spent.get(name, {}), uses)
        for name, row in ((row["procurement_id"], row) for row in rows)
        if name not in without and not days[name].is_elsewhere
    ]
    table = frames.framed(found, _TYPES)
    return table.sort_values("procurement_id", kind="stable", ignore_index=True)


def _estimate(
    row: Mapping[str, Any],
    span: Span,
    own: OwnPart,
    yearly_ore: int | None,
    spend: Mapping[str, Any],
    uses: Mapping[str | None, int],
) -> dict[str, Any]:
    contract, expected_yearly = row["contract_id"], row["expected_yearly_ore"]
    is_shared = contract is not None and uses[contract] > 1
    amount = None if contract is None or is_shared else spend.get("spend_ore")
    promised = None if yearly_ore is None or own.part is None or span.reason else yearly_ore * own.part * span.years
    told = {
        "procurement_id": row["procurement_id"],
        "title": row["title"],
        "contract_id": contract,
        "promised_ore": None if promised is None else round_exact(promised),
        "expected_ore": None if not expected_yearly or span.reason else round_exact(expected_yearly * span.years),
        "spend_ore": amount,
    }
    checks = [
        (yearly_ore is None, NO_SAVING),
        (bool(span.reason), span.reason),
        (own.part is None, own.reason),
        (contract is None, NO_CONTRACT),
        (is_shared, SHARED_CONTRACT),
        (not expected_yearly or expected_yearly < 0, NO_EXPECTED),
        (amount is None, spend.get("reason") or NO_LINES),
    ]
    reason = next((why for wrong, why in checks if wrong), "")
    if reason or promised is None or amount is None:
        return told | {"realised_ore": None, "rate_pct": float("nan"), "basis": None, "reason": reason}
    realised = round_exact(promised * amount / (expected_yearly * span.years))
    rate = rate_pct(realised, told["promised_ore"])
    return told | {"realised_ore": realised, "rate_pct": rate, "basis": ESTIMATED, "reason": ""}
