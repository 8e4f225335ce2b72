"""The numbers of today that a business case starts from: by hand, or from the organisation's ledger and registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from procanalysis.business_case.building import TrackRecord
from procanalysis.measures import realisation, savings, wording
from procanalysis.measures.frames import NativeFrame
from procanalysis.measures.loyalty import category_loyalty
from procanalysis.measures.opportunities import category_profile
from procanalysis.measures.realisation.rates import MEASURED
from procanalysis.organisation import Organisation
from procanalysis.params.business_case_parts import BusinessCaseParams
from procanalysis.schema import KeyFigure, kronor
from procanalysis.schema.levers import BASELINE_NUMBERS, LEVER_KINDS

_UNITS = {
    "spend_sek": "kr", "loyalty_base_sek": "kr", "loyalty_pct": "%", "suppliers_count": "st", "invoices_count": "st",
}  # fmt: skip
_YEARS_OF_RECORD = 3


@dataclass(frozen=True)
class OfToday:
    """Hold one number of today: its value or None, its unit, where it comes from, and what is reckoned from it.

    `of_ledger` tells whether the ledger and its registers gave it; `doubt` says in Swedish why it may be another.
    """

    number: str
    name: str
    value: Decimal | int | None
    unit: str
    origin: str
    used_by: str
    of_ledger: bool = False
    doubt: str = ""


def todays_numbers(
    params: BusinessCaseParams, organisation: Organisation | None, lines: NativeFrame | None
) -> tuple[OfToday, ...]:
    """Find every number of today; one by hand goes before the ledger's.

    Parameters: params; organisation and lines, whose ledger and which of its postings, both None without a ledger.
    Returns one OfToday per name of BASELINE_NUMBERS, in that order.
    """
    by_hand = params.baseline.by_hand
    ledger = dict(_of_ledger(organisation, lines)) if organisation is not None and lines is not None else {}
    found: dict[str, OfToday] = {}
    for number, name in BASELINE_NUMBERS.items():
        users, unit = _users(params, number), _UNITS[number]
        given, told = by_hand.numbers[number], ledger.get(number)
        if given is not None:
            found[number] = OfToday(number, name, given, unit, by_hand.evidence, users)
        elif number == "loyalty_base_sek" and by_hand.base_is_spend:
            spend = found["spend_sek"]
            origin = f"Inköp per år, eftersom troheten är angiven för hand ({spend.origin})"
            found[number] = OfToday(number, name, spend.value, unit, origin, users, spend.of_ledger)
        elif told is None:
            found[number] = OfToday(number, name, None, unit, "Inte angivet", users)
        else:
            known = told.value is not None
            found[number] = OfToday(number, name, told.value, unit, told.origin, users, known, told.doubt)
    return tuple(found.values())


def _users(params: BusinessCaseParams, number: str) -> str:
    """Name the levers that are reckoned from a number."""
    levers = [lever for each in params.alternatives for lever in each.levers if lever.benefit != "quality"]
    return "; ".join(lever.title for lever in levers if number in LEVER_KINDS[lever.kind].needs)


@dataclass(frozen=True)
class _Told:
    """Hold what the ledger tells of one number: its value, in words what it is, and why it may be another."""

    value: Decimal | int | None
    origin: str
    doubt: str = ""


def _of_ledger(organisation: Organisation, lines: NativeFrame) -> Iterator[tuple[str, _Told]]:
    """Yield each number of the ledger, per twelve months."""
    months = organisation.period.months
    period = organisation.period_name
    per_year = "" if months == 12 else f", omräknat till tolv månader från {months}"
    profile = category_profile(lines)
    spend = _per_year(kronor(profile.amount_ore), months)
    if spend > 0:
        yield "spend_sek", _Told(spend, f"Inköp enligt leverantörsreskontran, {period}{per_year}")
    else:
        yield "spend_sek", _Told(None, f"Nettobeloppet i leverantörsreskontran är inte över noll, {period}")
    yield from _loyalty(category_loyalty(lines), months, period, per_year)
    yield "suppliers_count", _Told(profile.positive_suppliers_count, f"Leverantörer med inköp över noll, {period}")
    yield "invoices_count", _Told(round(profile.invoices_count * 12 / months), f"Fakturor, {period}{per_year}")


def _loyalty(figure: KeyFigure, months: int, period: str, per_year: str) -> Iterator[tuple[str, _Told]]:
    """Yield loyalty and the purchases that it is a share of: not all of the category's are."""
    if figure.value is None or figure.denominator is None:
        for number in ("loyalty_base_sek", "loyalty_pct"):
            yield number, _Told(None, figure.unknown_because)
        return
    outside = ", ".join(
        each.reason if each.amount_ore is None else f"{each.reason} {wording.amount_text(each.amount_ore)}"
        for each in figure.excluded
    )
    base = f"Inköp som LOU omfattar enligt leverantörsreskontran, {period}{per_year}"
    base += f" (utanför: {outside})" if outside else ""
    yield "loyalty_base_sek", _Told(_per_year(figure.denominator, months), base)
    value = figure.value.quantize(Decimal("0.01"))
    span = figure.comparison
    said = f"Trohet inom kategori och deltagare, det som är belagt i avtalsregistret, {period}"
    doubt = (
        f"Avtalstroheten i dag ligger {span}, och kalkylen räknar från den lägsta. Är den högre blir nyttan av högre "
        "trohet mindre."
    )
    yield "loyalty_pct", _Told(value, f"{said} ({span})" if span else said, doubt if span else "")


