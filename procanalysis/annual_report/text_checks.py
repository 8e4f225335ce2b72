"""Check the reviewed texts against what is published: no text may be about something that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from procanalysis.params.annual_report import AnnualReportTexts, unknown_keys
from procanalysis.params.yaml_file import Problem
from procanalysis.published import Published

RISK_SCALE = "internal_control"
"""The scale that the risks of internal control are judged on."""

_RISK = re.compile(r"risk ([0-9]+)")


def text_problems(texts: AnnualReportTexts, published: Published, year: int) -> Iterator[Problem]:
    """List the texts that are about nothing published for the year, each with its key and the nearest that is.

    A goal is named by its printed number, or by its name in the catalogue where no goals are printed. The result of a
    risk must be a step of the scale, and the printed one where one is printed; a risk that is told of in the texts
    alone is allowed.
    """
    goals = published.goals[published.goals["year"] == year]
    printed = goals[goals["scale"] != RISK_SCALE]
    steps = published.scales[published.scales["scale"] == RISK_SCALE]["status"]
    yield from unknown_keys(
        texts,
        indicator_ids=_texts_of(published.indicators["indicator_id"]),
        goal_numbers=_texts_of(printed["goal_number"] if len(printed) else published.indicators["goal"]),
        statement_rows=[
            *_texts_of(published.statements[published.statements["year"] == year]["row"]),
            *_texts_of(published.deviations[published.deviations["year"] == year]["row"]),
        ],
        control_steps=_texts_of(steps) or None,
    )
    results = {risk["number"]: risk["result"] for risk in printed_risks(goals)}
    for place, risk in enumerate(texts.risks):
        given = results.get(risk.number)
        if given is not None and risk.result and given != risk.result:
            words = f"'{risk.result}' is not what is printed for risk {risk.number}: '{given}'"
            yield ("risks", str(place), "result"), f"{words}. Correct it here or in goal_statuses.csv"


def printed_risks(goals: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the risks that have a printed result: number, risk and result.

    Parameters: goals, schema.GOAL_STATUSES of one organisation and year, where a risk is numbered as 'risk 3'.
    """
    return [
        {"number": int(found[1]), "risk": str(row["goal"]), "result": None if pd.isna(row["status"]) else row["status"]}
        for row in goals[goals["scale"] == RISK_SCALE].to_dict("records")
        if (found := _RISK.fullmatch(str(row["goal_number"])))
    ]


def _texts_of(column: pd.Series) -> list[str]:
    return list(dict.fromkeys(str(value) for value in column.dropna()))
