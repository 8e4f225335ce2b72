"""What each alternative gains and costs, year by year, beside doing nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from procanalysis.measures import frames
from procanalysis.measures.business_case.flows import exactly, reckon
from procanalysis.measures.business_case.model import DO_NOTHING_ID, DRIFT, Alternative, Case
from procanalysis.schema import round_ore
from procanalysis.schema.levers import BENEFIT_KINDS, COST_KINDS, LEVER_KINDS

RUNNING = "Löpande"


@dataclass(frozen=True)
class RoundedFlows:
    """Hold the öre of one alternative per year: by lever and cost, and summed."""

    gains: dict[str, list[int]]
    costs: dict[str, list[int]]
    benefit: list[int]
    one_off: list[int]
    running: list[int]
    time: list[int]

    @property
    def net(self) -> list[int]:
        """Gains in money less costs."""
        parts = zip(self.benefit, self.one_off, self.running, strict=True)
        return [benefit - once - yearly for benefit, once, yearly in parts]


def rounded_flows(case: Case, alternative: Alternative) -> RoundedFlows:
    """Round each lever and cost of each year once, at the likely values; what is summed is what is shown."""
    years = case.horizon_years + 1
    with exactly():
        flows = reckon(case, alternative, case.likely, Decimal)
        gains = {name: [round_ore(part * 100) for part in parts] for name, parts in flows.gains.items()}
        costs = {name: [round_ore(part * 100) for part in parts] for name, parts in flows.costs.items()}

    def total(parts: list[list[int]]) -> list[int]:
        return [sum(part[year] for part in parts) for year in range(years)]

    cash = [gains[lever.id] for lever in alternative.levers if lever.benefit == "cash"]
    time = [gains[lever.id] for lever in alternative.levers if lever.benefit == "time"]
    once = [costs[cost.driver_id] for cost in alternative.costs if cost.is_one_off]
    yearly = [costs[cost.driver_id] for cost in alternative.costs if not cost.is_one_off]
    return RoundedFlows(gains, costs, total(cash), total(once), total(yearly), total(time))


def counted_day(case: Case, year: int) -> date:
    """The day on which the flow of a year is counted: the end of its twelve months; 28 February for a leap day."""
    try:
        return case.starts_on.replace(year=case.starts_on.year + year)
    except ValueError:
        return case.starts_on.replace(year=case.starts_on.year + year, day=28)


def cash_flows(case: Case) -> pd.DataFrame:
    """Lay out the flows of every alternative, year by year, beside doing nothing.

    net = benefit - one-off - running costs. Time and quality are never part of it.
    Parameters: case. Returns one row per alternative and year from 0, doing nothing first: alternative_number,
    alternative_id, alternative_title, year, counted_on (the start, then the end of each twelve months), benefit_ore,
    one_off_ore, running_ore, net_ore, cumulated_ore, time_ore (memo), spend_ore (purchases of that year if nothing is
    done; missing when unknown).
    Source: methods 9.

    >>> from procanalysis.schema.levers import ONE_OFF_DRIVER
    >>> from procanalysis.measures.business_case import Alternative, Case, Cost, Driver
    >>> cost = Driver(id="a.one_off.1", name="Bok", kind=ONE_OFF_DRIVER, low=Decimal(9), likely=Decimal(9),
    ...               high=Decimal(9))
    >>> once = Cost(driver_id="a.one_off.1", title="Bok", first_year=0, last_year=0, is_one_off=True)
    >>> case = Case(title="A", starts_on=date(2026, 1, 1), horizon_years=1, rate_pct=Decimal(2), today={},
    ...             drivers=(cost,), alternatives=(Alternative(id="a", title="Köp bok", costs=(once,)),))
    >>> cash_flows(case)["net_ore"].tolist()
    [0, 0, -900, 0]
    """
    years = range(case.horizon_years + 1)
    spend = _spend(case)
    rows: list[tuple[object, ...]] = []
    nothing = RoundedFlows({}, {}, *([0] * len(years) for _ in range(4)))
    listed = [(DO_NOTHING_ID, case.do_nothing_title, nothing)]
    listed += [(each.id, each.title, rounded_flows(case, each)) for each in case.alternatives]
    for number, (identity, title, flows) in enumerate(listed):
        for year in years:
            net = flows.net
            rows.append((
                number, identity, title, year, pd.Timestamp(counted_day(case, year)), flows.benefit[year],
                flows.one_off[year], flows.running[year], net[year], sum(net[: year + 1]), flows.time[year],
                spend[year],
            ))  # fmt: skip
    types = {
        "alternative_number": "int64", "alternative_id": "str", "alternative_title": "str", "year": "int64",
        "counted_on": "datetime64[us]", "benefit_ore": "int64", "one_off_ore": "int64", "running_ore": "int64",
        "net_ore": "int64", "cumulated_ore": "int64", "time_ore": "int64", "spend_ore": "Int64",
    }  # fmt: skip
    return frames.framed(rows, types)


def _spend(case: Case) -> list[int | None]:
    """What is bought each year if nothing is done."""
    today = case.today.get("spend_sek")
    if today is None:
        return [None] * (case.horizon_years + 1)
    with exactly():
        growth = 1 + case.likely.get(DRIFT, Decimal(0)) / 100
        return [round_ore(today * 100 * growth**year) for year in range(case.horizon_years + 1)]


def lever_gains(case: Case) -> pd.DataFrame:
    """List what each lever gives, with money, time and quality told apart.

    Parameters: case. Returns one row per lever: alternative_id, alternative_title, lever_id, lever_title, kind_name,
    benefit (cash, time or quality), benefit_name, first_year_ore (year 1), last_year_ore (the horizon's last year),
    total_ore (all years, not discounted), all missing for quality, and text. Source: methods 9.
    """
    rows = []
    for alternative in case.alternatives:
        gains = rounded_flows(case, alternative).gains
        for lever in alternative.levers:
            parts = gains.get(lever.id)
            amounts = (parts[1], parts[-1], sum(parts)) if parts else (None, None, None)
            rows.append((
                alternative.id, alternative.title, lever.id, lever.title, LEVER_KINDS[lever.kind].name, lever.benefit,
                BENEFIT_KINDS[lever.benefit], *amounts, lever.text,
            ))  # fmt: skip
    columns = [
        "alternative_id", "alternative_title", "lever_id", "lever_title", "kind_name", "benefit", "benefit_name",
        "first_year_ore", "last_year_ore", "total_ore", "text",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    money = dict.fromkeys(columns[7:10], "Int64")
    return frame.astype({**dict.fromkeys([*columns[:7], "text"], "str"), **money})


def costs(case: Case) -> pd.DataFrame:
    """List what each alternative costs, once or every year.

    Parameters: case. Returns one row per cost, in the order of the case: alternative_id, alternative_title, cost_title,
    kind_name ('Löpande' for one of every year), from_year, to_year (year 0 is the start), low, likely, high (decimal
    kronor, per year), unit (kr), total_ore (the likely amount over all years, not discounted). Source: methods 9.
    """
    rows = []
    for alternative in case.alternatives:
        amounts = rounded_flows(case, alternative).costs
        for cost in alternative.costs:
            driver = case.driver(cost.driver_id)
            rows.append((
                alternative.id, alternative.title, cost.title, COST_KINDS.get(cost.kind, RUNNING), cost.first_year,
                cost.last_year, driver.low, driver.likely, driver.high, driver.kind.unit,
                sum(amounts[cost.driver_id]),
            ))  # fmt: skip
    columns = [
        "alternative_id", "alternative_title", "cost_title", "kind_name", "from_year", "to_year", "low", "likely",
        "high", "unit", "total_ore",
    ]  # fmt: skip
    texts = [*columns[:4], "unit"]
    whole = ["from_year", "to_year", "total_ore"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype({**dict.fromkeys(texts, "str"), **dict.fromkeys(whole, "int64")})
