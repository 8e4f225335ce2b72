"""What speaks against the alternative that the results speak for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from procanalysis.measures import wording
from procanalysis.measures.business_case.model import DO_NOTHING_ID, Alternative, Case
from procanalysis.measures.business_case.simulation import Simulation
from procanalysis.schema.levers import LEVER_KINDS, TODAY_IS_LEAST

_NOISE = 4
"""Standard errors of the mean within which a simulated value is as good as another."""

Row = Mapping[Any, Any]


def cautions(
    case: Case, rows: Sequence[Row], chosen: int, studied_id: str, simulation: Simulation | None
) -> Iterator[str]:
    """Say what speaks against the recommendation, in Swedish sentences.

    Parameters: case; rows, those of `results`; chosen, the number of the recommended one; studied_id, the alternative
    whose figures are shown; simulation, or None.
    """
    drawn = {} if simulation is None else {str(row["alternative_id"]): row for row in _summary(simulation)}
    row = rows[chosen]
    if chosen and drawn:
        yield from _simulated(row, drawn[str(row["alternative_id"])])
    if drawn:
        yield from _other_order(rows, row, drawn)
    if chosen:
        yield from _of_numbers(case, case.alternatives[chosen - 1])
    studied = next(each for each in rows if each["alternative_id"] == studied_id)
    if studied_id != DO_NOTHING_ID:
        yield from _below_today(case, case.alternative(studied_id))
    if studied["internal_rate_caution"]:
        yield f"{studied['alternative_title']}: {studied['internal_rate_caution']}."
    if not chosen:
        yield from _worth_with_time(rows)


def drawn_of(simulation: Simulation | None, identity: str) -> Row | None:
    """Return the row of an alternative in a simulation's summary."""
    rows = [] if simulation is None else _summary(simulation)
    return next((row for row in rows if row["alternative_id"] == identity), None)


def _summary(simulation: Simulation) -> list[Row]:
    return list(simulation.summary.to_dict("records"))


def _simulated(row: Row, drawn: Row) -> Iterator[str]:
    if drawn["simulated_p10_ore"] < 0:
        amount = wording.amount_text(drawn["simulated_p10_ore"])
        yield f"I ett fall av tio blir nettonuvärdet {amount} eller lägre."
    if drawn["simulated_p50_ore"] < 0:
        yield "Mer än hälften av de simulerade utfallen är förluster."
    noise = _NOISE * drawn["simulated_deviation_ore"] / math.sqrt(drawn["runs"])
    for name, said in (("simulated_p50_ore", "median"), ("simulated_mean_ore", "medelvärde")):
        if row["net_present_value_ore"] - drawn[name] > noise:
            likely, amount = (wording.amount_text(each) for each in (row["net_present_value_ore"], drawn[name]))
            yield f"Det troliga värdet, {likely}, ligger över simuleringens {said}, {amount}: riskerna är ensidiga."
            return


def _other_order(rows: Sequence[Row], chosen: Row, drawn: Mapping[str, Row]) -> Iterator[str]:
    """Tell when another alternative has the highest median; that doing nothing has is told as losses."""

    def median(row: Row) -> int:
        return int(drawn[str(row["alternative_id"])]["simulated_p50_ore"])

    best = max(rows, key=median)
    if best["alternative_id"] != DO_NOTHING_ID and median(best) > median(chosen):
        yield (
            f"Efter simuleringens median är {best['alternative_title']} bäst: {wording.amount_text(median(best))} mot "
            f"{wording.amount_text(median(chosen))} för {chosen['alternative_title']}."
        )


def _of_numbers(case: Case, alternative: Alternative) -> Iterator[str]:
    if not alternative.costs:
        yield "Alternativet har inga kostnader i filen. Vad det kostar att genomföra behöver läggas till."
    needed = {name for lever in alternative.levers if lever.benefit == "cash" for name in LEVER_KINDS[lever.kind].needs}
    yield from (words for name, words in case.doubts.items() if name in needed)


def _below_today(case: Case, alternative: Alternative) -> Iterator[str]:
    for driver in case.drivers_of(alternative):
        name = driver.id.rpartition(".")[2]
        today = case.today.get(TODAY_IS_LEAST.get(name, ""))
        if today is not None and driver.likely < today:
            likely, now = wording.percent_text(driver.likely), wording.percent_text(today)
            yield f"{driver.name}: det troliga värdet, {likely}, är lägre än dagens {now}."


def _worth_with_time(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows[1:]:
        if row["net_present_value_with_time_ore"] > 0:
            yield (
                f"{row['alternative_title']} lönar sig om den frigjorda tiden också räknas: nettonuvärdet är då "
                f"{wording.amount_text(row['net_present_value_with_time_ore'])}."
            )
