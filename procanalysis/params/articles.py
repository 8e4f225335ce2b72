"""The organisation file's parts about what was bought line by line: orders, invoices, price lists, tags, factors."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, field_validator

from procanalysis.params.contracts import Code, Percent, RegisterFile
from procanalysis.params.table_file import known_columns
from procanalysis.params.yaml_file import Part

ORDER_COLUMNS: dict[str, str] = {
    "order_number": "the order's number",
    "line_number": "the line's number in it",
    "bought_on": "day of the order",
    "unit": "the unit that bought, as in the ledger; never the person who ordered",
    "supplier_number": "the supplier's organisation number",
    "supplier_name": "the supplier's name",
    "article_id": "the supplier's article number",
    "standard_item_id": "GTIN or EAN",
    "article_name": "the article's name",
    "article_group": "group of articles: a category code, or a word that `categories` translates",
    "unspsc_code": "UNSPSC code",
    "cpv_code": "CPV code, which `cpv_categories` translates",
    "quantity": "how much; returns negative",
    "quantity_unit": "st, förp, kg, timme …",
    "price": "net price of base_quantity units, excluding VAT",
    "base_quantity": "how many units the price is for; empty means 1",
    "amount": "the line's amount excluding VAT",
    "currency": "three letters; empty means SEK, and another is rejected",
    "status": "the line's status; one that is cancelled (makulerad) is rejected",
    "contract_reference": "the contract",
    "invoice_number": "the supplier's invoice",
    "assortment": "avtal or övrigt, or ja when on contract",
}
PRICE_LIST_COLUMNS: dict[str, str] = {
    "contract_reference": "the contract, as on orders and invoices",
    "supplier_number": "the supplier's organisation number",
    "supplier_name": "the supplier's name",
    "article_id": "the supplier's article number",
    "standard_item_id": "GTIN or EAN",
    "manufacturer_item_id": "the manufacturer's article number",
    "article_name": "the article's name",
    "article_description": "the same at length",
    "cpv_code": "CPV code",
    "unspsc_code": "UNSPSC code",
    "labels": "environmental labels and certificates",
    "price": "net price of base_quantity units, excluding VAT",
    "base_quantity": "how many units the price is for; empty means 1",
    "unit_code": "st, förp, kg, timme …",
    "currency": "three letters; empty means SEK",
    "minimum_quantity": "the price holds from this quantity",
    "maximum_quantity": "the price holds to this quantity",
    "delivery_place": "where the price holds",
    "valid_from": "first day",
    "valid_to": "last day",
}
PRICE_INDEX_COLUMNS: dict[str, str] = {
    "contract_reference": "the contract, as in the price lists",
    "valid_from": "first day on which the moved price holds",
    "valid_to": "last day; empty when it holds until the next",
    "indexed_share": "percent of the price that the index moves",
    "index_base": "the index that the listed price belongs to",
    "index_now": "the index from valid_from",
}
ARTICLE_TAG_COLUMNS: dict[str, str] = {
    "supplier_number": "the supplier's organisation number",
    "supplier_name": "the supplier's name",
    "article_id": "the supplier's article number",
    "standard_item_id": "GTIN or EAN",
    "category": "category code, or a word that `categories` translates, for a tag on a whole category",
    "tag_kind": "miljömärke, ekologiskt, lokalproducerat or klimatklass",
    "tag": "the tag; ingen when looked at and without one",
    "valid_from": "first day",
    "valid_to": "last day",
    "source": "who says so",
}
EMISSION_FACTOR_COLUMNS: dict[str, str] = {
    "category": "category code, or a word that `categories` translates",
    "kg_per_sek": "kilograms of CO2 equivalents per krona",
    "price_year": "the year whose kronor the factor is for",
    "incl_vat": "ja when those kronor include VAT",
    "uncertainty": "percent up or down",
    "source": "where the factor is published",
}

ArticlePart = Literal["orders", "invoices", "price_lists", "price_indexes", "article_tags", "emission_factors"]
"""The parts of the organisation file about articles, in the order in which they are read."""


class OrderFiles(RegisterFile):
    """Say where the e-commerce system's order lines lie, how they are written and what their words mean."""

    kinds: dict[str, Literal["contract", "other"]] = Field(default_factory=dict)
    cpv_categories: dict[Code, Code] = Field(default_factory=dict)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, ORDER_COLUMNS)


class InvoiceFiles(Part):
    """Say where the e-invoices lie, one document per file, and what their codes mean in the category tree."""

    files: tuple[str, ...] = Field(min_length=1)
    categories: dict[Code, Code] = Field(default_factory=dict)
    cpv_categories: dict[Code, Code] = Field(default_factory=dict)
    units: dict[Code, str] = Field(default_factory=dict)


class PriceListFiles(RegisterFile):
    """Say where the contract price lists lie: Peppol catalogues, and tables with a column map."""

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, PRICE_LIST_COLUMNS)


class PriceIndexFiles(RegisterFile):
    """Say where the index figures of contracts with an index clause lie."""

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, PRICE_INDEX_COLUMNS)


class ArticleTagFiles(RegisterFile):
    """Say where the tags of articles and categories lie."""

    kinds: dict[str, Literal["label", "organic", "local", "climate_class"]] = Field(default_factory=dict)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, ARTICLE_TAG_COLUMNS)


class EmissionFactorFiles(RegisterFile):
    """Say where the organisation's own emission factors lie."""

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        return known_columns(columns, EMISSION_FACTOR_COLUMNS)


class ArticleParams(Part):
    """Hold what the figures on articles and their prices rest on."""

    price_tolerance_pct: Percent = Decimal(0)
    large_item_limit_sek: int = Field(default=5_000_000, gt=0)
    target_pct: Percent | None = None
    e_commerce_target_pct: Percent | None = None

    @property
    def large_item_limit_ore(self) -> int:
        """The limit of a single large item in hundredths."""
        return self.large_item_limit_sek * 100
