"""How large a part of what was promised is realised: measured and estimated told apart, and our own track record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.realisation.estimated import ESTIMATED
from procanalysis.measures.realisation.figures import realised_by
from procanalysis.measures.realisation.measured import UNREADABLE, Realisation, rate_pct
from procanalysis.measures.realisation.spans import NOT_IN_PERIOD
from procanalysis.schema import Exclusion, KeyFigure, kronor, percent

MEASURED = "uppmätt"
NOTHING_KNOWN = "Ingen upphandling har både utlovad och realiserad besparing"
NOT_ABOVE_ZERO = "Det utlovade är inte över noll"

_AMOUNTS = ("promised_ore", "realised_ore")
_TYPES = {
    "procurement_id": "str", "title": "str", "basis": "str", "promised_ore": "Int64", "realised_ore": "Int64",
    "rate_pct": "float64", "reason": "str",
}  # fmt: skip


def realisation_rates(realisation: Realisation, estimated: pd.DataFrame | None = None) -> pd.DataFrame:
    """List promised against realised per procurement, measured where that can be done and else estimated.

    rate = realised × 100 / promised. Parameters: `realisation`, as `realised_savings` returns it; `estimated`, as
    `estimated_realisation` returns it for the same period, or None. Returns one row per procurement that was measured
    or estimated, or could not be although its saving counts in the period: procurement_id, title, basis ('uppmätt',
    'uppskattat', missing when unknown), promised_ore, realised_ore (missing when unknown), rate_pct (missing unless
    promised is above zero), reason (why unknown, else ''). Raises MeasureError when a procurement is both measured and
    estimated. Source: methods 4.5.
    """
    by_procurement = realised_by(realisation, "procurement")
    rows: dict[str, dict[str, Any]] = {
        row["procurement_id"]: {**row, "basis": MEASURED, "reason": ""}
        for row in frames.plain_rows(by_procurement, ("procurement_id", "title", *_AMOUNTS), "realisation_rates")
    }
    needed = ("procurement_id", "title", "basis", *_AMOUNTS, "reason")
    for row in frames.plain_rows(estimated, needed, "realisation_rates") if estimated is not None else ():
        if row["procurement_id"] in rows:
            raise MeasureError(
                f"realisation_rates: procurement '{row['procurement_id']}' is both measured and estimated. Give the "
                "measured ones to estimated_realisation as `measured`."
            )
        rows[row["procurement_id"]] = row
    for row in frames.plain_rows(realisation.not_measured, ("procurement_id", "title", "reason"), "realisation_rates"):
        if row["reason"] != NOT_IN_PERIOD:
            held = rows.setdefault(row["procurement_id"], {**row, "basis": None, **dict.fromkeys(_AMOUNTS)})
            if held["basis"] is None and row["reason"] in UNREADABLE:
                # What the organisation can mend goes before why no estimate steps in.
                held["reason"] = row["reason"]
    for row in rows.values():
        known = row["realised_ore"] is not None and row["promised_ore"] is not None
        row["rate_pct"] = rate_pct(row["realised_ore"], row["promised_ore"]) if known else float("nan")
    ordered = [rows[name] for name in sorted(rows)]
    return frames.framed(ordered, _TYPES)


def realisation_rate(rates: pd.DataFrame, *, currency: str = "SEK") -> KeyFigure:
    """Tell how large a share of what was promised is realised, over the procurements where both are known.

    share = Σ realised × 100 / Σ promised. Parameters: `rates`, as `realisation_rates` returns it; `currency`, of the
    amounts. Returns a KeyFigure in percent that tells how much of all that was promised it rests on, where that is not
    the whole, and the measured and the estimated part apart; the procurements where either is unknown are left out by
    reason, with their number and what they promised where that is known; unknown when nothing above zero was promised.
    Source: methods 4.5.

    >>> rates = pd.DataFrame({"basis": ["uppmätt"], "promised_ore": [400], "realised_ore": [300], "reason": [""]})
    >>> realisation_rate(rates).value
    Decimal('75')
    """
    rows = frames.plain_rows(rates, ("basis", *_AMOUNTS, "reason"), "realisation_rate")
    known = [row for row in rows if row["basis"] is not None]
    promised, realised = (sum(row[name] for row in known) for name in _AMOUNTS)
    told = []
    for basis in (MEASURED, ESTIMATED):
        whole = sum(row["promised_ore"] for row in known if row["basis"] == basis)
        part = percent(sum(row["realised_ore"] for row in known if row["basis"] == basis), whole)
        if part is not None:
            told.append(f"{basis}: {wording.percent_text(part)} av {wording.amount_text(whole, currency)}")
    because = "" if known else NOTHING_KNOWN
    if known and promised <= 0:
        because = NOT_ABOVE_ZERO
    left: dict[str, list[int | None]] = {}
    for row in rows:
        if row["basis"] is None:
            left.setdefault(row["reason"], []).append(row["promised_ore"])
    every = sum(row["promised_ore"] or 0 for row in rows)
    if 0 < promised < every:
        followed, all_promised = (wording.amount_text(amount, currency) for amount in (promised, every))
        told.insert(0, f"{followed} av {all_promised} utlovat går att följa")
    return KeyFigure(
        id="realisation_rate",
        label="Realiseringsgrad",
        value=None if because else percent(realised, promised),
        unit="%",
        method="realisation_rate",
        numerator=kronor(realised) if known else None,
        denominator=kronor(promised) if known else None,
        part_unit=currency,
        excluded=tuple(Exclusion.of(reason, left[reason], counted="upphandlingar") for reason in sorted(left)),
        comparison="; ".join(told),
        unknown_because=because,
    )


@dataclass(frozen=True)
class TrackRecord:
    """Hold how our own promises have turned out: realised in percent of promised, low, likely and high.

    The three are None when there are too few procurements; `unknown_because` then says so in Swedish.
    """

    low_pct: Decimal | None
    likely_pct: Decimal | None
    high_pct: Decimal | None
    procurements_count: int
    unknown_because: str


def track_record(
    rates: Sequence[pd.DataFrame], *, least_procurements: int = 5, include_estimated: bool = False
) -> TrackRecord:
    """Tell how large a share of its promise a procurement has realised before: the 10th, 50th and 90th percentile.

    rate of a procurement = Σ realised × 100 / Σ promised over the periods, where promised is above zero. A percentile
    lies at (n - 1) × p among the n rates in order, straight between neighbours, rounded to two decimals. Parameters:
    `rates`, one frame per period as `realisation_rates` returns it; `least_procurements`, 2 or more, below which
    nothing is told; `include_estimated`, whether estimated realisation counts as well. Returns a TrackRecord. Raises
    MeasureError. Source: methods 9; own choice of percentiles.
    """
    if least_procurements < 2:
        raise MeasureError(f"track_record: least_procurements is {least_procurements}. Give at least 2.")
    bases = (MEASURED, ESTIMATED) if include_estimated else (MEASURED,)
    promised, realised = Counter[str](), Counter[str]()
    for frame in rates:
        needed = ("procurement_id", "basis", *_AMOUNTS)
        for row in frames.plain_rows(frame, needed, "track_record"):
            if row["basis"] in bases:
                promised[row["procurement_id"]] += row["promised_ore"]
                realised[row["procurement_id"]] += row["realised_ore"]
    shares = sorted(Fraction(realised[name] * 100, promised[name]) for name in promised if promised[name] > 0)
    if len(shares) < least_procurements:
        reason = (
            f"{wording.number_text(len(shares))} upphandlingar har både utlovad och realiserad besparing, "
            f"{wording.number_text(least_procurements)} krävs"
        )
        return TrackRecord(None, None, None, len(shares), reason)
    low, likely, high = (_percentile(shares, Fraction(tenths, 10)) for tenths in (1, 5, 9))
    return TrackRecord(low, likely, high, len(shares), "")


def _percentile(ordered: Sequence[Fraction], share: Fraction) -> Decimal:
    place = (len(ordered) - 1) * share
    below = place.__floor__()
    above = min(below + 1, len(ordered) - 1)
    exact = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"))
