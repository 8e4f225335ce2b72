"""Open a business case: its file, and what the organisation's own ledger says of today."""

from procanalysis.business_case.building import TrackRecord, build_case, numbers_of_today
from procanalysis.business_case.opening import BusinessCase, load_own_case, open_business_case
from procanalysis.business_case.people import hidden

__all__ = [
    "BusinessCase",
    "TrackRecord",
    "build_case",
    "hidden",
    "load_own_case",
    "numbers_of_today",
    "open_business_case",
]
