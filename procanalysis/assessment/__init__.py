"""Open an assessment: its file, its model, and what the organisation's own ledger says of the same things."""

from procanalysis.assessment.opening import Assessment, open_assessment

__all__ = ["Assessment", "open_assessment"]
