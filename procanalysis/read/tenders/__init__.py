"""Tender statistics: procurements announced, bids per lot, contract values and awarded suppliers."""

from procanalysis.read.tenders.ocds import read_ocds
from procanalysis.read.tenders.reading import TenderReading, read_tenders

__all__ = ["TenderReading", "read_ocds", "read_tenders"]
