"""Parts of a board's report of indicators: the indicators by goal with their history, goals, and what deviates."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, cast

import pandas as pd

from procanalysis.report import style
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.columns import read_columns, table_data
from procanalysis.report.gap import on_screen, table_or_reason
from procanalysis.report.indicators.sparkline import HEIGHT, WIDTH, Mark, MarkKind, draw_sparkline
from procanalysis.report.markup import Part, render
from procanalysis.report.parts import data_uri, demanded, table
from procanalysis.report.sentences import bullet_points, callout, finding
from procanalysis.report.status import StatusMark
from procanalysis.schema import Source

STATUS_MARKS: dict[str, StatusMark] = {
    "met": StatusMark("met", "✓", "Uppnått"),
    "not_met": StatusMark("off", "✕", "Inte uppnått"),
    "unknown": StatusMark("unknown", "?", "Kan inte avgöras"),
    "followed": StatusMark("unknown", "–", "Följs utan mål"),
}
LEGEND = (
    "Historiken: fylld punkt är ett utfall och ring ett osäkert utfall, den största gäller året. Vågrätt streck är "
    "målet för just det året. Streckad lodrät linje är ett brott i serien och grått ett mätetal som ersatts. Där "
    "utfall saknas finns ingen linje. Varje historik har sin egen skala."
)
_COLOUR_SIGNS = {"green": "✓", "amber": "▲", "red": "✕"}
_SHEET_COLUMNS = {
    "goal": "Mål eller avsnitt", "name": "Mätetal", "target_text": "Mål", "later_target_text": "Senare mål",
    "outcome_text": "Utfall", "distance_text": "Avstånd", "status_name": "Utfallet mot målet", "comment": "Kommentar",
    "rule": "Regel",
}  # fmt: skip
NONE = "–"
_LONG_UNIT = re.compile("\u00a0([^\\W\\d]{5,})")
_MOST_SHOWN = 4
_LONGEST = 420

Row = Mapping[Hashable, Any]


def board_table(rows: pd.DataFrame, history: pd.DataFrame, *, year: int, title: str, source: Source) -> Part:
    """Show the indicators of a year by goal: target, outcome, distance, status, history as a small line, and comment.

    Parameters
    ----------
    rows: one row per indicator: indicator_id, name, goal, status (met, not_met, unknown or followed), and target_text,
        later_target_text, outcome_text, distance_text and comment in words
    history: one row per indicator, year and kind (outcome, missing, target or break): part, value, value_text,
        is_doubtful, is_replaced and note
    year: the report's

    Raises ReportError when title or source is missing, or a frame lacks a column.
    """
    source = demanded(title=title, source=source, alt=None, where="board_table")
    heading, accent = clean_text(title), style.accent_colour(source.accent_colour)
    data = {
        "type": "table",
        **table_data(heading, "Mätetal", read_columns(rows, _SHEET_COLUMNS, where="board_table"), source),
    }
    known = points_of(history)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows.to_dict("records"):
        shown = shown_row(row, known.get(str(row["indicator_id"]), []), year, accent)
        groups.setdefault(clean_text(row["goal"] or "Utan mål eller avsnitt"), []).append(shown)
    html = render(
        "board_table", template="indicators.html.j2", source=source, accent=accent, title=heading, year=year,
        groups=groups, legend=LEGEND, width=WIDTH, height=HEIGHT,
    )  # fmt: skip
    lines = [heading]
    for goal, own in groups.items():
        lines += [
            goal,
            *(f"{r['mark'].symbol} {r['name']}: {r['outcome']}, mål {r['target']}. {r['comment']}" for r in own),
        ]
    return Part("\n".join(lines), html, data)


def points_of(history: pd.DataFrame) -> dict[str, list[Row]]:
    """Gather the history by indicator."""
    known: dict[str, list[Row]] = {}
    for point in history.to_dict("records"):
        known.setdefault(str(point["indicator_id"]), []).append(point)
    return known


def shown_row(row: Row, points: Sequence[Row], year: int, accent: str) -> dict[str, Any]:
    """Write one indicator of a year: name, mark, target, outcome, comment, and its history as a small line."""
    drawn = draw_sparkline([_mark(point) for point in points], year=year, accent=accent)
    values = [point for point in points if point["kind"] in ("outcome", "missing")]
    return {
        "name": shorten(row["name"], 120),
        "mark": STATUS_MARKS[str(row["status"])],
        "target": _breakable(row["target_text"]),
        "later": _breakable(row["later_target_text"]),
        "outcome": _breakable(row["outcome_text"]),
        "distance": _breakable(row["distance_text"]) if row["distance_text"] != NONE else "",
        "comment": shorten(" ".join(filter(None, (row["comment"], *_breaks(points)))), _LONGEST),
        "picture": data_uri(drawn) if drawn else "",
        "alt": history_in_words(points),
        "years": "; ".join(_short_words(point) for point in values[-_MOST_SHOWN:]) if len(values) > 1 else "",
    }


def _breakable(text: object) -> str:
    """Let a long unit stand on a line of its own, which its hard space does not."""
    return _LONG_UNIT.sub(r" \1", clean_text(text))


def _mark(point: Row) -> Mark:
    return Mark(
        kind=cast(MarkKind, point["kind"]),
        year=int(point["year"]),
        value=point["value"],
        part=0 if point["part"] is None else int(point["part"]),
        is_doubtful=bool(point["is_doubtful"]),
        is_replaced=bool(point["is_replaced"]),
    )


def _breaks(points: Sequence[Row]) -> list[str]:
    """Say where the series that is drawn is broken, and why."""
    years = [point["year"] for point in points if point["kind"] in ("outcome", "missing")]
    broken = [point for point in points if point["kind"] == "break" and min(years, default=0) < point["year"]]
    return [f"Serien är bruten från {point['year']}: {clean_text(point['note'])}." for point in broken if years]


def _short_words(point: Row) -> str:
    """Write a year and its outcome without the unit, which stands beside."""
    return f"{point['year']}:\u00a0{clean_text(point['number_text']) or '?'}"


def _value_words(point: Row) -> str:
    value = clean_text(point["value_text"]) if point["kind"] == "outcome" else "saknas"
    # A hard space keeps a year with its outcome on the same line.
    return f"{point['year']}:\u00a0{value}"


def history_in_words(points: Sequence[Row]) -> str:
    """Tell the history of one indicator for readers who cannot see it: outcomes, doubts, targets and breaks."""
    said = []
    outcomes = []
    for point in points:
        if point["kind"] in ("outcome", "missing"):
            doubt = " (osäkert)" if point["is_doubtful"] else " (tidigare mätetal)" if point["is_replaced"] else ""
            outcomes.append(f"{_value_words(point)}{doubt}")
    said.append(f"Utfall {'; '.join(outcomes)}." if outcomes else "Inga utfall.")
    said += [f"Mål {p['year']}: {clean_text(p['value_text'])}." for p in points if p["kind"] == "target"]
    return " ".join([*said, *_breaks(points)])


def history_table(history: pd.DataFrame, *, source: Source) -> Part:
    """Show the years behind the small lines as a table on screen; all rows go to the workbook."""
    return on_screen(
        table(
            history, title="Siffrorna bakom historiken", source=source, sheet="Historik", rows=12,
            columns={"name": "Mätetal", "year": "År", "kind_name": "Vad", "value_text": "Värde", "note": "Anmärkning"},
        )
    )  # fmt: skip


def deviation_points(deviations: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """List the indicators that are furthest from their target, one sentence each, or say that there are none.

    Parameters: deviations, rows of `board_table` with distance_text and deviation_pct, the largest deviation first.
    """
    points = []
    for row in deviations.to_dict("records"):
        values = {name: row[f"{name}_text"] for name in ("outcome", "target", "distance")}
        share = row["deviation_pct"]
        if share is None:
            points.append(
                finding("{name}: {outcome} mot målet {target} ({distance}).", source=source, name=row["name"], **values)
            )
        else:
            words = "{name}: {outcome} mot målet {target}. Avståndet {distance} är {share_pct} av målet."
            points.append(finding(words, source=source, name=row["name"], share_pct=abs(share), **values))
    return (
        bullet_points(points, source=source) if points else callout("{why}", kind="note", source=source, why=otherwise)
    )


def goal_table(goals: pd.DataFrame, *, source: Source, otherwise: str, note: str) -> Part:
    """Show each goal's printed status beside what the outcomes of its indicators suggest.

    Parameters: goals, one row per goal: goal_number, goal, printed (None when none is), colour, suggested (empty when
    unknown, then verdict_name says why), met_count, not_met_count and undecided_count; otherwise, what to say when
    there are no goals; note, the rule. Without printed goals only the counts are shown.
    """
    rows = goals.to_dict("records")
    shown = goals.assign(
        goal_name=[" ".join(filter(None, (clean_text(row["goal_number"]), clean_text(row["goal"])))) for row in rows],
        printed_name=[signed_status(row["printed"], row["colour"]) for row in rows],
        suggested_name=[_suggested(row) for row in rows],
        counted=[counted_words(row) for row in rows],
    )
    columns = {"goal_name": "Mål", "printed_name": "Tryckt status", "suggested_name": "Utfallen talar för",
               "counted": "Mätetalen"}  # fmt: skip
    if not any(goals["goal_number"]):
        columns = {"goal_name": "Mål eller avsnitt", "counted": "Mätetalen"}
        note = "Nämnden har inte tryckt någon status för sina mål, så det finns inget att jämföra med."
    return table_or_reason(
        shown,
        columns=columns,
        title="Målens status",
        source=source,
        otherwise=otherwise,
        sheet="Målens status",
        note=note,
    )


def _suggested(row: Row) -> str:
    """Write what the outcomes suggest, and whether that is another status than the printed one."""
    suggested = clean_text(row["suggested"])
    if not suggested:
        return clean_text(row["verdict_name"])
    return suggested if row["printed"] in (None, row["suggested"]) else f"{suggested}, inte den tryckta"


def counted_words(row: Row) -> str:
    """Say how many of a goal's indicators have reached their target, have not, and cannot be decided."""
    counts = ((row["met_count"], "uppnådda"), (row["not_met_count"], "inte uppnådda"),
              (row["undecided_count"], "kan inte avgöras eller följs utan mål"))  # fmt: skip
    return ", ".join(f"{number} {words}" for number, words in counts if number) or NONE


