"""Open one organisation: organisation file → read → check → map → prepared tables, reused while nothing has changed.

What opens one brings the engines, so it is imported when it is first asked for: what only needs the masking key, or
where prepared data are kept, does without.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procanalysis.organisation.month import OrganisationMonth
    from procanalysis.organisation.opening import Organisation, open_organisation
    from procanalysis.organisation.periods import period_in_words

_MODULES = {
    "Organisation": "opening",
    "OrganisationMonth": "month",
    "open_organisation": "opening",
    "period_in_words": "periods",
}

__all__ = ["Organisation", "OrganisationMonth", "open_organisation", "period_in_words"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"procanalysis.organisation has no '{name}'")
    found = getattr(importlib.import_module(f"procanalysis.organisation.{_MODULES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
