"""Open one organisation: organisation file → read → check → map → prepared tables, reused while nothing has changed."""

from procanalysis.organisation.month import OrganisationMonth
from procanalysis.organisation.opening import Organisation, open_organisation
from procanalysis.organisation.periods import period_in_words

__all__ = ["Organisation", "OrganisationMonth", "open_organisation", "period_in_words"]
