"""Follow-up of suppliers and contracts: what was done, what is due, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.schema import FOLLOW_UP_KINDS, FOLLOW_UPS, Exclusion, KeyFigure, kronor, names, percent

SOON_MONTHS = 3
KINDS_OF_CLASS: dict[str, tuple[str, ...]] = {
    "A": ("meeting",),
    "B": ("meeting",),
    "C": ("meeting", "check_in"),
    "D": ("meeting", "check_in"),
}
"""Which follow-ups count for a contract of each class. Source: published/contract_classes.csv."""

DUE_STATES: dict[str, str] = {
    "overdue": "Försenad",
    "soon": "Inom tre månader",
    "later": "Senare",
    "ends_before": "Avtalet slutar före nästa uppföljning",
    "unknown": "Okänt",
}
_CONTRACT_COLUMNS = (
    "contract_id", "title", "supplier_names", "contract_class", "owner", "starts_on", "ends_on",
)  # fmt: skip
_COLUMNS = names(FOLLOW_UPS)


def _months_later(day: date, months: int) -> date:
    """Add months; the 31st becomes the last day of a shorter month."""
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def _done_in(row: Mapping[str, Any], starts_on: date, ends_on: date) -> bool:
    return row["done_on"] is not None and starts_on <= row["done_on"] <= ends_on


def _check_period(measure: str, starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise MeasureError(f"{measure}: the period ends on {ends_on}, before it starts on {starts_on}. Swap the days.")


def follow_ups_done(
    follow_ups: pd.DataFrame, *, starts_on: date, ends_on: date, yearly_goal: int | None = None
) -> KeyFigure:
    """Tell how large a share of the follow-ups that should be done in the period are done.

    With a goal: share = follow-ups done in the period × 100 / (yearly_goal × months of the period / 12). Without: share
    = those planned in the period and done by its last day × 100 / those planned in the period. Parameters:
    `follow_ups`, the register, empty when there is none; `starts_on` and `ends_on`, first and last day of whole months;
    `yearly_goal`, follow-ups a year, above zero, or None. Returns a KeyFigure in percent, counted in st; unknown
    without register, and without goal when nothing was planned. Raises MeasureError. Source: requirement R122.

    >>> register = pd.DataFrame({name: [None, None] for name in names(FOLLOW_UPS)}).assign(
    ...     done_on=pd.to_datetime(["2025-03-01", "2025-12-31"]))
    >>> follow_ups_done(register, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), yearly_goal=8).value
    Decimal('25')
    """
    _check_period("follow_ups_done", starts_on, ends_on)
    if yearly_goal is not None and yearly_goal <= 0:
        raise MeasureError(f"follow_ups_done: yearly_goal is {yearly_goal}. Give a number above zero, or None.")
    register = frames.plain_rows(follow_ups, _COLUMNS, "follow_ups_done")
    done = sum(_done_in(row, starts_on, ends_on) for row in register)
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month + 1
    if yearly_goal is not None:
        wanted, against = Decimal(yearly_goal * months) / 12, "Mot årsmålet"
    else:
        due = [row for row in register if row["planned_on"] is not None and starts_on <= row["planned_on"] <= ends_on]
        done = sum(row["done_on"] is not None and row["done_on"] <= ends_on for row in due)
        wanted, against = Decimal(len(due)), "Mot de planerade"
    because = ""
    if not register:
        because = wording.NO_FOLLOW_UP_REGISTER
    elif not wanted:
        because = "Inget årsmål är satt, och ingen uppföljning var planerad i perioden"
    return KeyFigure(
        id="follow_ups_done",
        label="Genomförda uppföljningar",
        value=None if because else percent(done, wanted),
        unit="%",
        method="follow_ups_done",
        numerator=None if because else Decimal(done),
        denominator=None if because else wanted,
        part_unit="st",
        comparison="" if because else against,
        unknown_because=because,
    )


@dataclass(frozen=True)
class _FollowedUp:
    """Count the suppliers over a limit, and those of them that were followed up."""

    suppliers: int
    amount_ore: int
    followed: int
    followed_ore: int
    excluded: tuple[Exclusion, ...]
    unknown_because: str


def _followed_up(
    matched: NativeFrame, follow_ups: pd.DataFrame, above_ore: int, starts_on: date, ends_on: date, measure: str
) -> _FollowedUp:
    _check_period(measure, starts_on, ends_on)
    if above_ore < 0:
        raise MeasureError(f"{measure}: above_ore is {above_ore}. Give zero or more.")
    frame = frames.lazy(matched, ["supplier_key", "invoice_key", "spend_class", "amount_ore"], measure)
    no_purchase = nw.when(nw.col("spend_class") == "ej inköp").then(1).otherwise(0)
    per_supplier = frames.sums(frame.filter(no_purchase == 0), ["supplier_key"])
    large = per_supplier[per_supplier["amount_ore"] > above_ore]
    rest = per_supplier[per_supplier["amount_ore"] <= above_ore]
    register = frames.plain_rows(follow_ups, _COLUMNS, measure)
    done = {row["supplier_key"] for row in register if _done_in(row, starts_on, ends_on)}
    followed = large[large["supplier_key"].isin(done)]
    excluded = frames.exclusion("Ej inköp", frame.filter(no_purchase == 1))
    if len(rest):
        reason = f"Leverantörer på högst {wording.amount_text(above_ore)} ({wording.number_text(len(rest))} st)"
        excluded += (Exclusion(reason, int(rest["lines_count"].sum()), int(rest["amount_ore"].sum())),)
    because = "" if len(large) else f"Ingen leverantör ligger över {wording.amount_text(above_ore)} i perioden"
    return _FollowedUp(
        suppliers=len(large),
        amount_ore=int(large["amount_ore"].sum()),
        followed=len(followed),
        followed_ore=int(followed["amount_ore"].sum()),
        excluded=excluded,
        unknown_because=because if register else wording.NO_FOLLOW_UP_REGISTER,
    )


def suppliers_followed_up_share(
    matched: NativeFrame, follow_ups: pd.DataFrame, *, above_ore: int, starts_on: date, ends_on: date
) -> KeyFigure:
    """Tell how large a share of the suppliers over a volume limit were followed up in the period.

    share = suppliers with a net volume above the limit and at least one follow-up done in the period × 100 / all
    suppliers with a net volume above the limit. Parameters: `matched`, the period's postings; `follow_ups`, the
    register, empty when there is none; `above_ore`, net volume, zero or more, not itself included; `starts_on` and
    `ends_on`, the period, both days included. Returns a KeyFigure in percent, counted in st; what is no purchase and
    smaller suppliers are left out and returned. Raises MeasureError. Source: requirement R127.
    """
    found = _followed_up(matched, follow_ups, above_ore, starts_on, ends_on, "suppliers_followed_up_share")
    known = not found.unknown_because
    return KeyFigure(
        id="suppliers_followed_up_share",
        label=f"Uppföljda leverantörer över {wording.amount_text(above_ore)}",
        value=percent(found.followed, found.suppliers) if known else None,
        unit="%",
        method="suppliers_followed_up_share",
        numerator=Decimal(found.followed) if known else None,
        denominator=Decimal(found.suppliers) if known else None,
        part_unit="st",
        excluded=found.excluded,
        unknown_because=found.unknown_because,
    )


def followed_up_volume_share(
    matched: NativeFrame, follow_ups: pd.DataFrame, *, above_ore: int, starts_on: date, ends_on: date
) -> KeyFigure:
    """Tell how large a share of the volume over the limit goes to suppliers that were followed up in the period.

    As suppliers_followed_up_share, with the suppliers' net volumes instead of their number. Parameters: the same.
    Returns a KeyFigure in percent, in kronor. Raises MeasureError. Source: requirement R127.
    """
    found = _followed_up(matched, follow_ups, above_ore, starts_on, ends_on, "followed_up_volume_share")
    known = not found.unknown_because
    return KeyFigure(
        id="followed_up_volume_share",
        label=f"Volym hos uppföljda leverantörer över {wording.amount_text(above_ore)}",
        value=percent(found.followed_ore, found.amount_ore) if known else None,
        unit="%",
        method="followed_up_volume_share",
        numerator=kronor(found.followed_ore) if known else None,
        denominator=kronor(found.amount_ore) if known else None,
        part_unit="SEK",
        excluded=found.excluded,
        unknown_because=found.unknown_because,
    )


def follow_ups_due(
    contracts: pd.DataFrame, follow_ups: pd.DataFrame, *, months_between: Mapping[str, int], as_of: date
) -> pd.DataFrame:
    """List for each contract in force when it was last followed up, and when it is to be next.

    next day = last done (a kind of KINDS_OF_CLASS, done by as_of), or else the contract's first day, plus the months of
    its class. Overdue when that day lies before as_of; soon when at most SOON_MONTHS after it. Parameters:
    `contracts` and `follow_ups`, the registers, empty when there is none; `months_between`, class → months, above zero;
    `as_of`, the day of reckoning. Returns one row per contract that has not ended and has begun, or may have, the most
    overdue first: contract_id, title, supplier_names, contract_class, owner, follow_up_form, months_between, last_on,
    next_on, planned_on (the first planned and not done), days_late (above zero when overdue), state (one of
    DUE_STATES), state_name, unknown_because. Raises MeasureError. Source: methods 7; requirements R121, R123.
    """
    for name, months in months_between.items():
        if months <= 0:
            raise MeasureError(f"follow_ups_due: class {name} has {months} months. Give a number above zero.")
    register = frames.plain_rows(follow_ups, _COLUMNS, "follow_ups_due")
    rows = []
    for row in frames.plain_rows(contracts, _CONTRACT_COLUMNS, "follow_ups_due"):
        ended = row["ends_on"] is not None and row["ends_on"] < as_of
        if not ended and (row["starts_on"] is None or row["starts_on"] <= as_of):
            own = [each for each in register if each["contract_id"] == row["contract_id"]]
            rows.append(row | _next(row, own, months_between, as_of, bool(register)))
    rows.sort(key=lambda row: (row["next_on"] is None, row["next_on"] or as_of, row["contract_id"]))
    columns = [
        "contract_id", "title", "supplier_names", "contract_class", "owner", "follow_up_form", "months_between",
        "last_on", "next_on", "planned_on", "days_late", "state", "state_name", "unknown_because",
    ]  # fmt: skip
    days = dict.fromkeys(["last_on", "next_on", "planned_on"], "datetime64[us]")
    numbers = {"months_between": "Int64", "days_late": "Int64"}
    return pd.DataFrame(rows, columns=columns, dtype=object).astype(days | numbers)


def _next(
    row: Mapping[str, Any],
    own: Sequence[Mapping[str, Any]],
    months_between: Mapping[str, int],
    as_of: date,
    has_register: bool,
) -> dict[str, Any]:
    chosen = row["contract_class"] or ""
    counting = [each for each in own if each["kind"] in KINDS_OF_CLASS.get(chosen, ())]
    last = max((e["done_on"] for e in counting if e["done_on"] is not None and e["done_on"] <= as_of), default=None)
    planned = min((e["planned_on"] for e in own if e["done_on"] is None and e["planned_on"] is not None), default=None)
    months, base = months_between.get(chosen), last or row["starts_on"]
    because = ""
    if not has_register:
        because = wording.NO_FOLLOW_UP_REGISTER
    elif months is None:
        because = "Avtalet har ingen klass i registret" if not chosen else f"Klass {chosen} har inget intervall"
    elif base is None:
        because = "Avtalet har inte följts upp, och dess första dag är okänd"
    found = None if because or months is None or base is None else _months_later(base, months)
    late = None if found is None else (as_of - found).days
    state = _due_state(found, row["ends_on"], as_of)
    return {
        "follow_up_form": wording.FOLLOW_UP_FORMS.get(chosen, ""),
        "months_between": months,
        "last_on": last,
        "next_on": found,
        "planned_on": planned,
        "days_late": late,
        "state": state,
        "state_name": DUE_STATES[state],
        "unknown_because": because,
    }


def _due_state(next_on: date | None, ends_on: date | None, as_of: date) -> str:
    if next_on is None:
        return "unknown"
    if next_on < as_of:
        return "overdue"
    if ends_on is not None and next_on > ends_on:
        return "ends_before"
    return "soon" if next_on <= _months_later(as_of, SOON_MONTHS) else "later"


def follow_ups_due_by_class(due: pd.DataFrame) -> pd.DataFrame:
    """Count per contract class what is overdue, soon due and later.

    Parameters: `due`, as `follow_ups_due` returns it. Returns one row per class in order, contracts without class last:
    class_name, contracts_count, overdue_count, soon_count, later_count, ends_before_count, unknown_count.
    """
    rows = []
    for name in [*sorted(set(due["contract_class"].dropna())), None]:
        chosen = due[due["contract_class"].isna() if name is None else due["contract_class"] == name]
        if name is not None or len(chosen):
            counts = {f"{state}_count": int((chosen["state"] == state).sum()) for state in DUE_STATES}
            rows.append({"class_name": name or "Utan klass", "contracts_count": len(chosen), **counts})
    columns = [
        "class_name", "contracts_count", "overdue_count", "soon_count", "later_count", "ends_before_count",
        "unknown_count",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"class_name": "str"} | dict.fromkeys(columns[1:], "int64"))


def _is_open(row: Mapping[str, Any], as_of: date) -> bool:
    found_later = row["done_on"] is not None and row["done_on"] > as_of
    return row["deviation"] is not None and not found_later and (row["closed_on"] is None or row["closed_on"] > as_of)


def follow_ups_by_kind(follow_ups: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Count the follow-ups per year, kind and result, with what they found.

    Parameters: `follow_ups`, the register, empty when there is none; `as_of`, the day of reckoning: what was done later
    counts as not done. Returns one row per year (of done_on, else of planned_on; missing when neither is known), kind
    and result, latest year first: year, kind, kind_name, result, done_count, not_done_count, deviations_count,
    open_deviations_count, escalated_count, highest_step (of the escalation ladder; missing when none was escalated).
    Raises MeasureError. Source: requirements R124, R131.
    """
    cells: dict[tuple[int, int, str], list[dict[str, Any]]] = {}
    order = list(FOLLOW_UP_KINDS)
    for row in frames.plain_rows(follow_ups, _COLUMNS, "follow_ups_by_kind"):
        row["is_done"] = row["done_on"] is not None and row["done_on"] <= as_of
        day = row["done_on"] or row["planned_on"]
        # 0 stands for a missing year, so that the rows can be put in order.
        place = (day.year if day else 0, order.index(row["kind"]), (row["result"] or "") if row["is_done"] else "")
        cells.setdefault(place, []).append(row)
    rows = []
    for (year, kind, result), found in sorted(cells.items(), key=lambda cell: (-cell[0][0], *cell[0][1:])):
        steps = [row["escalation_step"] for row in found if row["escalation_step"] is not None]
        rows.append(
            {
                "year": year or None,
                "kind": order[kind],
                "kind_name": FOLLOW_UP_KINDS[order[kind]],
                "result": result,
                "done_count": sum(row["is_done"] for row in found),
                "not_done_count": sum(not row["is_done"] for row in found),
                "deviations_count": sum(row["is_done"] and row["deviation"] is not None for row in found),
                "open_deviations_count": sum(row["is_done"] and _is_open(row, as_of) for row in found),
                "escalated_count": len(steps),
                "highest_step": max(steps, default=None),
            }
        )
    columns = [
        "year", "kind", "kind_name", "result", "done_count", "not_done_count", "deviations_count",
        "open_deviations_count", "escalated_count", "highest_step",
    ]  # fmt: skip
    types = {name: "int64" if name.endswith("_count") else "str" for name in columns}
    return pd.DataFrame(rows, columns=columns).astype(types | {"year": "Int64", "highest_step": "Int64"})


