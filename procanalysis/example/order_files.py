"""Write the order lines as two e-commerce systems export them, with rows that a reader must reject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from procanalysis.example.articles import Date
from procanalysis.example.files import written_number
from procanalysis.example.ledger import PERIOD
from procanalysis.example.orders import CONTRACT, OTHER, Order, OrderLine
from procanalysis.example.register_files import write_table
from procanalysis.example.savings_files import FaultyRow, money_text, number_text

OLD_SYSTEM_TO = Date(PERIOD - 1, 3, 31)
"""The last day on which orders went through the system that the region had before."""
OLD_FILE = f"raindanceorder-{PERIOD - 1}.csv"
HEADER: tuple[str, ...] = (
    "Ordernummer",
    "Orderradnummer",
    "Orderdatum",
    "Beställarenhet",
    "Leverantör",
    "Organisationsnummer",
    "Leverantörens artikelnummer",
    "GTIN",
    "Artikelbenämning",
    "Varugrupp",
    "CPV-kod",
    "Antal",
    "Kvantitetsenhet",
    "Nettopris",
    "Pris per antal",
    "Radbelopp",
    "Avtalsnummer",
    "Sortiment",
    "Fakturanummer",
)
OLD_HEADER: tuple[str, ...] = (
    "Beställningsnr",
    "Rad",
    "Beställningsdatum",
    "Förvaltning",
    "Leverantörsnamn",
    "Orgnr",
    "Artnr",
    "EAN",
    "Benämning",
    "Artikelgrupp",
    "CPV",
    "Kvantitet",
    "Måttenhet",
    "À-pris",
    "Prisbas",
    "Nettobelopp",
    "Avtalsnr",
    "Avtalsvara",
    "Fakturanr",
)
UNREADABLE_AMOUNT = "1 2OO,00"
"""Written with the letter O."""
_MARKS = {CONTRACT: "Avtalat sortiment", OTHER: "Övrigt sortiment", "": ""}
_OLD_MARKS = {CONTRACT: "ja", OTHER: "nej", "": ""}
_ORDER, _LINE, _DAY, _PRICE, _AMOUNT = 0, 1, 2, 13, 15

Cells = list[str]


@dataclass(frozen=True)
class _Fault:
    """Describe a planted row: which column is at fault and why, and what is done to an ordinary row's cells."""

    reason: str
    column: int
    spoil: Callable[[Cells], Cells]
    is_amount_readable: bool = True
    is_new: bool = True


def _put(place: int, value: str) -> Callable[[Cells], Cells]:
    return lambda cells: [value if at == place else cell for at, cell in enumerate(cells)]


_FAULTS: tuple[_Fault, ...] = (
    _Fault("date_unreadable", _DAY, _put(_DAY, f"{PERIOD}-02-30")),
    _Fault("amount_unreadable", _AMOUNT, _put(_AMOUNT, UNREADABLE_AMOUNT), is_amount_readable=False),
    _Fault("amount_missing", _AMOUNT, _put(_AMOUNT, ""), is_amount_readable=False),
    _Fault("id_missing", _ORDER, _put(_ORDER, "")),
    _Fault("figure_negative", _PRICE, lambda cells: _put(_PRICE, f"-{cells[_PRICE]}")(cells)),
    _Fault("line_repeated", _LINE, list, is_new=False),
    _Fault("line_differs", _LINE, _put(_AMOUNT, "1,00"), is_new=False),
)
"""Faults in the period's file. A row that is not new has the order and line number of the row before it."""


@dataclass(frozen=True)
class FaultyOrder(FaultyRow):
    """Say where a rejected order line came to stand, and its amount where it can be read."""

    amount_ore: int | None


@dataclass(frozen=True)
class WrittenOrders:
    """Hold how many rows each file came to contain, and those that must be rejected."""

    rows_in_file: dict[str, int]
    rejected: tuple[FaultyOrder, ...]


