"""Look at printed figures one by one: signs, units, what is possible, target years, statuses, repeated series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

import pandas as pd

from procanalysis.measures.wording import quantity_text
from procanalysis.schema import (
    CONSISTENCY_CHECKS,
    GOAL_STATUSES,
    INCOME_AMOUNTS,
    INCOME_STATEMENTS,
    INDICATOR_TARGETS,
    INDICATOR_UNITS,
    INDICATOR_VALUES,
    INDICATORS,
    PRINTED_UNITS,
    names,
    require_columns,
)

Row = dict[Hashable, Any]

_ORE_PER_TKR = 100_000
_FEWEST_ALIKE = 3
_INDICATOR_TABLE = "Mätetal"


def sign_checks(statements: pd.DataFrame) -> pd.DataFrame:
    """Find incomes below zero and costs above zero, in the columns that are not differences.

    Parameters: statements, schema.INCOME_STATEMENTS. Returns schema.CONSISTENCY_CHECKS, one row per amount with the
    wrong sign; reckoned is the amount with the sign turned. Raises MeasureError on wrong columns.
    """
    require_columns(statements.columns, names(INCOME_STATEMENTS), "sign_checks")
    amounts = [name for name in INCOME_AMOUNTS if not name.startswith("difference")]
    found = []
    for row in statements.to_dict("records"):
        sign = {"income": 1, "income_total": 1, "cost": -1, "cost_total": -1}.get(str(row["kind"]), 0)
        for column in amounts:
            if pd.isna(row[column]) or int(row[column]) * sign >= 0:
                continue
            stated = Decimal(int(row[column])) / _ORE_PER_TKR
            what = "en intäkt ska vara positiv" if sign > 0 else "en kostnad ska vara negativ"
            found.append(
                _finding(
                    "sign",
                    row,
                    table="Resultaträkning",
                    place=f"{row['row']}, {INCOME_AMOUNTS[column]}",
                    stated=stated,
                    reckoned=-stated,
                    unit="tkr",
                    words=f"{quantity_text(stated, 'tkr')} är tryckt, men {what}.",
                )
            )
    return _as_checks(found)


def range_checks(indicators: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Find outcomes outside what is possible for the indicator.

    Parameters: indicators, schema.INDICATORS with lowest and highest; values, schema.INDICATOR_VALUES. Returns
    schema.CONSISTENCY_CHECKS; reckoned is the limit that is passed. Raises MeasureError on wrong columns.
    """
    found = []
    for each, row in _joined(indicators, values, INDICATOR_VALUES, "range_checks"):
        if _missing(row["value"]) or row["unit"] != each["unit"]:
            continue
        value = Decimal(str(row["value"]))
        unit = str(row["unit"])
        for limit, word, way in ((each["lowest"], "minst", -1), (each["highest"], "högst", 1)):
            if _missing(limit) or (value - limit) * way <= 0:
                continue
            words = f"{quantity_text(value, unit)} är tryckt, men {word} {quantity_text(limit, unit)} är möjligt."
            finding = _finding(
                "possible_range", row, place=_place(each), stated=value, reckoned=limit, unit=unit, words=words
            )
            found.append(finding)
    return _as_checks(found)