def signed_status(status: object, colour: object) -> str:
    """Write a printed status with a sign for its colour, so that colour alone carries no meaning."""
    if status is None:
        return "? Ingen status är tryckt"
    return f"{_COLOUR_SIGNS.get(str(colour), '')} {clean_text(status)}".strip()


def reason_points(reasons: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """List why indicators cannot be decided, each reason with the indicators that it holds for.

    Parameters: reasons, one row per reason: reason, indicators_count and names (several).
    """
    points = [
        f"{row['reason']} ({row['indicators_count']} mätetal): {_names(row['names'])}."
        for row in reasons.to_dict("records")
    ]
    return bullet_points(points, source=source, otherwise=otherwise)


def _names(names: Sequence[str]) -> str:
    """Name as many as there is room for, and say how many more there are."""
    shown = [shorten(name, 120) for name in names]
    while len("; ".join(shown)) > _LONGEST:
        shown.pop()
    more = len(names) - len(shown)
    return "; ".join(shown) + (f" och {more} till" if more else "")


def left_out_table(left_out: pd.DataFrame, *, year: int, source: Source) -> Part:
    """Name on screen the indicators of the catalogue that the year has neither outcome nor target for.

    Parameters: left_out, one row per indicator: name, goal and reason; year.
    """
    return on_screen(
        table_or_reason(
            left_out, title=f"Mätetal i katalogen utan utfall och mål {year}", source=source, rows=10,
            columns={"name": "Mätetal", "goal": "Mål eller avsnitt", "reason": "Varför"}, sheet="Utan utfall och mål",
            otherwise=f"Alla mätetal i katalogen har ett utfall eller ett mål för {year}.",
        )
    )  # fmt: skip


def trend_points(trends: pd.DataFrame, *, source: Source) -> Part:
    """List the indicators whose series surely rises or falls; say how far it is to that where none does.

    Parameters: trends, one row per indicator: name, verdict, points_count and sentence.
    """
    certain = trends[trends["verdict"].isin(["rising", "falling"])]
    points = [
        finding("{name}: {sentence}", source=source, name=row["name"], sentence=row["sentence"])
        for row in certain.to_dict("records")
    ]
    if points:
        return bullet_points(points, source=source)
    tried = trends[trends["verdict"] == "no_clear"]
    why = "Ingen serie visar en säker trend" if len(tried) else "Ingen serie är lång nog för en trend eller en prognos"
    most = 0 if trends.empty else int(trends["points_count"].max())
    return finding("{why}: den längsta har {most} säkra och jämförbara år.", source=source, why=why, most=most)


def finding_points(found: pd.DataFrame, *, year: int, source: Source) -> Part:
    """List what contradicts itself among the printed figures of a year, or say that nothing does.

    Parameters: found, one row per finding: rule_name and sentence; year.
    """
    points = [
        finding("{rule}. {sentence}", source=source, rule=row["rule_name"], sentence=row["sentence"])
        for row in found.to_dict("records")
    ]
    otherwise = f"Inga tryckta tal om {year} motsäger varandra, så långt det kan prövas."
    return (
        bullet_points(points, source=source) if points else callout("{why}", kind="note", source=source, why=otherwise)
    )


def check_table(checks: pd.DataFrame, *, source: Source) -> Part:
    """Show on screen every relation that was checked, with its verdict; all rows go to the workbook.

    Parameters: checks, one row per relation: table, row, rule_name, verdict_name and sentence.
    """
    return on_screen(
        table_or_reason(
            checks, title="Allt som har prövats", source=source, sheet="Sanningskontroll", rows=10,
            columns={"table": "Var", "row": "Tal", "rule_name": "Regel", "verdict_name": "Utfall",
                     "sentence": "Vad som står"},
            otherwise="Inga tryckta tal för året kan prövas.",
            note="En kontroll säger att talen inte går ihop, inte vilket av dem som är fel.",
        )
    )  # fmt: skip
