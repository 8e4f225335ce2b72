"""What the members of a board have announced, held against groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from procanalysis.report.absent import absent
from procanalysis.report.cleaning import clean_text
from procanalysis.report.markup import Part
from procanalysis.report.sentences import bullet_points
from procanalysis.report.tenders import profile_table
from procanalysis.report.words import words
from procanalysis.schema import Source

_COUNTED = re.compile(r"[0-9]\s(?:\w+\s)?upphandling")


class Member(Protocol):
    """Describe a member of a board: its name, and its number, empty when it is not known."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def organisation_number(self) -> str:
        """Its number of ten digits, or empty."""


def tender_gaps(
    *,
    because: str,
    members: Sequence[Member],
    without_rows: Sequence[str],
    missing_tables: Sequence[str],
    text: str,
    year: int,
    source: Source,
) -> Part:
    """Say which members and tables the tenders above do not hold, and that a count in the text is another count.

    Parameters: because, why there is nothing at all, which the chapter has said above; members, of the board, empty for
    a buyer that is alone; without_rows, the numbers that the source has nothing of; missing_tables, Swedish sentences;
    text, the written text of the chapter; year. Shows nothing when there is nothing to say.
    """
    if because:
        return absent("", source=source)
    absent_members = [each for each in members if each.organisation_number in without_rows]
    unknown = [each for each in members if not each.organisation_number]
    points = [
        _members_words(absent_members, len(members), f"har inga uppgifter i källan för {year}"),
        _members_words(unknown, len(members), "har inget känt organisationsnummer och är inte med"),
        *missing_tables,
        f"Källans antal gäller upphandlingar som annonserades under {year}. Texten nedan räknar på organisationens "
        "eget sätt, så talen mäter inte samma sak."
        if _COUNTED.search(clean_text(text)) else "",
    ]  # fmt: skip
    said = [point for point in points if point]
    return bullet_points(said, source=source) if said else absent("", source=source)


def _members_words(chosen: Sequence[Member], total: int, what: str) -> str:
    named = ", ".join(clean_text(each.name) for each in chosen)
    return f"{len(chosen)} av {total} medlemmar {what}: {named}." if chosen else ""


def tender_table(
    profile: pd.DataFrame | None,
    *,
    because: str,
    measures: Sequence[str],
    year: int,
    source: Source,
    note: str,
) -> Part:
    """Show measures of a buyer's or the members' tenders beside groups; nothing at all when there are none.

    Parameters: profile, of `tender_profile`, None without a source; because, why there is nothing, which the chapter
    has said above, empty when there is something; measures, ids of figures in order; note, how verdicts are made.
    """
    if profile is None or because:
        return absent("", source=source)
    title = words("Annonserade upphandlingar {year}", year=year)
    return profile_table(profile, measures, title=title, source=source, sheet="Upphandlingar", note=note)
