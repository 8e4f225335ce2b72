"""Staff, internal control and special assignments."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from procanalysis.report.absent import absent
from procanalysis.report.annual.grouped import grouped_table
from procanalysis.report.cleaning import clean_text, shorten
from procanalysis.report.markup import Part
from procanalysis.report.status import StatusMark
from procanalysis.report.words import words
from procanalysis.schema import Source

_COLOURS = {"green": ("met", "✓"), "amber": ("watch", "▲"), "red": ("off", "✕")}
_LONGEST = 900
_NO_ACTION = "Åtgärd saknas"

Row = Mapping[Hashable, Any]


class Assignment(Protocol):
    """Describe the reviewed text of one special assignment."""

    @property
    def title(self) -> str:
        """What it is."""

    @property
    def status(self) -> str:
        """How far it has come."""

    @property
    def text(self) -> str:
        """What there is to say."""


def staff_table(rows: pd.DataFrame, *, year: int, source: Source, otherwise: str) -> Part:
    """Show the figures about staff of a year beside those of the year before.

    Parameters: rows, of `staff_rows`; otherwise, what to say when there are none.
    """
    if rows.empty:
        return absent(otherwise, source=source)
    both = rows["previous"].notna() & rows["value"].notna()
    frame = rows.assign(
        figure=[clean_text(name)[:1].upper() + clean_text(name)[1:] for name in rows["figure"]],
        change_text=rows["change_text"].where(both, ""),
        note=rows["note"].fillna(""),
    )
    columns = {"figure": "Uppgift", "value": str(year), "previous": str(year - 1), "change_text": "Förändring",
               "unit": "Enhet", "note": "Anmärkning"}  # fmt: skip
    return grouped_table(
        frame, columns=columns, title=words("Personal {year}", year=year), source=source, sheet="Personal",
        notes=["" if both.all() or not both.any() else "En tom ruta betyder att talet inte är redovisat för det året."],
    )  # fmt: skip


def control_table(controls: pd.DataFrame, *, source: Source, otherwise: str) -> Part:
    """Show the risks of internal control, the worst result first, with control, analysis and planned action.

    Parameters: controls, of `controls_by_result`; otherwise, what to say when there are none.
    """
    if controls.empty:
        return absent(otherwise, source=source)
    records = controls.to_dict("records")
    marks = {
        str(row["result_name"]): StatusMark(
            *_COLOURS.get(str(row["colour"]), ("unknown", "?")), str(row["result_name"])
        )
        for row in records
    }
    frame = pd.DataFrame(
        {
            "name": [f"{row['number']}. {shorten(row['risk'], 300)}" for row in records],
            "result": [str(row["result_name"]) for row in records],
            "kind": [_or_empty(row["kind"]) for row in records],
            "control": [" ".join(filter(None, map(_sentence, (row["control"], row["method"])))) for row in records],
            "analysis": [_or_empty(row["analysis"]) for row in records],
            "actions": [_NO_ACTION if row["lacks_action"] else _or_empty(row["actions"]) for row in records],
        }
    )
    columns = {"name": "Risk", "result": "Resultat", "kind": "Slag", "control": "Kontroll och metod",
               "analysis": "Analys", "actions": "Åtgärder"}  # fmt: skip
    lacking = int(controls["lacks_action"].sum())
    return grouped_table(
        frame, columns=columns, title="Risker och kontroller, sämst resultat först", source=source,
        sheet="Internkontroll", marks=marks | {_NO_ACTION: StatusMark("off", "✕", _NO_ACTION)}, stacked=True,
        notes=[f"{lacking} av {len(frame)} kontroller har en avvikelse utan planerad åtgärd." if lacking else ""],
    )  # fmt: skip


def _or_empty(value: object) -> str:
    return "" if value is None or pd.isna(value) else shorten(value, _LONGEST)  # type: ignore[call-overload]


def _sentence(value: object) -> str:
    text = _or_empty(value).rstrip(".")
    return f"{text}." if text else ""


def assignment_table(assignments: Sequence[Assignment], *, source: Source, otherwise: str) -> Part:
    """Show the special assignments of a board: title, how far each has come, and what there is to say."""
    if not assignments:
        return absent(otherwise, source=source)
    frame = pd.DataFrame(
        [{"title": each.title, "stage": each.status, "text": shorten(each.text, _LONGEST)} for each in assignments]
    )
    columns = {"title": "Uppdrag", "stage": "Läge", "text": "Innehåll"}
    return grouped_table(
        frame, columns=columns, title="Särskilda uppdrag", source=source, sheet="Uppdrag", stacked=True
    )  # fmt: skip
