"""Titles and descriptions of a gap analysis: what its pictures show, for those who read and those who listen."""

from __future__ import annotations

import pandas as pd

from procanalysis.report.cleaning import clean_text
from procanalysis.report.gap.pictures import level_text


def position_title(positions: pd.DataFrame) -> str:
    """Say how many dimensions lie below the wanted level."""
    scored = positions[positions["now"].notna()]
    below = sum(gap is not None and gap > 0 for gap in scored["gap"])
    if scored.empty:
        return "Nuläge och önskad nivå"
    return f"{below} av {len(scored)} dimensioner ligger under önskad nivå"


def position_description(positions: pd.DataFrame) -> str:
    """Tell each dimension's position and wanted position in words."""
    scored = positions[positions["now"].notna()].to_dict("records")
    if not scored:
        return "Bilden saknas, eftersom inga poäng har satts."
    told = [
        f"{clean_text(r['dimension_name'])} {level_text(r['now'])}, önskat {level_text(r['wanted'])}" for r in scored
    ]
    return f"Punkter per dimension för nuläge och önskad nivå. {'; '.join(told)}."


def claim_title(*, has_scores: bool) -> str:
    """Name the table of scores and evidence after what it holds."""
    return "Poäng och underlag per dimension" if has_scores else "Kända mått per dimension"


def cause_description(clusters: pd.DataFrame) -> str:
    """Tell each cause and what it leads to in words."""
    told = [
        f"{clean_text(row['cause'])} leder till {', '.join(clean_text(text) for text in row['consequences'])}"
        for row in clusters.to_dict("records")
    ]
    return f"Pilar från {len(told)} orsaker till utmaningar och konsekvenser. {'; '.join(told)}."


def plan_title(scheduled: pd.DataFrame) -> str:
    """Say how many actions there are and over which quarters."""
    dated = scheduled[scheduled["scheduled_start"].notna()]
    if dated.empty:
        return "Planen i kvartal"
    first, last = min(dated["scheduled_start"]), max(dated["scheduled_end"])
    span = first if first == last else f"{first} till {last}"
    return f"{len(dated)} av {len(scheduled)} åtgärder har kvartal, {span}"


def plan_description(scheduled: pd.DataFrame) -> str:
    """Tell when the plan begins and ends, and how many actions have been moved."""
    dated = scheduled[scheduled["scheduled_start"].notna()]
    if dated.empty:
        return "Bilden saknas, eftersom ingen åtgärd har ett kvartal."
    moved = int((dated["moved_count"] > 0).sum())
    return (
        f"Staplar i kvartal för {len(dated)} åtgärder, från {min(dated['scheduled_start'])} till "
        f"{max(dated['scheduled_end'])}. {moved} har flyttats eftersom de väntar på en annan."
    )


def no_conflicts_because(scheduled: pd.DataFrame) -> str:
    """Say why there are no conflicts: none was found, or the plan names no order."""
    if not any(scheduled["depends_on"]):
        return "Planen anger inte vilka åtgärder som väntar på andra, så konflikter kan inte prövas."
    return "Ingen åtgärd börjar före den som den väntar på."


def no_overload_because(scheduled: pd.DataFrame) -> str:
    """Say why nobody is overloaded: nobody is, or the plan names no roles."""
    if not any(scheduled["role"]):
        return "Planen anger inte vem som gör vad, så belastningen kan inte räknas."
    return "Ingen roll har fler åtgärder eller dagar i ett kvartal än gränsen i bedömningen."


def period_of_next(actions: pd.DataFrame) -> str:
    """Name the actions to work with next, by the quarters in which they begin."""
    if actions.empty:
        return "Planens närmaste kvartal"
    first, last = min(actions["scheduled_start"]), max(actions["scheduled_start"])
    span = first if first == last else f"{first} till {last}"
    return f"{len(actions)} åtgärder att göra, med start {span}"
