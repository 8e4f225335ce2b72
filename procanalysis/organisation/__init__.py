"""Open one organisation: organisation file → read → check → map → prepared tables, reused while nothing has changed.

What opens one brings the engines, so it is imported when it is first asked for: what only needs the masking key, or
where prepared data are kept, does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procanalysis.lazy import lazy_names

if TYPE_CHECKING:
    from procanalysis.organisation.month import OrganisationMonth
    from procanalysis.organisation.opening import Organisation, open_organisation
    from procanalysis.organisation.periods import period_in_words

_PLACES = {
    "Organisation": ("opening", "Organisation"),
    "OrganisationMonth": ("month", "OrganisationMonth"),
    "open_organisation": ("opening", "open_organisation"),
    "period_in_words": ("periods", "period_in_words"),
}

__all__ = ["Organisation", "OrganisationMonth", "open_organisation", "period_in_words"]

__getattr__, __dir__ = lazy_names(__name__, _PLACES)
