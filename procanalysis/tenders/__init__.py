"""Tender statistics, ready to use: for a region, for a group side by side, and for a board or an organisation."""

from procanalysis.tenders.groups import (
    faulty_sources,
    group_is_fictional,
    group_name,
    group_slugs,
    group_years,
    open_region,
    open_tender_group,
    region_is_fictional,
    region_name,
    region_slugs,
    region_years,
)
from procanalysis.tenders.names import members_of, slugs_with_tenders, source_in_words, with_tenders
from procanalysis.tenders.preparing import has_files, prepare_tenders
from procanalysis.tenders.statistics import TenderStatistics, open_tenders
from procanalysis.tenders.summary import tender_check_lines
from procanalysis.tenders.years import TenderGroup, TenderYear, tender_year, tenders_of

__all__ = [
    "TenderGroup",
    "TenderStatistics",
    "TenderYear",
    "faulty_sources",
    "group_is_fictional",
    "group_name",
    "group_slugs",
    "group_years",
    "has_files",
    "members_of",
    "open_region",
    "open_tender_group",
    "open_tenders",
    "prepare_tenders",
    "region_is_fictional",
    "region_name",
    "region_slugs",
    "region_years",
    "slugs_with_tenders",
    "source_in_words",
    "tender_check_lines",
    "tender_year",
    "tenders_of",
    "with_tenders",
]