def unit_checks(indicators: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Find outcomes printed with another unit than the indicator's, or without the unit that other years have.

    Doubtful years are passed over where only the printed sign is lacking. An outcome that really is in another unit
    gives one finding per indicator, with the latest year. Parameters: indicators, schema.INDICATORS; values,
    schema.INDICATOR_VALUES. Returns schema.CONSISTENCY_CHECKS. Raises MeasureError on wrong columns.
    """
    found: list[Row] = []
    other_unit: dict[tuple[object, object], tuple[Row, Row, int]] = {}
    signs = Counter(
        (row["organisation"], row["indicator_id"])
        for _, row in _joined(indicators, values, INDICATOR_VALUES, "unit_checks")
        if not _missing(row["printed_unit"])
    )
    for each, row in _joined(indicators, values, INDICATOR_VALUES, "unit_checks"):
        if _missing(row["value"]):
            continue
        wanted, key = INDICATOR_UNITS[each["unit"]], (each["organisation"], each["indicator_id"])
        stated = Decimal(str(row["value"]))
        if row["unit"] != each["unit"]:
            before = other_unit.get(key)
            latest = row if before is None or row["year"] > before[1]["year"] else before[1]
            other_unit[key] = (each, latest, 1 + (before[2] if before else 0))
        elif _missing(row["printed_unit"]):
            if signs[key] and not row["is_doubtful"]:
                words = f"Utfallet {row['year']} är tryckt utan enhet, medan andra år har {wanted}."
                found.append(_finding("unit", row, place=_place(each), stated=stated, unit=row["unit"], words=words))
        elif each["unit"] not in PRINTED_UNITS[row["printed_unit"]]:
            words = f"Utfallet {row['year']} är tryckt med {row['printed_unit']}, men mätetalet är i {wanted}."
            found.append(_finding("unit", row, place=_place(each), stated=stated, unit=row["unit"], words=words))
    for each, row, count in other_unit.values():
        have, wanted = INDICATOR_UNITS[row["unit"]], INDICATOR_UNITS[each["unit"]]
        words = f"Utfallen ({count} år) är i {have}, men mätetalet och målet i {wanted}."
        stated = Decimal(str(row["value"]))
        found.append(_finding("unit", row, place=_place(each), stated=stated, unit=row["unit"], words=words))
    return _as_checks(found)


def target_year_checks(indicators: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Find targets printed beside the outcome of another year, and the odd one out among a report's target years.

    Parameters: indicators, schema.INDICATORS; targets, schema.INDICATOR_TARGETS with printed_beside_year. Returns
    schema.CONSISTENCY_CHECKS: stated is the target's year, reckoned the outcome's year (target_year) or the year that
    most targets of the report have (odd_target_year). Raises MeasureError on wrong columns.
    """
    pairs = [
        (each, row)
        for each, row in _joined(indicators, targets, INDICATOR_TARGETS, "target_year_checks")
        if not _missing(row["printed_beside_year"])
    ]
    found = []
    for each, row in pairs:
        year, beside = int(row["year"]), int(row["printed_beside_year"])
        if year != beside:
            words = f"Målet för {year} är tryckt bredvid utfallet {beside} och får inte jämföras med det."
            found.append(_year_finding("target_year", each, row, year, beside, words))
    reports = {(row["organisation"], int(row["printed_beside_year"])) for _, row in pairs}
    for organisation, beside in sorted(reports):
        own = [p for p in pairs if (p[1]["organisation"], int(p[1]["printed_beside_year"])) == (organisation, beside)]
        [(usual, count)] = Counter(int(row["year"]) for _, row in own).most_common(1)
        for each, row in own:
            if int(row["year"]) != usual and count > len(own) / 2:
                words = f"Målet gäller {row['year']}, men {count} av {len(own)} mål i rapporten gäller {usual}."
                found.append(_year_finding("odd_target_year", each, row, int(row["year"]), usual, words))
    return _as_checks(found)


def _year_finding(rule: str, each: Row, row: Row, stated: int, reckoned: int, words: str) -> Row:
    report = row | {"year": row["printed_beside_year"]}
    return _finding(
        rule, report, place=_place(each), stated=Decimal(stated), reckoned=Decimal(reckoned), unit="years", words=words
    )


def status_checks(goals: pd.DataFrame) -> pd.DataFrame:
    """Find goals without a printed status.

    Parameters: goals, schema.GOAL_STATUSES. Returns schema.CONSISTENCY_CHECKS without figures. Raises MeasureError.
    """
    require_columns(goals.columns, names(GOAL_STATUSES), "status_checks")
    return _as_checks(
        [
            _finding(
                "missing_status",
                row,
                table="Målens status",
                place=f"{row['goal_number']} {row['goal']}",
                unit="words",
                words="Ingen status är tryckt, så den är okänd.",
            )
            for row in goals.to_dict("records")
            if _missing(row["status"])
        ]
    )


def duplicate_checks(indicators: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Find two indicators of an organisation that print the same outcome for the same years, three at least.

    Parameters: indicators, schema.INDICATORS; values, schema.INDICATOR_VALUES. Returns schema.CONSISTENCY_CHECKS, one
    row per pair. Raises MeasureError on wrong columns.
    """
    series: dict[tuple[str, str], dict[int, Decimal]] = {}
    known: dict[tuple[str, str], tuple[Row, Row]] = {}
    for each, row in _joined(indicators, values, INDICATOR_VALUES, "duplicate_checks"):
        if not _missing(row["value"]):
            key = (str(each["organisation"]), str(each["indicator_id"]))
            series.setdefault(key, {})[int(row["year"])] = Decimal(str(row["value"]))
            known[key] = (each, row)
    found = []
    for one, other in combinations(series, 2):
        if one[0] == other[0] and len(series[one]) >= _FEWEST_ALIKE and series[one] == series[other]:
            each, row = known[other]
            words = f"{len(series[one])} år är desamma som i {_place(known[one][0])}: en serie, tryckt två gånger."
            found.append(_finding("duplicate_series", row, place=_place(each), unit=str(each["unit"]), words=words))
    return _as_checks(found)


def _joined(indicators: pd.DataFrame, rows: pd.DataFrame, table: Sequence[Any], measure: str) -> list[tuple[Row, Row]]:
    """Pair every row with its indicator; rows of indicators outside the catalogue are left out."""
    require_columns(indicators.columns, names(INDICATORS), measure)
    require_columns(rows.columns, names(table), measure)
    catalogue = {(each["organisation"], each["indicator_id"]): each for each in indicators.to_dict("records")}
    return [
        (catalogue[row["organisation"], row["indicator_id"]], row)
        for row in rows.to_dict("records")
        if (row["organisation"], row["indicator_id"]) in catalogue
    ]


def _place(each: Row) -> str:
    return f"{each['indicator_id']} {each['name']}"


def _missing(value: object) -> bool:
    return bool(pd.isna(value))  # type: ignore[call-overload]


def _finding(
    rule: str,
    row: Row,
    *,
    place: str,
    unit: str,
    words: str,
    table: str = _INDICATOR_TABLE,
    stated: Decimal | None = None,
    reckoned: Decimal | None = None,
) -> Row:
    return {
        "rule": rule,
        "organisation": row["organisation"],
        "year": int(row["year"]),
        "table": table,
        "row": place,
        "stated": stated,
        "reckoned": reckoned,
        "difference": None if stated is None or reckoned is None else stated - reckoned,
        "tolerance": None if stated is None or reckoned is None else Decimal(0),
        "unit": unit,
        "verdict": "contradiction",
        "sentence": f"{place}: {words[0].lower()}{words[1:]}",
        "source": row["source"],
    }


def _as_checks(found: Sequence[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(found, columns=names(CONSISTENCY_CHECKS), dtype=object)
    return frame.astype({"year": "int64"})
