"""Which short names are those of regions and groups in tender statistics."""

from __future__ import annotations

from procanalysis.errors import ParamsError, ProcanalysisError
from procanalysis.params.tenders import load_tender_source
from procanalysis.tenders.groups import (
    group_is_fictional,
    group_slugs,
    group_years,
    region_is_fictional,
    region_slugs,
    region_years,
)


def slugs_with_tenders() -> list[str]:
    """List the regions and groups of the real sources whose files are there: those meant when nobody is named."""
    regions = [slug for slug in region_slugs() if not region_is_fictional(slug)]
    return [*regions, *(slug for slug in group_slugs() if not group_is_fictional(slug))]


def with_tenders(slug: str) -> bool:
    """Tell whether a name is that of a region or group in tender statistics.

    Raises ParamsError when it is, but the files of the statistics are not there.
    """
    for slugs, years in ((region_slugs, region_years), (group_slugs, group_years)):
        if slug in slugs():
            return True
        try:
            years(slug)
        except ParamsError:
            continue
        raise ParamsError(
            f"{slug}: the files of its tender statistics are not there. docs/own-tenders.md tells where to get them "
            "and where to put them."
        )
    return False


def source_in_words(slug: str) -> str:
    """Say in one line what a tender source is, which years it has, and whether its files are there."""
    try:
        params = load_tender_source(slug)
    except ProcanalysisError as error:
        return f"cannot be read: {str(error).splitlines()[0]}"
    group = f", group {params.group.slug}" if params.group else ""
    fictional = ", fictional" if params.fictional else ""
    there = "" if params.has_any_file() else ", files not delivered"
    return f"{params.name}, {', '.join(map(str, params.years))}{group}{fictional}{there}"
