"""Which alternative the results speak for, in words whose numbers come from the results."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import wording
from procanalysis.measures.business_case.cautions import cautions, drawn_of
from procanalysis.measures.business_case.model import DO_NOTHING_ID, Case
from procanalysis.measures.business_case.profitability import rate_text
from procanalysis.measures.business_case.simulation import Simulation
from procanalysis.schema import KeyFigure, kronor, require_columns


@dataclass(frozen=True)
class Recommendation:
    """Hold the recommended alternative, its figures, why in Swedish, and what speaks against it.

    `lead_ore` is how much its net present value is above that of the next best one, doing nothing counted. The studied
    alternative is the one whose figures are worth a closer look: the recommended one, or the one that comes nearest
    when doing nothing is recommended.
    """

    kind: Literal["alternative", "do_nothing"]
    alternative_number: int
    alternative_id: str
    alternative_title: str
    net_present_value_ore: int
    next_best_title: str
    lead_ore: int
    probability_of_loss_pct: Decimal | None
    sentences: tuple[str, ...]
    cautions: tuple[str, ...]
    studied_id: str
    studied_title: str
    studied_value_ore: int
    studied_loss_pct: Decimal | None


def recommendation(case: Case, results: pd.DataFrame, simulation: Simulation | None = None) -> Recommendation:
    """Recommend the alternative with the highest likely net present value above zero, otherwise to do nothing.

    Of equals the first one is chosen. Parameters: case; results, as `results` returns them; simulation, as `simulate`
    returns it, for the probability of loss. Returns a Recommendation. Raises MeasureError on a frame without the
    columns. Source: methods 9.
    """
    needed = ["alternative_id", "alternative_title", "net_present_value_ore", "payback_years"]
    require_columns(results.columns, needed, "recommendation")
    rows = results.to_dict("records")
    if len(rows) < 2 or rows[0]["alternative_id"] != DO_NOTHING_ID:
        raise MeasureError("recommendation: doing nothing is not the first of two rows or more. Hand in `results`.")
    ranked = sorted(enumerate(rows), key=lambda each: (-each[1]["net_present_value_ore"], each[0]))
    (number, chosen), (_, second) = ranked[0], ranked[1]
    drawn = drawn_of(simulation, str(chosen["alternative_id"]))
    studied = chosen if number else second
    studied_drawn = drawn_of(simulation, str(studied["alternative_id"]))
    lead = int(chosen["net_present_value_ore"]) - int(second["net_present_value_ore"])
    sentences = _against_acting(rows) if number == 0 else _for_acting(case, number, chosen, second, lead)
    if number and drawn is not None:
        sentences.append(
            f"Sannolikheten för förlust är {wording.percent_text(drawn['probability_of_loss_pct'])} i simuleringen."
        )
    return Recommendation(
        kind="alternative" if number else "do_nothing",
        alternative_number=number,
        alternative_id=str(chosen["alternative_id"]),
        alternative_title=str(chosen["alternative_title"]),
        net_present_value_ore=int(chosen["net_present_value_ore"]),
        next_best_title=str(second["alternative_title"]),
        lead_ore=lead,
        probability_of_loss_pct=drawn["probability_of_loss_pct"] if number and drawn is not None else None,
        sentences=tuple(sentences),
        cautions=tuple(cautions(case, rows, number, str(studied["alternative_id"]), simulation)),
        studied_id=str(studied["alternative_id"]),
        studied_title=str(studied["alternative_title"]),
        studied_value_ore=int(studied["net_present_value_ore"]),
        studied_loss_pct=None if studied_drawn is None else studied_drawn["probability_of_loss_pct"],
    )


def _for_acting(case: Case, number: int, chosen: dict[Any, Any], second: dict[Any, Any], lead: int) -> list[str]:
    sentences = [
        f"Alternativ {number}, {chosen['alternative_title']}, har det högsta nettonuvärdet: "
        f"{wording.amount_text(chosen['net_present_value_ore'])} på {case.horizon_years} år med "
        f"{rate_text(case.rate_pct)} kalkylränta."
    ]
    if second["alternative_id"] == DO_NOTHING_ID:
        sentences.append("Inget annat alternativ har ett nettonuvärde över noll.")
    else:
        sentences.append(f"Det är {wording.amount_text(lead)} mer än {second['alternative_title']}.")
    years = chosen["payback_years"]
    if years:
        sentences.append(f"Pengarna är tillbaka efter {wording.number_text(years, 1)} år.")
    return sentences


def _against_acting(rows: list[dict[Any, Any]]) -> list[str]:
    best = max(rows[1:], key=lambda row: row["net_present_value_ore"])
    amount = wording.amount_text(best["net_present_value_ore"])
    return [
        "Inget alternativ har ett nettonuvärde över noll.",
        f"Närmast kommer {best['alternative_title']} med {amount}.",
    ]


def case_figures(
    case: Case, results: pd.DataFrame, alternative_id: str, simulation: Simulation | None = None
) -> list[KeyFigure]:
    """Put the headline figures of one alternative as key figures.

    Parameters: case; results, as `results` returns them; alternative_id; simulation, for the probability of loss.
    Returns net present value (SEK), internal rate (%), payback (years), with a simulation the probability of loss (%),
    and annuity (SEK). A figure that cannot be known says why. Raises MeasureError when there is no such row.
    """
    found = results[results["alternative_id"] == alternative_id].to_dict("records")
    if not found:
        raise MeasureError(f"case_figures: the results have no alternative '{alternative_id}'. Choose one of them.")
    row = found[0]
    figures = [
        KeyFigure(
            id="net_present_value",
            label="Nettonuvärde",
            value=kronor(row["net_present_value_ore"]),
            unit="SEK",
            method="net_present_value",
            comparison=f"{case.horizon_years} år, {rate_text(case.rate_pct)} kalkylränta",
        ),
        KeyFigure(
            id="internal_rate_of_return",
            label="Internränta",
            value=row["internal_rate_pct"],
            unit="%",
            method="internal_rate_of_return",
            comparison=row["internal_rate_caution"],
            unknown_because=row["internal_rate_reason"],
        ),
        KeyFigure(
            id="payback",
            label="Återbetalningstid",
            value=row["payback_years"],
            unit="år",
            method="payback",
            unknown_because=row["payback_reason"],
        ),
    ]
    drawn = drawn_of(simulation, alternative_id)
    if simulation is not None and drawn is not None:
        figures.append(
            KeyFigure(
                id="simulation",
                label="Sannolikhet för förlust",
                value=drawn["probability_of_loss_pct"],
                unit="%",
                method="simulation",
                numerator=Decimal(drawn["loss_runs"]),
                denominator=Decimal(simulation.runs),
                part_unit="st",
            )
        )
    figures.append(
        KeyFigure(id="annuity", label="Annuitet", value=kronor(row["annuity_ore"]), unit="SEK", method="annuity")
    )
    return figures
