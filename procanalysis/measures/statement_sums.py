"""Which row of an income statement or a budget is the sum of which: shared by the truth check and the statement."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

Row = dict[Hashable, Any]


def sums_of(rows: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Pair every total of a printed table with the rows that it is the sum of.

    The total of incomes is the sum of the incomes, and so for costs; net is both totals together; the result is net, or
    both totals where no net is printed. Parameters: rows of one table, each with kind, one of INCOME_ROW_KINDS. Yields
    the total and its parts, totals first.

    >>> table = [{"row": "Avgifter", "kind": "income"}, {"row": "Intäkter", "kind": "income_total"}]
    >>> [(total["row"], [part["row"] for part in parts]) for total, parts in sums_of(table)]
    [('Intäkter', ['Avgifter'])]
    """
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(str(row["kind"]), []).append(row)
    totals = [row for kind in ("income_total", "cost_total") for row in by_kind.get(kind, [])]
    nets = by_kind.get("net", [])
    for kind in ("income", "cost"):
        for total in by_kind.get(f"{kind}_total", []):
            if kind in by_kind:
                yield total, by_kind[kind]
    for net in nets:
        if len(totals) == 2:
            yield net, totals
    for result in by_kind.get("result", []):
        if nets or len(totals) == 2:
            yield result, nets or totals
