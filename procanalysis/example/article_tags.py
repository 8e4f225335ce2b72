"""Plant which articles carry which tag, and made-up emission factors for practice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from procanalysis.example.article_plans import FOOD
from procanalysis.example.articles import Article, Date, Shop
from procanalysis.example.draws import Choice, Draws
from procanalysis.example.files import written_number
from procanalysis.example.ledger import PERIOD
from procanalysis.example.orders import CATEGORY_OF, FREIGHT_GROUP, OrderLine
from procanalysis.example.register_files import day_text, write_table
from procanalysis.example.savings_files import FaultyRow

TAG_FILE = "artikelmarkning.csv"
FACTOR_FILE = "utslappsfaktorer.csv"
FICTIONAL_SOURCE = "Påhittade faktorer för övning"
NO_TAG = "Ingen"
TAG_HEADER: tuple[str, ...] = (
    "Organisationsnummer",
    "Leverantör",
    "Artikelnummer",
    "GTIN",
    "Kategori",
    "Slag av märkning",
    "Märkning",
    "Giltig från",
    "Giltig till",
    "Källa",
)
FACTOR_HEADER: tuple[str, ...] = (
    "Kategori",
    "kg CO2e per krona",
    "Prisår",
    "Inklusive moms",
    "Osäkerhet (%)",
    "Källa",
)
KINDS: dict[str, str] = {
    "label": "Miljömärke",
    "organic": "Ekologiskt",
    "local": "Lokalproducerat",
    "climate_class": "Klimatklass",
}
FACTORS: tuple[tuple[str, str, int, str, str], ...] = (
    ("02", "0,04", PERIOD, "nej", "30"),
    ("13.01", "0,11", PERIOD, "nej", "25"),
    ("14", "0,05", PERIOD, "nej", "40"),
    ("07.01", "0,06", PERIOD, "nej", "50"),
    ("11.06", "0,09", PERIOD, "nej", ""),
)
"""Category, kilograms per krona, price year, whether VAT is included, uncertainty: all made up."""
_FOOD_TAGS = (
    ("organic", Choice(("KRAV", 2), ("EU-ekologiskt", 2), (NO_TAG, 6))),
    ("local", Choice(("Ja", 2), ("Nej", 5))),
)
_OTHER_TAGS = (("label", Choice(("Svanen", 3), ("EU Ecolabel", 1), (NO_TAG, 4))),)
_CLASSES = Choice(("Klass A", 1), ("Klass B", 2), ("Klass C", 2))
_JUDGED_SHARE, _BY_STANDARD_SHARE, _CLASSED_SHARE = 0.7, 0.3, 0.4
_HALF_YEAR = Date(PERIOD, 7, 1)


@dataclass(frozen=True)
class Tag:
    """Hold one row of the list: a tag on an article of a supplier, on a standard number, or on a category."""

    shop: Shop | None
    article_id: str
    gtin: str
    category: str
    kind: str
    tag: str
    valid_from: Date | None = None

    def meets(self, line: OrderLine) -> bool:
        """Tell whether the tag is on what a line bought, on its day."""
        if self.valid_from is not None and line.day < self.valid_from:
            return False
        if self.shop is not None:
            return line.shop.place == self.shop.place and line.article_id == self.article_id
        return line.category == self.category if self.category else line.gtin == self.gtin


def draw_tags(shops: Sequence[Shop], draws: Draws) -> list[Tag]:
    """Tag most of the articles of suppliers with contract, one way each; all freight is of one climate class."""
    tags: list[Tag] = []
    seen: set[str] = set()
    for shop in shops:
        for article in (*shop.listed, *shop.others) if shop.contract_id else ():
            # Several suppliers sell what has the same standard number; one of them says what it carries.
            if article.gtin not in seen:
                tags += _of_article(shop, article, draws)
                seen.add(article.gtin)
    return [*tags, Tag(None, "", "", CATEGORY_OF[FREIGHT_GROUP], "climate_class", "Klass B")]


def _of_article(shop: Shop, article: Article, draws: Draws) -> Iterator[Tag]:
    by_standard = draws.chance(_BY_STANDARD_SHARE)
    is_judged, is_classed, is_late = (draws.chance(share) for share in (_JUDGED_SHARE, _CLASSED_SHARE, 0.1))
    kinds = _FOOD_TAGS if article.category == FOOD else _OTHER_TAGS
    found = [(kind, draws.one_of(choice)) for kind, choice in kinds] if is_judged else []
    found += [("climate_class", draws.one_of(_CLASSES))] if is_classed else []
    for kind, tag in found:
        yield Tag(
            shop=None if by_standard else shop,
            article_id="" if by_standard else article.article_id,
            gtin=article.gtin if by_standard else "",
            category="",
            kind=kind,
            tag=tag,
            valid_from=_HALF_YEAR if is_late else None,
        )


def write_tags(directory: Path, tags: Sequence[Tag]) -> list[FaultyRow]:
    """Write the list of tags, with faulty rows at its end, and the emission factors; returns the rejected rows."""
    rows = [_cells(one) for one in tags]
    faults = [
        ("tag_kind_unknown", "Slag av märkning", ["", "", "", "2990000099990", "", "Färg", "Grön"]),
        ("tag_target_missing", "Artikelnummer", ["", "", "", "", "", "Miljömärke", "Svanen"]),
        ("category_unknown", "Kategori", ["", "", "", "", "Måndagsvaror", "Miljömärke", "Svanen"]),
    ]
    found = []
    for reason, column, cells in faults:
        rows.append([*cells, "", "", "Fiktiv uppgift"])
        value = rows[-1][TAG_HEADER.index(column)]
        found.append(FaultyRow(TAG_FILE, len(rows) + 1, column, value, reason))
    write_table(directory / TAG_FILE, TAG_HEADER, rows, encoding="utf-8-sig")
    factors = [[*cells[:2], str(cells[2]), *cells[3:], FICTIONAL_SOURCE] for cells in FACTORS]
    write_table(directory / FACTOR_FILE, FACTOR_HEADER, factors, encoding="utf-8-sig")
    return found


def _cells(one: Tag) -> list[str]:
    shop = one.shop
    return [
        written_number(shop.number, "hyphen") if shop else "",
        shop.name.replace(";", ",") if shop else "",
        one.article_id,
        one.gtin,
        one.category,
        KINDS[one.kind],
        one.tag,
        day_text(one.valid_from),
        "",
        "Fiktiv uppgift",
    ]
