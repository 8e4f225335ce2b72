"""Read what boards have printed about themselves: outcomes, statements, statuses, and figures that must agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd

from procanalysis.errors import InputError, did_you_mean, examples
from procanalysis.read.registers import frame_of
from procanalysis.read.tables import read_tables
from procanalysis.schema import (
    BUDGETS,
    COST_DEVIATIONS,
    GOAL_STATUSES,
    INCOME_ROW_KINDS,
    INCOME_STATEMENTS,
    INDICATOR_UNITS,
    INDICATOR_VALUES,
    MENDED_FIGURES,
    PRINTED_UNITS,
    RELATION_RULES,
    STAFF_FIGURES,
    STATED_TERMS,
    STATUS_SCALES,
    Column,
)

_ANSWERS = {"ja": 1, "nej": 0}
_ORE_PER_TKR = 100_000
_MEANT = "Write what the printed report says."

Choices = Mapping[str, Collection[str]]
Record = dict[str, object]


def read_indicator_values(path: Path) -> pd.DataFrame:
    """Read the outcomes that boards have printed.

    Parameters: path, a reviewed CSV in UTF-8 (data/published/indicator_values.csv). An empty value stays missing, and
    the comment must then say why. Returns schema.INDICATOR_VALUES in the order of the file. Raises InputError naming
    file, row and column of the first fault, and when an indicator has two outcomes for the same period.
    """
    choices: Choices = {"unit": INDICATOR_UNITS, "printed_unit": PRINTED_UNITS}
    frame = _read(path, INDICATOR_VALUES, choices, key=("organisation", "indicator_id", "year", "period"))
    unexplained = frame[frame["value"].isna() & frame["comment"].isna()]
    if len(unexplained):
        named = unexplained.iloc[0]
        raise InputError(
            f"{path.name}: {named['indicator_id']} {named['year']} has neither a value nor a comment. "
            "Say in the comment why it is missing."
        )
    return frame


def read_income_statements(path: Path) -> pd.DataFrame:
    """Read printed income statements, in whole tkr with costs negative, as schema.INCOME_STATEMENTS.

    Parameters: path (data/published/income_statements.csv). Raises InputError naming file, row and column.
    """
    return _read(path, INCOME_STATEMENTS, {"kind": INCOME_ROW_KINDS}, key=("organisation", "year", "row_number"))


def read_budgets(path: Path) -> pd.DataFrame:
    """Read printed budgets, in whole tkr with costs negative, as schema.BUDGETS. Raises InputError with the place."""
    return _read(path, BUDGETS, {"kind": INCOME_ROW_KINDS}, key=("organisation", "year", "row"))


def read_cost_deviations(path: Path) -> pd.DataFrame:
    """Read printed deviations of costs, in whole tkr, as schema.COST_DEVIATIONS. Raises InputError with the place."""
    choices = {"comparison": ("budget", "previous_year"), "kind": ("total", "part", "of_which")}
    return _read(path, COST_DEVIATIONS, choices, key=("organisation", "year", "comparison", "row"))


def read_staff_figures(path: Path) -> pd.DataFrame:
    """Read printed figures about staff as schema.STAFF_FIGURES. Raises InputError with the place."""
    return _read(path, STAFF_FIGURES, {}, key=("organisation", "year", "figure"))


def read_status_scales(path: Path) -> pd.DataFrame:
    """Read the boards' own status scales as schema.STATUS_SCALES. Raises InputError with the place."""
    return _read(path, STATUS_SCALES, {"colour": ("green", "amber", "red")}, key=("organisation", "scale", "step"))


def read_goal_statuses(path: Path, scales: pd.DataFrame) -> pd.DataFrame:
    """Read the statuses that boards have printed; one that is not printed stays missing.

    Parameters: path (data/published/goal_statuses.csv); scales, schema.STATUS_SCALES. Returns schema.GOAL_STATUSES.
    Raises InputError naming file, row and column, also when a status is not a step of the board's scale.
    """
    frame = _read(path, GOAL_STATUSES, {}, key=("organisation", "year", "goal_number"))
    steps = {key: list(rows["status"]) for key, rows in scales.groupby(["organisation", "scale"])}
    for row in frame.to_dict("records"):
        known = steps.get((row["organisation"], row["scale"]), [])
        if not pd.isna(row["status"]) and row["status"] not in known:
            hint = did_you_mean(str(row["status"]), known) if known else "Describe the scale in status_scales.csv."
            raise InputError(
                f"{path.name}: goal {row['goal_number']} has the status '{row['status']}', which is no step of "
                f"'{row['scale']}'. {hint}"
            )
    return frame


