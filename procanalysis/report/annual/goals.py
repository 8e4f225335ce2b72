"""Goals with status, analysis and action, and a box for each indicator."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Protocol

import pandas as pd

from procanalysis.report import style
from procanalysis.report.absent import absent
from procanalysis.report.annual.grouped import grouped_table
from procanalysis.report.annual.prose import TEMPLATE
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.columns import read_columns, table_data
from procanalysis.report.indicators.parts import LEGEND, NONE, counted_words, points_of, shown_row, signed_status
from procanalysis.report.indicators.sparkline import HEIGHT, WIDTH
from procanalysis.report.markup import Part, render
from procanalysis.report.parts import demanded
from procanalysis.report.status import StatusMark
from procanalysis.schema import Source

_SHEET_COLUMNS = {
    "goal": "Mål eller avsnitt", "name": "Mätetal", "definition": "Beskrivning", "target_text": "Mål",
    "later_target_text": "Senare mål", "outcome_text": "Utfall", "distance_text": "Avstånd",
    "status_name": "Utfallet mot målet", "comment": "Kommentar", "analysis": "Analys",
}  # fmt: skip
_NO_ACTION = "Åtgärd saknas"
_NO_GOAL = "Utan mål i planen"
# What the catalogues write as goal of an indicator that is told of in the running text or stands under no goal.
_NOT_GOALS = ("Löptext", "Utan mål eller avsnitt")
_NO_TARGET = StatusMark("unknown", "–", "Inget mål")
_LONGEST = 900
_ON_COURSE = "green"

Row = Mapping[Hashable, Any]


class GoalText(Protocol):
    """Describe the reviewed text of a goal."""

    @property
    def analysis(self) -> str:
        """What was found."""

    @property
    def action(self) -> str:
        """What will be done."""


def goal_text_table(
    goals: pd.DataFrame, texts: Mapping[str, GoalText], *, source: Source, otherwise: str, note: str
) -> Part:
    """Show each goal with its printed status, what its indicators say, analysis and action.

    A goal whose printed status is not the best of its scale asks for an action where none is written. Indicators
    outside the goals stand last, and are no goal. Parameters: goals, of `goals_of_year`; texts, by the goal's number,
    or by its name where no numbers are printed; otherwise, what to say when there are no goals; note, the rule behind
    what the indicators suggest.
    """
    if goals.empty or goals["goal"].isin(_NOT_GOALS).all():
        return absent(otherwise, source=source)
    is_goal = ~goals["goal"].isin(_NOT_GOALS)
    own = [_goal(row, texts) for row in goals[is_goal].to_dict("records")]
    rows = own + [_goal(row, texts) | {"goal_name": _NO_GOAL} for row in goals[~is_goal].to_dict("records")]
    is_printed = any(goals["goal_number"])
    columns = {"goal_name": "Mål" if is_printed else "Mål eller avsnitt"}
    columns |= {"printed_name": "Tryckt status"} if is_printed else {}
    columns |= {"counted": "Mätetalen", "analysis": "Analys", "action": "Åtgärd"}
    silent = sum(not row["analysis"] for row in own)
    said = [
        "" if is_printed else "Ingen status är tryckt för målen.",
        note if any(row["differs"] for row in rows) else "",
        f"Skriven analys saknas för {silent} av {len(own)} mål." if 0 < silent < len(own) else "",
    ]
    return grouped_table(
        pd.DataFrame(rows), columns=columns, title="Målen och deras status", source=source, sheet="Mål",
        marks={_NO_ACTION: StatusMark("off", "✕", _NO_ACTION)}, notes=said, stacked=True,
    )  # fmt: skip


def _goal(row: Row, texts: Mapping[str, GoalText]) -> dict[str, object]:
    text = texts.get(str(row["goal_number"])) or texts.get(str(row["goal"]))
    suggested = clean_text(row["suggested"])
    counted = counted_words(row)
    counted = "Inga mätetal" if counted == NONE else counted
    differs = bool(suggested) and row["printed"] not in (None, suggested)
    action = text.action if text else ""
    asks = row["printed"] is not None and row["colour"] != _ON_COURSE
    return {
        "goal_name": " ".join(filter(None, (clean_text(row["goal_number"]), clean_text(row["goal"])))),
        "printed_name": signed_status(row["printed"], row["colour"]),
        "counted": f"{counted}. Utfallen talar för ”{suggested}”" if differs else counted,
        "analysis": shorten(text.analysis, _LONGEST) if text else "",
        "action": shorten(action, _LONGEST) or (_NO_ACTION if asks else ""),
        "differs": differs,
    }


def indicator_boxes(
    rows: pd.DataFrame,
    history: pd.DataFrame,
    indicators: pd.DataFrame,
    texts: Mapping[str, str],
    *,
    targets: pd.DataFrame,
    year: int,
    title: str,
    source: Source,
) -> Part:
    """Show each indicator of a year in a box: description, target, outcome, status, history, and analysis.

    Indicators outside the goals stand last. One that has no target for any year is said to have none.

    Parameters
    ----------
    rows: of `indicators_of_year`; history: of `indicator_history`; indicators: the catalogue, schema.INDICATORS
    texts: the reviewed analysis by the indicator's id
    targets: of every year, schema.INDICATOR_TARGETS
    year: the report's

    Raises ReportError when title or source is missing, or a frame lacks a column.
    """
    source = demanded(title=title, source=source, alt=None, where="indicator_boxes")
    if rows.empty:
        return absent(f"Inget mätetal har utfall eller mål för {year}.", source=source)
    accent = style.accent_colour(source.accent_colour)
    described = {str(each["indicator_id"]): clean_text(each["definition"]) for each in indicators.to_dict("records")}
    known, targeted = points_of(history), set(targets["indicator_id"])
    aimless = (rows["status"] == "unknown") & ~rows["indicator_id"].isin(targeted)
    told = rows.assign(
        goal=[_goal_name(goal) for goal in rows["goal"]],
        status_name=rows["status_name"].mask(aimless, _NO_TARGET.word),
        definition=[described.get(str(identity), "") for identity in rows["indicator_id"]],
        analysis=[texts.get(str(identity), "") for identity in rows["indicator_id"]],
    )
    told = told.sort_values("goal", key=lambda names: names == _NO_GOAL, kind="stable")
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in told.to_dict("records"):
        shown = shown_row(row, known.get(str(row["indicator_id"]), []), year, accent)
        shown |= {"mark": _NO_TARGET} if row["status_name"] == _NO_TARGET.word else {}
        shown |= {"description": shorten(row["definition"], 400), "analysis": shorten(row["analysis"], _LONGEST)}
        groups.setdefault(clean_text(row["goal"]), []).append(shown)
    silent = sum(not text for text in told["analysis"])
    notes = [LEGEND, f"Skriven analys saknas för {silent} av {len(told)} mätetal." if silent else ""]
    html = render("boxes", template=TEMPLATE, source=source, accent=accent, groups=groups, year=year,
                  notes=[note for note in notes if note], none_sign=NONE, width=WIDTH, height=HEIGHT)  # fmt: skip
    data = {
        "type": "table",
        **table_data(clean_text(title), "Mätetal", read_columns(told, _SHEET_COLUMNS, where="indicator_boxes"), source),
    }
    lines = [clean_text(title)]
    for goal, own in groups.items():
        lines += [goal, *(_line(shown) for shown in own)]
    return Part("\n".join(lines), html, data)


def _goal_name(goal: object) -> str:
    name = "" if pd.isna(goal) else str(goal)  # type: ignore[call-overload]
    return _NO_GOAL if not name or name in _NOT_GOALS else name


def _line(shown: Mapping[str, Any]) -> str:
    said = f"{shown['mark'].symbol} {shown['name']}: {shown['outcome']}, mål {shown['target']}. {shown['comment']}"
    return f"{said} {shown['analysis']}".rstrip()
