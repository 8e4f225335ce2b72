"""Work out what was planted from the generator's own tables, not through the library's measures."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.example.account_plan import ACCOUNTS, PLANTED_FALL, PLANTED_RISE, UNITS, UNMAPPED_ACCOUNT
from procanalysis.example.amounts import SMALL_LIMIT_ORE
from procanalysis.example.files import BUYER, BUYER_NUMBER, DIALECTS, Written, written_number
from procanalysis.example.ledger import PERIOD, YEARS
from procanalysis.example.organisation_numbers import PREFIXES
from procanalysis.example.suppliers import HOSTILE_NAMES

Truths = dict[str, Any]

_ABOUT = (
    "Everything here is fictional. Amounts are whole öre, excluding VAT, credit notes negative. A row number "
    "counts the header as row 1. Organisation numbers lie in the ranges under number_ranges; personal "
    "numbers have the day 00, or 60 for coordination numbers, which no person can have."
)


def gather_truths(
    postings: pd.DataFrame,
    suppliers: pd.DataFrame,
    written: dict[int, Written],
    copy: Path,
    seed: int,
    lines: int,
) -> Truths:
    """Return everything planted, ready for JSON."""
    frame = postings.assign(
        number=suppliers["number"].to_numpy()[postings["supplier"]],
        supplier_type=suppliers["supplier_type"].to_numpy()[postings["supplier"]],
        number_status=suppliers["number_status"].to_numpy()[postings["supplier"]],
        unit_name=np.array(UNITS, dtype=object)[postings["unit"]],
        row_number=np.concatenate([written[year].row_numbers for year in YEARS]),
    )
    original = written[2024].path
    rejected = [asdict(row) for year in YEARS for row in written[year].rejected]
    return {
        "about": _ABOUT,
        "number_ranges": {kind: [str(low), str(low + width - 1)] for kind, (low, width) in PREFIXES.items()},
        "organisation": BUYER,
        "organisation_number": BUYER_NUMBER,
        "seed": seed,
        "lines_wanted": lines,
        "period": str(PERIOD),
        "files": [_file(frame, year, written[year]) for year in YEARS],
        "repeated_delivery": {
            "file": copy.name,
            "identical_to": original.name,
            "sha256": hashlib.sha256(copy.read_bytes()).hexdigest(),
            "rows_in_file": len(written[2024].row_numbers) + len(written[2024].rejected),
            "amount_ore": int(frame.loc[frame["year"].eq(2024), "amount_ore"].sum()),
            "note": "either file may be taken as the first; the other must be rejected whole",
        },
        "all_years": _totals(frame),
        "years": {str(year): _year(frame[frame["year"].eq(year)]) for year in YEARS},
        "rejected_rows": rejected,
        "miscodings": _miscodings(frame),
        "planted_changes": {
            "rise": _change(frame, PLANTED_RISE[0]),
            "fall": _change(frame, PLANTED_FALL[0]),
        },
        "sole_traders_raw": _sole_traders_raw(frame, suppliers),
        "hostile_supplier_names": list(HOSTILE_NAMES),
        "unmapped_account": UNMAPPED_ACCOUNT.code,
    }


def _totals(frame: pd.DataFrame) -> Truths:
    return {
        "rows": len(frame),
        "amount_ore": int(frame["amount_ore"].sum()),
        "invoices": int(frame["invoice"].nunique()),
        "suppliers": int(frame["supplier"].nunique()),
    }


def _file(frame: pd.DataFrame, year: int, written: Written) -> Truths:
    dialect = DIALECTS[year]
    rows = frame[frame["year"].eq(year)]
    return {
        "file": written.path.name,
        "year": year,
        "encoding": dialect.encoding,
        "byte_order_mark": bool(dialect.byte_order_mark),
        "delimiter": dialect.delimiter,
        "line_end": dialect.line_end,
        "decimal": dialect.decimal,
        "rows_in_file": len(rows) + len(written.rejected),
        "accepted_rows": len(rows),
        "accepted_ore": int(rows["amount_ore"].sum()),
        "rejected_rows": len(written.rejected),
        "sha256": hashlib.sha256(written.path.read_bytes()).hexdigest(),
    }


def _year(frame: pd.DataFrame) -> Truths:
    """Return the truths of one year."""
    mapped = frame[frame["tier"].ne("default")]
    return {
        **_totals(frame),
        "supplier_tail": _tail(frame),
        "small_invoices": _small_invoices(frame),
        "credit_notes": _credit_notes(frame),
        "duplicates": _duplicates(frame),
        "mapped": _rows_and_ore(mapped),
        "unmapped": _rows_and_ore(frame[frame["tier"].eq("default")]),
        "supplier_types": _by(frame, "supplier_type", suppliers=True),
        "number_statuses": _by(frame, "number_status", suppliers=True),
        "suppliers_with_several_names": _several_names(frame),
        "category_code": _by(frame, "category_code"),
        "main_category_code": _by(frame.assign(main=frame["category_code"].str[:2]), "main"),
        "spend_class": _by(frame, "spend_class"),
        "lou_covered": _by(frame, "lou_covered"),
        "tier": _by(frame, "tier"),
        "unit": _by(frame, "unit_name"),
        "month": _by(frame.assign(month=frame["day"].dt.strftime("%Y-%m")), "month"),
        "category_by_unit_ore": _category_by_unit(frame),
        "miscoded": _rows_and_ore(frame[frame["is_miscoded"]]),
    }


def _rows_and_ore(frame: pd.DataFrame) -> Truths:
    return {"rows": len(frame), "amount_ore": int(frame["amount_ore"].sum())}


def _by(frame: pd.DataFrame, column: str, *, suppliers: bool = False) -> dict[str, Truths]:
    """Sum rows and öre (and count suppliers) per value of a column."""
    grouped = frame.groupby(column, sort=True)
    summed = {"rows": grouped.size(), "amount_ore": grouped["amount_ore"].sum()}
    if suppliers:
        summed["suppliers"] = grouped["supplier"].nunique()
    listed = zip(*(counts.tolist() for counts in summed.values()), strict=True)
    values = map(str, summed["rows"].index)
    return {value: dict(zip(summed, row, strict=True)) for value, row in zip(values, listed, strict=True)}


def _tail(frame: pd.DataFrame) -> Truths:
    """Count the suppliers outside the smallest set that makes 80 % of the volume."""
    bought = sorted(frame.groupby("supplier")["amount_ore"].sum().tolist(), reverse=True)
    positive = [amount for amount in bought if amount > 0]
    total, reached, needed = sum(positive), 0, 0
    while reached * 100 < total * 80:
        reached += positive[needed]
        needed += 1
    return {
        "definition": "suppliers with a net volume above zero outside the smallest set that makes 80 % of it",
        "numerator": len(positive) - needed,
        "denominator": len(positive),
        "head_suppliers": needed,
        "head_ore": reached,
        "tail_ore": total - reached,
        "suppliers_at_or_below_zero": len(bought) - len(positive),
    }


def _small_invoices(frame: pd.DataFrame) -> Truths:
    """Count the invoices under the limit among those whose sum is not below zero."""
    sums = frame.groupby("invoice")["amount_ore"].sum()
    ordinary = sums[sums >= 0]
    small = ordinary[ordinary < SMALL_LIMIT_ORE]
    return {
        "limit_ore": SMALL_LIMIT_ORE,
        "definition": "invoices with a sum of at least zero and under the limit, of those of at least zero",
        "numerator": len(small),
        "denominator": len(ordinary),
        "amount_ore": int(small.sum()),
        "invoices_with_credit_notes": len(sums),
    }


def _credit_notes(frame: pd.DataFrame) -> Truths:
    """Count credit notes; all their rows are negative, and no other row is."""
    sums = frame.groupby("invoice")["amount_ore"].sum()
    negative = frame[frame["amount_ore"] < 0]
    return {
        "invoices": int((sums < 0).sum()),
        "rows": len(negative),
        "amount_ore": int(negative["amount_ore"].sum()),
    }


def _duplicates(frame: pd.DataFrame) -> Truths:
    """List the groups of rows that are equal in every cell."""
    cells = ["invoice", "name", "account", "unit", "amount_ore"]
    equal = frame[frame.duplicated(cells, keep=False)]
    row_numbers = equal.groupby(cells, sort=False)["row_number"].agg(list).tolist()
    return {
        "groups": len(row_numbers),
        "rows": len(equal),
        "extra_rows": len(equal) - len(row_numbers),
        "extra_ore": int(equal.loc[equal.duplicated(cells), "amount_ore"].sum()),
        "row_numbers": row_numbers,
    }


def _several_names(frame: pd.DataFrame) -> int:
    """Count the suppliers that the year's file writes with more than one name."""
    return int((frame.groupby("supplier")["name"].nunique() > 1).sum())


