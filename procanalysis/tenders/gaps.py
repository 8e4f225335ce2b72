"""Count what a tender source lacks, so that its reports tell the gaps of the files that were read and of no others."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from procanalysis.measures.tenders import databases_using
from procanalysis.measures.wording import number_text
from procanalysis.schema import REJECT_REASONS, TenderTables

_COVERED: dict[str, tuple[str, str]] = {
    "lots": ("bids_count", "anbud"),
    "values": ("value_ore", "kontraktsvärde"),
    "awards": ("contracted_count", "tilldelad leverantör"),
}


def rejected_sentences(controls: pd.DataFrame, rejected: pd.DataFrame) -> Iterator[str]:
    """Say in Swedish how many rows of each table were read and rejected, and why.

    Parameters: controls, of `controls_of`; rejected, schema.REJECTED_ROWS.
    """
    parts = [
        f"{row['table_name']} {number_text(row['rows_rejected_count'])} av {number_text(row['rows_read_count'])}"
        for row in controls.to_dict("records")
        if row["rows_rejected_count"]
    ]
    if parts:
        counts = rejected["reason"].value_counts(sort=False).items()
        reasons = [f"{_inside(REJECT_REASONS[str(reason)])} ({number_text(count)})" for reason, count in counts]
        yield f"Rader som lästes men inte är med: {', '.join(parts)}. Skäl: {', '.join(reasons)}."


def gap_sentences(tables: TenderTables, read: Collection[str]) -> Iterator[str]:
    """Say in Swedish what the rows of a source lack, with the numbers behind. What lacks nothing is not mentioned.

    Parameters: tables, the source's own rows of a year, of all its buyers; read, the tables that it has.
    """
    if len(tables.procurements) and "procurements" in read:
        yield from _coverage(tables, read)
        yield from _kinds(tables.procurements)
        yield from _coordination(tables.procurements)
    yield from _values(tables.values)
    hidden = int(tables.awards["supplier_key"].isna().sum())
    if hidden:
        yield f"Leverantörens namn är dolt i {_of(hidden, len(tables.awards))} tilldelningar."


def _coverage(tables: TenderTables, read: Collection[str]) -> Iterator[str]:
    """Count the procurements that the other tables tell anything of."""
    announced = set(tables.procurements["procurement_id"])
    parts, either = [], set[str]()
    for table, (column, word) in _COVERED.items():
        if table in read:
            rows = getattr(tables, table)
            stated = announced & set(rows.loc[rows[column].notna(), "procurement_id"])
            parts.append(f"{word} för {number_text(len(stated))}")
            either |= stated
    if parts:
        listed = " och ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
        some = f" Någon av uppgifterna finns för {number_text(len(either))}." if len(parts) > 1 else ""
        yield f"Källan har {number_text(len(announced))} annonserade upphandlingar, med {listed}.{some}"


def _kinds(procurements: pd.DataFrame) -> Iterator[str]:
    count, without = len(procurements), int(procurements["kind"].isna().sum())
    if without:
        share = number_text(round(without * 100 / count))
        yield (
            f"Varor, tjänster eller byggentreprenader är inte angivet för {_of(without, count)} upphandlingar "
            f"({share} %)."
        )


def _coordination(procurements: pd.DataFrame) -> Iterator[str]:
    """Tell of a mark that only some notice databases use, since its absence elsewhere says nothing."""
    marked = int((procurements["is_coordinated"] == 1).sum())
    used, every = databases_using(procurements, "is_coordinated"), procurements["notice_database"].nunique()
    if marked and len(used) < every:
        yield (
            f"Samordnad upphandling är markerad i {_of(marked, len(procurements))} upphandlingar, i {len(used)} av "
            f"{every} annonsdatabaser. Det räcker inte för någon slutsats om de andra."
        )


def _values(values: pd.DataFrame) -> Iterator[str]:
    zero, unknown = int((values["value_ore"] == 0).sum()), int(values["value_ore"].isna().sum())
    if zero:
        counted = "räknas som en saknad uppgift" if zero == 1 else "räknas som saknade uppgifter"
        yield f"{_of(zero, len(values))} kontraktsvärden är 0 kronor och {counted}."
    if unknown:
        yield f"{_of(unknown, len(values))} kontraktsvärden är inte angivna."


def _of(part: int, whole: int) -> str:
    return f"{number_text(part)} av {number_text(whole)}"


def _inside(sentence: str) -> str:
    """Write a sentence so that it can stand within another."""
    return sentence[:1].lower() + sentence[1:]
