"""Read the order lines of an e-commerce system: which article, how much, at which price, to whom, on which contract."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

from procanalysis.errors import ReconciliationError
from procanalysis.read.article_groups import ArticleGroups
from procanalysis.read.order_list import ASSORTMENT_WORDS, ORDER_LIST
from procanalysis.read.order_rows import (
    assortment_of,
    contract_of,
    judge_line,
    judge_repeated,
    reckoned_ore,
    settle_units,
)
from procanalysis.read.quantity_units import quantity_unit_of
from procanalysis.read.register_rows import Row, clean_text, normal_word, shortened
from procanalysis.read.register_suppliers import Hider, RegisterSupplier, identify, supplier_written
from procanalysis.read.registers import (
    LineControl,
    RegisterControl,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    reject_repeated_files,
)
from procanalysis.read.supplier_numbers import MASKED, Masker
from procanalysis.schema import ARTICLE_LINES, ORDER_DIFFERENCES, round_ore

Record = Mapping[str, object]


@dataclass(frozen=True)
class OrderReading:
    """Hold what order lines gave, as tables of the schema, and the control.

    lines: ARTICLE_LINES of origin 'order'. differences: ORDER_DIFFERENCES. rejected: REJECTED_ROWS.
    """

    lines: pd.DataFrame
    differences: pd.DataFrame
    rejected: pd.DataFrame
    control: LineControl


def read_orders(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
    known_keys: Collection[str] = frozenset(),
    units: Collection[str] = frozenset(),
) -> OrderReading:
    """Read the order lines that an e-commerce system exports, one row each.

    Formula: amount against quantity × price ÷ base quantity: what differs by an öre or more is told, never mended.
    Words for units of quantity become codes; nothing is converted. The person who ordered is never read.
    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written and what their words mean; taxonomy,
    schema.TAXONOMY; masker, hides sole traders and personal numbers; known_keys, the ledger's supplier keys, by which a
    sole trader without number is hidden as there; units, as the ledger names them, by which a column called only Enhet
    is told to be of the organisation.
    Returns an OrderReading that reconciles. Raises InputError for a file that is not a readable list of order lines or
    from which no row is accepted, and ReconciliationError when rows or öre do not add up.
    Source: requirements R35, R51; method 2.
    """
    form = form or RegisterFormat()
    groups = ArticleGroups(taxonomy, form.categories, form.cpv_categories, ORDER_LIST.key)
    rows, files = read_rows(paths, form, ORDER_LIST, masker)
    reject_repeated_files(rows, files)
    settle_units(rows, units)
    for row in rows:
        judge_line(row)
    suppliers, hider = identify(
        [(supplier_written(row), not row.reason) for row in rows],
        masker,
        supplier_numbers=form.supplier_numbers,
        known_keys=known_keys,
    )
    keys = _judged_suppliers(rows, suppliers)
    judge_repeated(rows, keys)
    refuse_nothing_accepted(rows, ORDER_LIST)
    accepted = [row for row in rows if not row.reason]
    layout = _Layout(suppliers, hider, masker, groups, form.kinds, units)
    lines = frame_of([layout.line(row, line_id) for line_id, row in enumerate(accepted, start=1)], ARTICLE_LINES)
    differences = frame_of(
        [found for row in accepted if (found := _difference(row, hider)) is not None], ORDER_DIFFERENCES
    )
    rejected, control = reckon(
        rows,
        files,
        len(lines),
        shown=hider.rejected,
        amount_column="amount",
        unknown={"categories": layout.unknown_groups, "kinds": layout.unknown_assortments},
    )
    return OrderReading(lines, differences, rejected, _reckoned(rows, lines, differences, rejected, control))


def _judged_suppliers(rows: Sequence[Row], suppliers: Mapping[tuple[str, str], RegisterSupplier]) -> dict[int, str]:
    """Reject the rows whose supplier cannot be told; return the others' supplier keys by the row's id."""
    keys: dict[int, str] = {}
    for row in rows:
        if row.reason:
            continue
        key = suppliers[supplier_written(row)].supplier_key
        if key is None:
            row.reject("supplier_missing", "supplier_name" if "supplier_name" in row.headers else "supplier_number")
        else:
            keys[id(row)] = key
    return keys


class _Layout:
    """Lay accepted order lines out under the columns of ARTICLE_LINES, and remember the words not understood."""

    def __init__(
        self,
        suppliers: Mapping[tuple[str, str], RegisterSupplier],
        hider: Hider,
        masker: Masker,
        groups: ArticleGroups,
        kinds: Mapping[str, str],
        units: Collection[str],
    ) -> None:
        self._suppliers, self._hider, self._masker, self._groups = suppliers, hider, masker, groups
        self._words = ASSORTMENT_WORDS | {normal_word(word): kind for word, kind in kinds.items()}
        self._unknown: dict[str, None] = {}
        self._units = {normal_word(unit) for unit in units}
        # The same words and numbers stand on thousands of lines.
        self._text: Callable[[str], str | None] = cache(lambda cell: hider.text(clean_text(cell)))
        self._reference: Callable[[str], str | None] = cache(lambda cell: hider.reference(clean_text(cell)))
        self._unit: Callable[[str], str | None] = cache(self._unit_of)
        self._quantity_unit: Callable[[str], str | None] = cache(lambda cell: hider.text(quantity_unit_of(cell)))

    def line(self, row: Row, line_id: int) -> Record:
        """Return a line's row of ARTICLE_LINES."""
        cells, numbers, supplier = row.cells, row.numbers, self._suppliers[supplier_written(row)]
        group, unspsc_code, cpv_code = (row.text(name) for name in ("article_group", "unspsc_code", "cpv_code"))
        return {
            "line_id": line_id,
            "origin": "order",
            "document_number": self._reference(cells["order_number"]),
            "line_number": self._reference(cells.get("line_number", "")),
            "bought_on": row.dates["bought_on"],
            "unit": self._unit(cells.get("unit", "")),
            "supplier_key": supplier.supplier_key,
            "supplier_name": supplier.name,
            "article_id": self._reference(cells.get("article_id", "")),
            "standard_item_id": self._reference(cells.get("standard_item_id", "")),
            "article_name": self._text(cells.get("article_name", "")),
            "article_group": self._text(group or unspsc_code or ""),
            "category_code": self._groups.code(group, unspsc_code, cpv_code),
            "cpv_code": self._text(cpv_code or ""),
            "quantity": numbers.get("quantity"),
            "quantity_unit": self._quantity_unit(cells.get("quantity_unit", "")),
            "price_sek": numbers.get("price"),
            "base_quantity": numbers.get("base_quantity", Decimal(1)),
            "amount_ore": row.amounts["amount"],
            "contract_reference": self._reference(contract_of(row) or ""),
            "invoice_key": self._invoice_key(str(supplier.supplier_key), row.text("invoice_number")),
            "assortment": assortment_of(row, self._words, self._unknown),
            "file": row.file,
            "row_number": row.row_number,
        }

    def _unit_of(self, cell: str) -> str | None:
        """Return a unit as the ledger shows it; what the ledger knows no unit by may be whoever ordered or sold."""
        unit = self._hider.number_free(clean_text(cell) or "")
        return (unit if normal_word(unit) in self._units else self._hider.text(unit)) or None

    def _invoice_key(self, supplier_key: str, number: str | None) -> str | None:
        if number is None:
            return None
        is_hidden = self._masker.enabled and supplier_key.startswith(MASKED)
        return f"{supplier_key}|{self._masker.reference(number, of_sole_trader=is_hidden)}"

    @property
    def unknown_groups(self) -> tuple[str, ...]:
        """The groups of articles that no category is known for, people hidden."""
        return self._shown(self._groups.unknown)

    @property
    def unknown_assortments(self) -> tuple[str, ...]:
        """The words for assortments that are not understood, people hidden."""
        return self._shown(self._unknown)

    def _shown(self, words: Collection[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(shortened(self._hider.text(word) or "") for word in words))


def _difference(row: Row, hider: Hider) -> Record | None:
    """Return a row of ORDER_DIFFERENCES when amount and price disagree by more than rounding to the öre can."""
    reckoned, stated = reckoned_ore(row), row.amounts["amount"]
    if reckoned is None or abs(stated - reckoned) < 1:
        return None
    rounded = round_ore(reckoned)
    return {
        "document_number": hider.reference(row.text("order_number")),
        "line_number": hider.reference(row.text("line_number")),
        "stated_ore": stated,
        "reckoned_ore": rounded,
        "difference_ore": stated - rounded,
        "file": row.file,
        "row_number": row.row_number,
    }


def _reckoned(
    rows: Sequence[Row],
    lines: pd.DataFrame,
    differences: pd.DataFrame,
    rejected: pd.DataFrame,
    control: RegisterControl,
) -> LineControl:
    """Reckon up the öre as the rows are. Raises ReconciliationError when they do not add up."""
    amounts = [row.amounts["amount"] for row in rows if "amount" in row.amounts]
    of_lines, of_rejected = int(lines["amount_ore"].sum()), int(rejected["amount_ore"].fillna(0).sum())
    if sum(amounts) != of_lines + of_rejected:
        raise ReconciliationError(
            f"The order lines do not reconcile: read {sum(amounts)} öre, accepted {of_lines}, rejected {of_rejected}. "
            "This is a fault in the program: keep the files and report it."
        )
    checked = int((lines["quantity"].notna() & lines["price_sek"].notna()).sum())
    note = (
        f"{len(differences)} av {checked} orderrader med antal och pris har ett annat belopp än antal × pris. "
        "De räknas med sitt belopp."
    )
    plain = {**asdict(control), "files": control.files}
    return LineControl(
        **plain,
        amount_read_ore=sum(amounts),
        amount_accepted_ore=of_lines,
        amount_rejected_ore=of_rejected,
        rows_without_readable_amount=len(rows) - len(amounts),
        lines_checked=checked,
        lines_differing=len(differences),
        notes=(note,) if len(differences) else (),
    )
