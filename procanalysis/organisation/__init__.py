"""Open one organisation: organisation file → read → check → map → prepared tables, reused while nothing has changed."""

from procanalysis.organisation.opening import Organisation, open_organisation, period_in_words

__all__ = ["Organisation", "open_organisation", "period_in_words"]
