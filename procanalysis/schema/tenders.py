"""Tender statistics: procurements announced, bids per lot, contract values and awards; and who is whose peer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from procanalysis.schema.columns import Column

if TYPE_CHECKING:
    import pandas as pd

_BUYER: tuple[Column, ...] = (
    Column("buyer_number", "text", "the buyer's organisation number, ten digits where it is Swedish; missing if none"),
    Column("buyer_name", "text", "the buyer as the source writes it"),
)
_PLACE: tuple[Column, ...] = (
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1 (in OCDS: the release, from 1)", True),
)

TENDERS: tuple[Column, ...] = (
    Column("procurement_id", "text", "the source's own number of the procurement, unique", True),
    Column("title", "text", "what it is about"),
    *_BUYER,
    Column("buyer_sector", "text", "Stat, Region, Kommun or Annat, as the source says"),
    Column("buyer_subsector", "text", "finer than the sector, such as Regionalt ägd organisation"),
    Column("announced_on", "date", "when it was announced"),
    Column("kind", "text", "one of TENDER_KINDS"),
    Column("procedure", "text", "one of TENDER_PROCEDURES"),
    Column("cpv_code", "text", "main CPV code, eight digits"),
    Column("cpv_main_code", "text", "its main group, as 45000000"),
    Column("cpv_main_name", "text", "the main group's name in Swedish, where the source gives one"),
    Column("is_above_threshold", "integer", "1 when the directives govern it, else 0"),
    Column("is_framework", "integer", "1 for a framework agreement, 0 for a contract"),
    Column("is_dynamic", "integer", "1 within a dynamic purchasing system, else 0"),
    Column("has_lots", "integer", "1 when it was announced in lots, else 0"),
    Column("is_coordinated", "integer", "1 when several organisations procure together, else 0"),
    Column("is_environmental", "integer", "1 with environmental requirements, 0 without; missing when not stated"),
    Column("is_social", "integer", "1 with social requirements, 0 without; missing when not stated"),
    Column("is_reviewed", "integer", "1 when a court was asked to review it, else 0"),
    Column("notice_database", "text", "where it was announced"),
    *_PLACE,
)
"""One row per announced procurement."""

LOTS: tuple[Column, ...] = (
    Column("lot_id", "text", "procurement/lot, unique; the procurement alone when it names no lot", True),
    Column("procurement_id", "text", "the procurement, as in TENDERS", True),
    *_BUYER,
    Column("announced_on", "date", "when the procurement was announced"),
    Column("bids_count", "integer", "bids received; missing when not stated"),
    *_PLACE,
)
"""One row per lot; a procurement without lots is one lot."""

TENDER_VALUES: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement, as in TENDERS", True),
    Column("title", "text", "what the contract is about"),
    *_BUYER,
    Column("announced_on", "date", "when the procurement was announced"),
    Column("value_ore", "integer", "contracted value excluding VAT; missing when not stated"),
    *_PLACE,
)
"""One row per contracted value; a procurement may have several, also of several buyers."""

TENDER_AWARDS: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement, as in TENDERS", True),
    Column("lot_id", "text", "the lot, as in LOTS", True),
    *_BUYER,
    Column("announced_on", "date", "when the procurement was announced"),
    Column("supplier_key", "text", "the supplier, written as in LEDGER_LINES; missing when the source hides it"),
    Column("supplier_name", "text", "its name, masked for sole traders"),
    Column("supplier_sector", "text", "Privat or Offentlig, as the source says"),
    Column("supplier_size", "text", "one of SUPPLIER_SIZES; missing when not stated"),
    Column("supplier_county", "text", "county of the supplier's place of business, as the source says"),
    Column("contracted_count", "integer", "the supplier's bids that were contracted; 1 when not stated", True),
    *_PLACE,
)
"""One row per lot and contracted supplier."""

TENDER_TABLES: dict[str, tuple[Column, ...]] = {
    "procurements": TENDERS,
    "lots": LOTS,
    "values": TENDER_VALUES,
    "awards": TENDER_AWARDS,
}
"""The tables of tender statistics, by the name that files are given under."""


@dataclass(frozen=True, kw_only=True)
class TenderTables:
    """Hold the four tables of tender statistics for somebody: one buyer, a group of them, or the nation."""

    procurements: pd.DataFrame
    lots: pd.DataFrame
    values: pd.DataFrame
    awards: pd.DataFrame


TENDER_KINDS: dict[str, str] = {
    "goods": "Varor",
    "services": "Tjänster",
    "works": "Byggentreprenader",
}

TENDER_PROCEDURES: dict[str, str] = {
    "open": "Öppet förfarande",
    "simplified": "Förenklat förfarande",
    "restricted": "Selektivt förfarande",
    "selection": "Urvalsförfarande",
    "negotiated": "Förhandlat förfarande med föregående annonsering",
    "negotiated_without_notice": "Förhandlat förfarande utan föregående annonsering",
    "dialogue": "Konkurrenspräglad dialog",
    "innovation_partnership": "Innovationspartnerskap",
    "other": "Annat förfarande",
}

SUPPLIER_SIZES: dict[str, str] = {
    "micro": "Mikroföretag",
    "small": "Små företag",
    "medium": "Medelstora företag",
    "small_or_medium": "Små eller medelstora företag",
    "unclear": "Oklar (200–499 anställda)",
    "large": "Stora företag",
}
"""Sizes of suppliers. The EU's limit of 250 employees lies within Statistics Sweden's class of 200–499."""

PEERS: tuple[Column, ...] = (
    Column("peer", "text", "short name of the organisation, such as orebro-lan; several rows share it", True),
    Column("name", "text", "its name in Swedish", True),
    Column("county_code", "text", "the county's two digits", True),
    Column("county", "text", "the county's name", True),
    Column("organisation_number", "text", "ten digits; one row per number that the sources use for it", True),
    Column("is_own_number", "text", "ja for its own number, nej for one that a source uses besides", True),
    Column("source", "text", "where the number is found", True),
)
"""One row per peer and organisation number under which sources file it."""
