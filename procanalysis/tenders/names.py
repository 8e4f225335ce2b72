"""Which short names are those of regions and groups in tender statistics."""

from __future__ import annotations

from procanalysis.errors import ParamsError, ProcanalysisError
from procanalysis.params.tenders import load_tender_source, tender_source_slugs
from procanalysis.read.peers import read_peers
from procanalysis.tenders.groups import (
    faulty_sources,
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


def members_of(group_slug: str) -> list[str]:
    """List the short names of the organisations that sources compare in a group, in the order of their files.

    A source with mistakes in it is passed by.
    """
    found: dict[str, None] = {}
    for slug in tender_source_slugs():
        if slug in faulty_sources():
            continue
        params = load_tender_source(slug)
        path = params.peers_path()
        if path and params.group and params.group.slug == group_slug:
            found |= dict.fromkeys(str(peer) for peer in read_peers(path)["peer"])
    return list(found)


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
