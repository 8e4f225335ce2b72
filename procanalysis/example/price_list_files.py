"""Write the contracts' price lists: a Peppol catalogue, CSV files and a workbook, and the clause that moves prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from procanalysis.example.articles import LISTS_TO, WITHDRAWN_ON, Article, Date, ListPrice, Shop
from procanalysis.example.files import written_number
from procanalysis.example.register_files import day_text, write_table
from procanalysis.example.savings_files import FaultyRow, number_text
from procanalysis.example.ubl import UNIT_CODES, amount, catalogue, tag
from procanalysis.example.workbook import Cell, write_workbook

FOLDER = "prislistor"
INDEX_FILE = "prisindex.csv"
HEADER: tuple[str, ...] = (
    "Avtalsnummer",
    "Leverantör",
    "Organisationsnummer",
    "Artikelnummer",
    "Artikelbenämning",
    "GTIN",
    "CPV",
    "Avtalspris",
    "Prisbas",
    "Enhet",
    "Valuta",
    "Från antal",
    "Till antal",
    "Giltig från",
    "Giltig till",
)
INDEX_HEADER: tuple[str, ...] = (
    "Avtalsnummer",
    "Giltig från",
    "Giltig till",
    "Indexandel",
    "Basindex",
    "Aktuellt index",
)
_ARTICLE, _PRICE, _FROM, _TO = 3, 7, 13, 14


@dataclass(frozen=True)
class WrittenLists:
    """Hold how many rows each list came to contain, the rejected rows, and the articles that nobody can be sure of."""

    rows_in_file: dict[str, int]
    rejected: tuple[FaultyRow, ...]


def write_price_lists(directory: Path, shops: Sequence[Shop]) -> WrittenLists:
    """Write one list per contract in a folder of their own, and the index figures beside it.

    The catalogue comes with a later one that takes an article away. The first CSV list has faults: a price below zero,
    an article whose days run backwards, and one with two prices at the same time.
    """
    folder = directory / FOLDER
    folder.mkdir(exist_ok=True)
    rows_in_file: dict[str, int] = {}
    rejected: list[FaultyRow] = []
    for shop in shops:
        if not shop.has_list:
            continue
        name = f"{shop.contract_id.lower()}"
        if shop.role == "catalogue":
            rows_in_file |= _write_catalogues(folder, shop, name)
            continue
        rows = [cells for article in shop.listed for cells in _rows(shop, article)]
        if shop.role == "workbook":
            write_workbook(folder / f"{name}.xlsx", "Prislista", [HEADER, *rows])
            rows_in_file[f"{name}.xlsx"] = len(rows)
            continue
        if not rejected:
            rejected = _add_faults(f"{name}.csv", rows)
        written = [[_text(cell) for cell in cells] for cells in rows]
        write_table(folder / f"{name}.csv", HEADER, written, encoding="utf-8-sig")
        rows_in_file[f"{name}.csv"] = len(rows)
    _write_indexes(directory, shops)
    return WrittenLists(rows_in_file, tuple(rejected))


def _text(cell: Cell) -> str:
    return number_text(cell) if isinstance(cell, Decimal) else "" if cell is None else str(cell)


def _rows(shop: Shop, article: Article) -> Iterator[list[Cell]]:
    for one in article.prices:
        yield [
            shop.contract_id,
            shop.name.replace(";", ","),
            written_number(shop.number, "hyphen"),
            article.article_id,
            article.name,
            article.gtin,
            article.cpv_code,
            one.price,
            article.base_quantity,
            article.unit,
            "SEK",
            one.minimum,
            one.maximum,
            day_text(one.valid_from),
            day_text(one.valid_to),
        ]


def _add_faults(name: str, rows: list[list[Cell]]) -> list[FaultyRow]:
    """Add rows about articles that nobody buys, which must be rejected."""
    faults: list[tuple[str, str, dict[int, Cell], str]] = [
        ("figure_negative", "X001", {_PRICE: Decimal("-12.50")}, "Avtalspris"),
        ("ends_before_start", "X002", {_FROM: "2025-01-01", _TO: "2024-01-01"}, "Giltig till"),
        ("price_differs", "X003", {_PRICE: Decimal("18.00")}, "Avtalspris"),
        ("price_differs", "X003", {_PRICE: Decimal("19.00")}, "Avtalspris"),
    ]
    found = []
    for reason, article_id, changes, column in faults:
        cells = list(rows[0])
        cells[_ARTICLE], cells[5] = article_id, ""
        for place, value in changes.items():
            cells[place] = value
        rows.append(cells)
        found.append(FaultyRow(f"{FOLDER}/{name}", len(rows) + 1, column, _text(cells[HEADER.index(column)]), reason))
    return found


def _write_catalogues(folder: Path, shop: Shop, name: str) -> dict[str, int]:
    lines = [
        _catalogue_line(article, f"{article.article_id}-{place}", one)
        for article in shop.listed
        for place, one in enumerate(article.prices, start=1)
    ]
    gone = [_withdrawn_line(article) for article in shop.listed if article.is_withdrawn]
    first = shop.listed[0].prices[0].valid_from
    for ending, issued_on, version, content in (("", first, "1", lines), ("-2", WITHDRAWN_ON, "2", gone)):
        text = catalogue(shop, issued_on=issued_on, ends_on=LISTS_TO, version=version, lines=content)
        (folder / f"{name}{ending}.xml").write_text(text, encoding="utf-8", newline="\n")
    return {f"{name}.xml": len(lines), f"{name}-2.xml": len(gone)}


def _catalogue_line(article: Article, line_id: str, one: ListPrice) -> str:
    unit = UNIT_CODES[article.unit]
    # What is taken away later was in the list until further notice.
    last = LISTS_TO if article.is_withdrawn else one.valid_to
    period = tag("cac:ValidityPeriod", _days(one.valid_from, last))
    base = tag("cbc:BaseQuantity", str(article.base_quantity), unitCode=unit)
    price = tag("cac:Price", amount("cbc:PriceAmount", one.price), base, period)
    return tag(
        "cac:CatalogueLine",
        tag("cbc:ID", line_id),
        tag("cbc:ActionCode", "Add"),
        tag("cbc:OrderableIndicator", "true"),
        tag("cbc:OrderableUnit", unit),
        tag("cac:RequiredItemLocationQuantity", price),
        _item(article),
    )


def _withdrawn_line(article: Article) -> str:
    return tag(
        "cac:CatalogueLine",
        tag("cbc:ID", f"{article.article_id}-utgår"),
        tag("cbc:ActionCode", "Delete"),
        _item(article),
    )


def _item(article: Article) -> str:
    code = tag("cbc:ItemClassificationCode", article.cpv_code, listID="STI")
    return tag(
        "cac:Item",
        tag("cbc:Name", article.name),
        tag("cac:SellersItemIdentification", tag("cbc:ID", article.article_id)),
        tag("cac:StandardItemIdentification", tag("cbc:ID", article.gtin, schemeID="0160")),
        tag("cac:CommodityClassification", code),
    )


def _days(first: Date, last: Date) -> str:
    return tag("cbc:StartDate", first.isoformat()) + tag("cbc:EndDate", last.isoformat())


def _write_indexes(directory: Path, shops: Sequence[Shop]) -> None:
    rows = [
        [
            shop.contract_id,
            day_text(one.valid_from),
            day_text(one.valid_to),
            f"{number_text(one.share_pct)} %",
            number_text(one.base),
            number_text(one.now),
        ]
        for shop in shops
        for one in shop.indexes
    ]
    write_table(directory / INDEX_FILE, INDEX_HEADER, rows, encoding="utf-8-sig")