def _per_year(amount_sek: Decimal, months: int) -> Decimal:
    return (amount_sek * 12 / months).quantize(Decimal("0.01"))


def own_track_record(organisation: Organisation) -> TrackRecord | None:
    """Tell how much of its promised savings the organisation has realised in the last three calendar years.

    Returns None when too few procurements have both. Measured and estimated realisation both count; the evidence says
    how many procurements there are of each, one that is estimated in some year as estimated.
    """
    chosen = organisation.params.reports.savings
    triage = savings.saving_triage(
        organisation.awards,
        organisation.bids,
        organisation.contract_prices,
        **chosen.method_choices,
    )
    own_name = organisation.params.name
    rates = []
    last = organisation.as_of.year
    for year in range(last - _YEARS_OF_RECORD + 1, last + 1):
        first_day, last_day = date(year, 1, 1), min(date(year, 12, 31), organisation.as_of)
        measured = realisation.realised_savings(
            organisation.awards,
            triage.articles,
            organisation.priced_purchases,
            organisation.saving_shares,
            starts_on=first_day,
            ends_on=last_day,
            own_name=own_name,
            counted=chosen.counted,
        )
        spent = realisation.contract_spend(
            organisation.all_lines,
            organisation.awards,
            starts_on=first_day,
            ends_on=last_day,
            counted=chosen.counted,
        )
        estimated = realisation.estimated_realisation(
            organisation.awards,
            triage.procurements,
            spent,
            organisation.saving_shares,
            starts_on=first_day,
            ends_on=last_day,
            own_name=own_name,
            counted=chosen.counted,
            measured=measured.rows["procurement_id"],
        )
        rates.append(realisation.realisation_rates(measured, estimated))
    record = realisation.track_record(rates, include_estimated=True)
    if record.low_pct is None or record.likely_pct is None or record.high_pct is None:
        return None
    guessed = _estimated_count(rates)
    evidence = (
        f"Egen historik {last - _YEARS_OF_RECORD + 1}–{last}: {record.procurements_count} upphandlingar med både "
        f"möjliggjord och realiserad besparing, varav {record.procurements_count - guessed} uppmätta och {guessed} "
        "uppskattade (10:e, 50:e och 90:e percentilen)"
    )
    return TrackRecord(record.low_pct, record.likely_pct, record.high_pct, evidence)


def _estimated_count(rates: Sequence[pd.DataFrame]) -> int:
    """Count the procurements of a track record whose realisation is estimated in some of the years."""
    rows = pd.concat(rates).dropna(subset=["basis"])
    promised = rows.groupby("procurement_id")["promised_ore"].sum()
    counted = rows[rows["procurement_id"].isin(promised.index[promised > 0])]
    return int(counted.loc[counted["basis"] != MEASURED, "procurement_id"].nunique())
