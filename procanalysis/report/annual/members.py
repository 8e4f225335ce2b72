"""What the members of a board have announced, held against groups."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from procanalysis.report.absent import absent
from procanalysis.report.cleaning import clean_text
from procanalysis.report.markup import Part
from procanalysis.report.tenders import profile_table
from procanalysis.report.words import words
from procanalysis.schema import Source


def tender_table(
    profile: pd.DataFrame | None,
    *,
    because: str,
    measures: Sequence[str],
    year: int,
    source: Source,
    note: str,
    left_out: Sequence[str],
) -> Part:
    """Show measures of a buyer's or the members' tenders beside groups; nothing at all when there are none.

    Parameters: profile, of `tender_profile`, None without a source; because, why there is nothing, which the chapter
    has said above, empty when there is something; measures, ids of figures in order; note, how verdicts are made;
    left_out, what the source leaves out.
    """
    if profile is None or because:
        return absent("", source=source)
    said = " ".join([note, *map(clean_text, left_out)])
    title = words("Annonserade upphandlingar {year}", year=year)
    return profile_table(profile, measures, title=title, source=source, sheet="Upphandlingar", note=said)
