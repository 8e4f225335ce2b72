"""The headline figures of savings: what is enabled, avoided and negotiated, and how much can be measured at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from procanalysis.measures import frames, wording
from procanalysis.measures.savings.carry_over import CarryOver
from procanalysis.measures.savings.reckoned import REGISTER_MISSING, Row
from procanalysis.measures.savings.triage import SavingTriage
from procanalysis.measures.savings.years import year_amounts
from procanalysis.schema import Exclusion, KeyFigure, kronor, percent

_TRIAGE_COLUMNS = ("procurement_id", "starts_on", "bids_count", "method", "yearly_ore", "negotiation_ore")
_LEDGER_COLUMNS = ("year", "procurement_id", "is_new", "saving_ore", "cost_avoidance_ore")
_NO_START = "Avtalets startdag saknas"
_NO_METHOD = "Ingen metod för besparing kan användas"
_COUNTED = "upphandlingar"


def measurable_procurements_share(triage: SavingTriage, *, year: int | None = None) -> KeyFigure:
    """Tell how large a share of the procurements has a saving that some method can reckon.

    Formula: procurements with a method × 100 / all procurements. One that cannot be measured is part of the
    denominator, not left out.

    Parameters: `triage`, as `saving_triage` returns it. `year` keeps the contracts that start that calendar year; None
    takes the whole register.
    Returns: a KeyFigure in percent of procurements; with a year, those without start day are left out and counted.
    Source: requirement R75 (32 % in 2025).
    """
    return _share(
        "measurable_procurements_share",
        "Upphandlingar med beräknad besparing",
        triage,
        year,
        lambda row: row["method"] is not None,
    )


def single_or_two_bids_share(triage: SavingTriage, *, year: int | None = None) -> KeyFigure:
    """Tell how large a share of the procurements got one or two bids, too few for a market price.

    Formula: procurements with one or two bids × 100 / procurements whose bids are known.

    Parameters: `triage`, as `saving_triage` returns it. `year` keeps the contracts that start that calendar year; None
    takes the whole register.
    Returns: a KeyFigure in percent of procurements; those without known bids, and with a year those without start day,
    are left out and counted.
    Source: requirement R76 (60 % in 2025).
    """
    return _share(
        "single_or_two_bids_share",
        "Egna upphandlingar med ett eller två anbud",
        triage,
        year,
        lambda row: None if row["bids_count"] is None else row["bids_count"] <= 2,
        unknown="Antalet anbud är okänt",
    )


def enabled_saving(carried: CarryOver, *, year: int, currency: str = "SEK") -> KeyFigure:
    """Sum the year's enabled saving: of contracts that start that year and of those that run since earlier years.

    Formula: Σ saving_ore of the ledger's rows of the year. Cost avoidance is never part of it.

    Parameters: `carried`, as `carry_over` returns it. `year` is the calendar year. `currency` is the organisation's.
    Returns: a KeyFigure in kronor. Left out and counted are savings that cannot be split over years, with their yearly
    amount, and procurements without any method whose contract runs, or may run, in the year, whose amount is unknown.
    Unknown when no saving is known for that year or any year before it.
    Source: methods.md 4.1 and 4.4, requirement R77.
    """
    rows = frames.plain_rows(carried.ledger, _LEDGER_COLUMNS, "enabled_saving")
    amounts = year_amounts(rows, year)
    known = amounts["saving_ore"]
    comparison = ""
    if known is not None:
        new, running = (wording.amount_text(amounts[name], currency) for name in ("new_ore", "running_ore"))
        comparison = f"{new} från avtal som började {year} och {running} från tidigare avtal"
    return KeyFigure(
        id="enabled_saving",
        label=f"Möjliggjord besparing {year}",
        value=None if known is None else kronor(known),
        unit=currency,
        method="enabled_saving",
        excluded=(*_not_split(carried, "yearly_ore"), *_not_measured(carried, year)),
        comparison=comparison,
        unknown_because="" if known is not None else _why_nothing(carried, f"Ingen besparing är känd för {year}"),
    )


def cost_avoidance(carried: CarryOver, *, year: int, currency: str = "SEK") -> KeyFigure:
    """Sum the year's avoided cost: price increases that were asked for and refused.

    Formula: Σ cost_avoidance_ore of the ledger's rows of the year. Last year's cost does not fall by it, so it is never
    added to the enabled saving.

    Parameters: `carried`, as `carry_over` returns it. `year` is the calendar year. `currency` is the organisation's.
    Returns: a KeyFigure in kronor. Left out and counted are amounts that cannot be split over years. Unknown when no
    refused increase is known for that year or any year before it.
    Source: methods.md 4.1 and 4.2, method 4.
    """
    rows = frames.plain_rows(carried.ledger, _LEDGER_COLUMNS, "cost_avoidance")
    known = year_amounts(rows, year)["cost_avoidance_ore"]
    return KeyFigure(
        id="cost_avoidance",
        label=f"Kostnadsundvikande {year}",
        value=None if known is None else kronor(known),
        unit=currency,
        method="cost_avoidance",
        excluded=_not_split(carried, "cost_avoidance_ore"),
        comparison="" if known is None else "Läggs inte ihop med den möjliggjorda besparingen",
        unknown_because="" if known is not None else _why_nothing(carried, f"Inget är känt för {year}"),
    )


def negotiated_saving(triage: SavingTriage, *, year: int | None = None, currency: str = "SEK") -> KeyFigure:
    """Sum what negotiation took off the winners' first prices, per year of contract.

    Formula: Σ (B_first - B_final) × Q / Q_eval over the procurements that have both. A memo figure: the same kronor may
    be part of a saving by another method, so it is never added to the enabled saving.

    Parameters: `triage`, as `saving_triage` returns it. `year` keeps the contracts that start that calendar year; None
    takes the whole register. `currency` is the organisation's.
    Returns: a KeyFigure in kronor, with the number of procurements as comparison; with a year, negotiated ones without
    start day are left out and counted.
    Source: methods.md 4.2, method 3; requirement R84.
    """
    rows = frames.plain_rows(triage.procurements, _TRIAGE_COLUMNS, "negotiated_saving")
    having = [row for row in rows if row["negotiation_ore"] is not None]
    chosen, undated = _of_year(having, year)
    because = ""
    if not chosen:
        because = "Ingen förhandling med första och slutligt anbud" if rows else REGISTER_MISSING
    left = Exclusion.of(_NO_START, [row["negotiation_ore"] for row in undated], counted=_COUNTED)
    return KeyFigure(
        id="negotiated_saving",
        label="Besparing genom förhandling",
        value=None if because else kronor(sum(row["negotiation_ore"] for row in chosen)),
        unit=currency,
        method="negotiated_saving",
        excluded=(left,) if undated else (),
        comparison="" if because else f"{len(chosen)} {'upphandling' if len(chosen) == 1 else 'upphandlingar'}",
        unknown_because=because,
    )


def _share(
    name: str,
    label: str,
    triage: SavingTriage,
    year: int | None,
    answer: Callable[[Row], bool | None],
    *,
    unknown: str = "",
) -> KeyFigure:
    """Count the procurements for which the answer is yes; those without answer or start day are left out."""
    rows = frames.plain_rows(triage.procurements, _TRIAGE_COLUMNS, name)
    chosen, undated = _of_year(rows, year)
    answers = [(row, answer(row)) for row in chosen]
    known = [said for _, said in answers if said is not None]
    left = ((_NO_START, undated), (unknown, [row for row, said in answers if said is None]))
    because = ""
    if not rows:
        because = REGISTER_MISSING
    elif not chosen:
        because = f"Inget avtal i registret började {year}"
    elif not known:
        because = unknown
    return KeyFigure(
        id=name,
        label=label,
        value=None if because else percent(sum(known), len(known)),
        unit="%",
        method=name,
        numerator=None if because else Decimal(sum(known)),
        denominator=None if because else Decimal(len(known)),
        part_unit="st",
        excluded=tuple(
            Exclusion.of(why, [row["yearly_ore"] for row in those], counted=_COUNTED) for why, those in left if those
        ),
        unknown_because=because,
    )


def _of_year(rows: Sequence[Row], year: int | None) -> tuple[list[Row], list[Row]]:
    """Keep the contracts that start in the year, and tell which cannot be placed."""
    if year is None:
        return list(rows), []
    dated = [row for row in rows if row["starts_on"] is not None and row["starts_on"].year == year]
    return dated, [row for row in rows if row["starts_on"] is None]


def _not_split(carried: CarryOver, column: str) -> tuple[Exclusion, ...]:
    sums: dict[str, list[int]] = {}
    for row in frames.plain_rows(carried.left_out, ["reason", column], "carry_over"):
        if row[column] is not None:
            sums.setdefault(row["reason"], []).append(row[column])
    return tuple(Exclusion.of(reason, amounts, counted=_COUNTED) for reason, amounts in sums.items())


def _not_measured(carried: CarryOver, year: int) -> tuple[Exclusion, ...]:
    count = 0
    for row in frames.plain_rows(carried.without_method, ["starts_on", "ends_on"], "enabled_saving"):
        begins, ends = row["starts_on"] or date.min, row["ends_on"] or date.max
        count += begins.year <= year <= ends.year
    return (Exclusion(_NO_METHOD, count, None, _COUNTED),) if count else ()


def _why_nothing(carried: CarryOver, otherwise: str) -> str:
    is_register = any(len(frame) for frame in (carried.ledger, carried.left_out, carried.without_method))
    return otherwise if is_register else REGISTER_MISSING