def order_file(day: Date) -> str:
    """Name the file that an order of a day stands in.

    >>> order_file(Date(2024, 3, 31)), order_file(Date(2024, 4, 1))
    ('raindanceorder-2024.csv', 'e-handelsorder-2024.csv')
    """
    return OLD_FILE if day <= OLD_SYSTEM_TO else f"e-handelsorder-{day.year}.csv"


def write_orders(directory: Path, orders: Sequence[Order]) -> WrittenOrders:
    """Write one file per year and system; the old system's ends with a row of sums, the period's has every fault."""
    names = (OLD_FILE, *(f"e-handelsorder-{year}.csv" for year in (PERIOD - 1, PERIOD)))
    of_file: dict[str, list[OrderLine]] = {name: [] for name in names}
    for order in orders:
        of_file[order_file(order.day)] += order.lines
    rejected: list[FaultyOrder] = []
    rows_in_file = {}
    for name, lines in of_file.items():
        is_old = name == OLD_FILE
        rows = [_old_cells(one) if is_old else _cells(one) for one in lines]
        if is_old:
            rejected.append(_add_sums(rows, lines))
        elif str(PERIOD) in name and lines:
            rejected += _add_faults(name, rows, lines)
        header, encoding = (OLD_HEADER, "cp1252") if is_old else (HEADER, "utf-8-sig")
        write_table(directory / name, header, rows, encoding=encoding, line_end="\r\n" if is_old else "\n")
        rows_in_file[name] = len(rows)
    return WrittenOrders(rows_in_file, tuple(rejected))


def _cells(one: OrderLine) -> Cells:
    return _written(one, one.day.isoformat(), _MARKS[one.mark], money_text(one.amount_ore).replace(" ", ""))


def _old_cells(one: OrderLine) -> Cells:
    """Write a line as the old system does: days without hyphens, and spaces between thousands."""
    return _written(one, one.day.strftime("%Y%m%d"), _OLD_MARKS[one.mark], money_text(one.amount_ore))


def _written(one: OrderLine, day: str, mark: str, amount: str) -> Cells:
    return [
        one.order_number,
        str(one.line_number),
        day,
        one.unit,
        one.shop.name.replace(";", ","),
        written_number(one.shop.number, "hyphen"),
        one.article_id,
        one.gtin,
        one.name,
        one.group,
        one.cpv_code,
        str(one.quantity),
        one.quantity_unit,
        number_text(one.price),
        "" if one.base_quantity == 1 else str(one.base_quantity),
        amount,
        one.contract_reference,
        mark,
        one.invoice_number,
    ]


def _add_sums(rows: list[Cells], lines: Sequence[OrderLine]) -> FaultyOrder:
    """Add a row of sums, which is no order line and has no amount of its own."""
    cells = [""] * len(OLD_HEADER)
    cells[_ORDER], cells[_AMOUNT] = "Summa", money_text(sum(one.amount_ore for one in lines))
    rows.append(cells)
    return FaultyOrder(OLD_FILE, len(rows) + 1, "", "", "totals_row", None)


def _add_faults(name: str, rows: list[Cells], lines: Sequence[OrderLine]) -> list[FaultyOrder]:
    """Put the faulty rows in among the others, evenly, each made of the row before it."""
    found = []
    for turn, fault in enumerate(_FAULTS):
        # As many rows as were put in before stand above.
        after = (turn + 1) * len(lines) // (len(_FAULTS) + 1)
        source = list(rows[after + turn - 1]) if after else list(rows[0])
        if fault.is_new:
            source[_ORDER] = f"IO{PERIOD % 100}-{99_900 + turn}"
        cells = fault.spoil(source)
        rows.insert(after + turn, cells)
        amount_ore = _ore(cells[_AMOUNT]) if fault.is_amount_readable else None
        column, value = HEADER[fault.column], cells[fault.column]
        found.append(FaultyOrder(name, after + turn + 2, column, value, fault.reason, amount_ore))
    return found


def _ore(written: str) -> int:
    return int(Decimal(written.replace(",", ".")) * 100)