def open_deviations(follow_ups: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """List the deviations that have not been put right.

    Parameters: `follow_ups`, the register; `as_of`, the day of reckoning. Returns one row per follow-up whose deviation
    was found by then (or on an unknown day) and not closed by then, highest step of the escalation ladder and then the
    oldest first: follow_up_id, supplier_key, supplier_name, contract_id, kind_name, done_on, deviation,
    escalation_step, days_open (missing when the day is unknown). Raises MeasureError. Source: requirement R124.
    """
    rows = [
        row
        | {
            "kind_name": FOLLOW_UP_KINDS[row["kind"]],
            "days_open": None if row["done_on"] is None else (as_of - row["done_on"]).days,
        }
        for row in frames.plain_rows(follow_ups, _COLUMNS, "open_deviations")
        if _is_open(row, as_of)
    ]
    rows.sort(key=lambda row: (-(row["escalation_step"] or 0), row["done_on"] or as_of, row["follow_up_id"]))
    columns = [
        "follow_up_id", "supplier_key", "supplier_name", "contract_id", "kind_name", "done_on", "deviation",
        "escalation_step", "days_open",
    ]  # fmt: skip
    types = {"done_on": "datetime64[us]", "escalation_step": "Int64", "days_open": "Int64"}
    return pd.DataFrame(rows, columns=columns, dtype=object).astype(types)