def read_stated_terms(path: Path) -> pd.DataFrame:
    """Read figures that must agree with each other, such as a percent change in a text and the two values.

    Parameters: path (data/published/stated_terms.csv), one row per figure. Returns schema.STATED_TERMS. Raises
    InputError naming file, row and column, and when a relation lacks a role of its rule.
    """
    choices: Choices = {"rule": RELATION_RULES, "unit": INDICATOR_UNITS}
    frame = _read(path, STATED_TERMS, choices)
    for relation, terms in frame.groupby("relation_id", sort=False):
        rule, roles = str(terms["rule"].iloc[0]), list(terms["role"])
        known = ("stated", *RELATION_RULES[rule])
        if terms["rule"].nunique() > 1:
            raise InputError(f"{path.name}: '{relation}' has two rules. Give each relation its own id.")
        for role in roles:
            if role not in known:
                hint = did_you_mean(role, known)
                raise InputError(f"{path.name}: '{relation}' has the role '{role}', unknown to {rule}. {hint}")
        for role in known:
            if role not in roles and role != "minus":
                raise InputError(f"{path.name}: '{relation}' has no '{role}'. Give a row with that role.")
        if roles.count("stated") > 1:
            raise InputError(f"{path.name}: '{relation}' has two stated figures. Make two relations of it.")
    return frame


def read_mended_figures(path: Path) -> pd.DataFrame:
    """Read which figures were mended after a poor scan as schema.MENDED_FIGURES. Raises InputError with the place."""
    choices = {"confidence": ("hög", "medel", "låg")}
    return _read(path, MENDED_FIGURES, choices, key=("organisation", "year", "table", "row", "column"))


def _read(path: Path, table: Sequence[Column], choices: Choices, key: Sequence[str] = ()) -> pd.DataFrame:
    raw = read_tables(path, encoding="utf-8", delimiter=",")[0]
    header = tuple(_in_file(column) for column in table)
    if not raw.rows or tuple(raw.rows[0]) != header:
        found = examples(raw.rows[0], 20) if raw.rows else "nothing"
        raise InputError(
            f"{raw.name}, row 1: the columns should be {', '.join(header)}, but are {found}. Correct the header."
        )
    records = []
    seen: dict[tuple[object, ...], int] = {}
    for number, cells in zip(raw.row_numbers[1:], raw.rows[1:], strict=True):
        place = f"{raw.name}, row {number}"
        if len(cells) != len(header):
            raise InputError(
                f"{place}: {len(cells)} cells, but the header has {len(header)}. Put text with a comma within quotes."
            )
        record = _record(cells, table, choices, place)
        identity = tuple(record[name] for name in key)
        if key and identity in seen:
            raise InputError(
                f"{place}: {examples(identity)} stands in row {seen[identity]} already. Keep the row that is right."
            )
        seen[identity] = number
        records.append(record)
    return frame_of(records, table)


def _in_file(column: Column) -> str:
    """Name the column as in the file: money is written in tkr there."""
    return f"{column.name.removesuffix('_ore')}_tkr" if column.name.endswith("_ore") else column.name


def _record(cells: Sequence[str], table: Sequence[Column], choices: Choices, place: str) -> Record:
    record: Record = {}
    for column, cell in zip(table, map(str.strip, cells), strict=True):
        where = f"{place}, column '{_in_file(column)}'"
        if not cell:
            if column.required:
                raise InputError(f"{where}: it is empty. {_MEANT}")
            record[column.name] = None
            continue
        if column.name in choices and cell not in choices[column.name]:
            raise InputError(f"{where}: '{cell}' is not known. {did_you_mean(cell, choices[column.name])}")
        record[column.name] = _value(column)(cell, where)
    return record


def _value(column: Column) -> Callable[[str, str], object]:
    if column.name.startswith("is_"):
        return _answer
    if column.name.endswith("_ore"):
        return _money
    return {"integer": _whole, "decimal": _number}.get(column.type, _text)


def _text(cell: str, where: str) -> object:
    return cell


def _answer(cell: str, where: str) -> object:
    if cell not in _ANSWERS:
        raise InputError(f"{where}: '{cell}' is not known. {did_you_mean(cell, _ANSWERS)}")
    return _ANSWERS[cell]


def _money(cell: str, where: str) -> object:
    if not re.fullmatch("-?[0-9]{1,10}", cell):
        raise InputError(f"{where}: '{cell}' cannot be read. Write whole tkr without spaces, as -46430.")
    return int(cell) * _ORE_PER_TKR


def _whole(cell: str, where: str) -> object:
    if not re.fullmatch("[0-9]{1,4}", cell):
        raise InputError(f"{where}: '{cell}' cannot be read. Write a whole number, as 2025.")
    return int(cell)


def _number(cell: str, where: str) -> object:
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", cell):
        raise InputError(f"{where}: '{cell}' cannot be read. Write it without spaces and with a point, as 23.5.")
    return Decimal(cell)