def _category_by_unit(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    sums = frame.groupby(["category_code", "unit_name"])["amount_ore"].sum()
    result: dict[str, dict[str, int]] = {}
    for row in sums.reset_index().to_dict("records"):
        result.setdefault(str(row["category_code"]), {})[str(row["unit_name"])] = int(row["amount_ore"])
    return result


def _miscodings(frame: pd.DataFrame) -> list[Truths]:
    """List the planted miscodings with the right account and category."""
    found = []
    for row in frame[frame["is_miscoded"]].to_dict("records"):
        right = ACCOUNTS[int(row["right_account"])]
        found.append(
            {
                "year": int(row["year"]),
                "row_number": int(row["row_number"]),
                "supplier_number": row["number"],
                "supplier_type": row["supplier_type"],
                "unit": row["unit_name"],
                "wrong_account": ACCOUNTS[int(row["account"])].code,
                "wrong_category_code": row["category_code"],
                "right_account": right.code,
                "right_category_code": right.category_code,
                "amount_ore": int(row["amount_ore"]),
            }
        )
    return found


def _change(frame: pd.DataFrame, category_code: str) -> Truths:
    rows = frame[frame["category_code"].eq(category_code)]
    per_year = rows.groupby("year")["amount_ore"].sum()
    return {
        "category_code": category_code,
        "before_ore": int(per_year[PERIOD - 1]),
        "amount_ore": int(per_year[PERIOD]),
    }


def _sole_traders_raw(frame: pd.DataFrame, suppliers: pd.DataFrame) -> list[Truths]:
    """List what must never be seen outside the input: names and numbers of sole traders, in all forms."""
    used = suppliers.loc[np.unique(frame["supplier"])]
    return [
        {
            "name": row["name"],
            "number": row["number"],
            "written": sorted({written_number(row["number"], form) for form in ("plain", "hyphen", row["written_as"])}),
        }
        for row in used[used["supplier_type"].eq("sole_trader")].to_dict("records")
    ]
