"""What orders tell about article lines: the e-commerce system's own mark, and the order line of an invoice line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from procanalysis.measures.contract_loyalty.answers import words_of

MARKED_CONTRACT, MARKED_OTHER, NOT_MARKED = "contract", "other", ""
_ORDER = ["supplier_key", "order_reference"]
_LINE = [*_ORDER, "order_line_reference"]
_FOUND = ["all_proven", "mark", "contract_id"]


@dataclass(frozen=True)
class Orders:
    """Tell per line what its order says: its mark, whether what was ordered is proven, and on which contract."""

    mark: pd.Series[Any]
    is_proven: pd.Series[Any]
    contract_id: pd.Series[Any]


def orders_of(asked: pd.DataFrame, order_lines: pd.DataFrame | None) -> Orders:
    """Find the order line of every invoice line: by order and line, or by order alone when all its lines agree.

    Parameters: `asked`, the lines with supplier_key, order_reference, order_line_reference and assortment;
    `order_lines`, as line_evidence returns them, or None. A line without mark takes that of its order line.
    """
    nothing = pd.DataFrame({"all_proven": False, "mark": NOT_MARKED, "contract_id": ""}, index=asked.index)
    if order_lines is None or order_lines.empty or not (asked["order_reference"] != "").any():
        return Orders(asked["assortment"], nothing["all_proven"], nothing["contract_id"])
    ordered = pd.DataFrame(
        {
            "supplier_key": order_lines["supplier_key"].astype("str"),
            "order_reference": words_of(order_lines["document_number"]),
            "order_line_reference": words_of(order_lines["line_number"]),
            "proven": order_lines["contracted"] == "yes",
            "mark": order_lines["assortment"].astype("str").fillna(NOT_MARKED),
            "contract_id": order_lines["contract_id"].astype("str").fillna(""),
        }
    )
    by_line = asked[_LINE].merge(_agreed(ordered[ordered["order_line_reference"] != ""], _LINE), on=_LINE, how="left")
    whole = asked[_ORDER].merge(_agreed(ordered, _ORDER), on=_ORDER, how="left")
    found = by_line[_FOUND].where(by_line["mark"].notna(), whole[_FOUND]).set_axis(asked.index)
    mark = asked["assortment"].where(asked["assortment"] != NOT_MARKED, found["mark"].fillna(NOT_MARKED))
    return Orders(mark, found["all_proven"].eq(True), found["contract_id"].fillna(""))


def _agreed(ordered: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Tell per order, or line of it, what all its lines agree on."""
    grouped = ordered[ordered["order_reference"] != ""].groupby(keys, as_index=False)
    agreed = grouped.agg(
        all_proven=("proven", "min"),
        mark=("mark", "min"),
        last_mark=("mark", "max"),
        contract_id=("contract_id", "min"),
        last_contract=("contract_id", "max"),
    )
    return agreed.assign(
        mark=agreed["mark"].where(agreed["mark"] == agreed["last_mark"], NOT_MARKED),
        contract_id=agreed["contract_id"].where(agreed["contract_id"] == agreed["last_contract"], ""),
    )[[*keys, *_FOUND]]
