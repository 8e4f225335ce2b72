"""The organisations that tender sources compare: each by itself, found by organisation number, and side by side."""

from __future__ import annotations

from collections.abc import Iterator

from procanalysis.errors import InputError, ParamsError, ProcanalysisError, did_you_mean
from procanalysis.measures.tenders import numbers_of
from procanalysis.params.tenders import TenderGroupParams, TenderSourceParams, load_tender_source, tender_source_slugs
from procanalysis.read.peers import read_peers
from procanalysis.schema import TenderTables
from procanalysis.tenders.filing import ByAnnouncer, group_filing_sentences
from procanalysis.tenders.preparing import no_files
from procanalysis.tenders.statistics import open_tenders, source_for
from procanalysis.tenders.years import TenderGroup, TenderYear, groups_of, is_empty, tender_year, year_of


def open_region(region_slug: str, year: int) -> TenderYear:
    """Open one year of tender statistics for one of the organisations that a source compares, such as a region.

    Parameters: region_slug, its short name in the source's file of peers; year, one that a source covers. Its rows are
    found by its organisation numbers, never by name. Returns a TenderYear, with a reason in Swedish where the source
    has nothing of it. Raises ParamsError for an unknown region or year, InputError when the files are missing.
    """
    covering = _covering(_with_region(region_slug), year, f"the region '{region_slug}'")
    statistics = open_tenders(covering.slug)
    peers = statistics.peers
    name = str(peers.loc[peers["peer"] == region_slug, "name"].iloc[0])
    return tender_year(statistics, year, numbers=numbers_of(peers, region_slug), name=name)


def open_tender_group(group_slug: str, year: int) -> TenderGroup:
    """Open one year of tender statistics for all the organisations of a group, side by side.

    Parameters: group_slug, the short name of a group in params/tenders; year, one that a source covers. Returns a
    TenderGroup. Raises ParamsError for an unknown group or year, InputError when the files are missing.
    """
    covering = _covering(_with_group(group_slug), year, f"the group '{group_slug}'")
    statistics = open_tenders(covering.slug)
    peers, group = statistics.peers, _group(covering)
    whole = year_of(statistics.tables, year)
    numbers = {
        str(own.name): numbers_of(peers, str(own.peer)) for own in peers[peers["is_own_number"] == "ja"].itertuples()
    }
    announced = ByAnnouncer(whole)
    members: dict[str, TenderTables] = {name: announced.rows_of(theirs) for name, theirs in numbers.items()}
    filings = [announced.filing_of(theirs) for theirs in numbers.values()]
    return TenderGroup(
        source=source_for(covering, group.name),
        left_out=(*statistics.left_out(whole), *group_filing_sentences(filings)),
        controls=statistics.controls,
        inputs=statistics.inputs,
        year=year,
        name=group.name,
        one=group.one,
        members=members,
        groups=groups_of(statistics, announced, numbers_of(peers)),
        without_rows=tuple(name for name, tables in members.items() if is_empty(tables)),
    )


def region_slugs() -> list[str]:
    """List the organisations that sources with files compare, those of real sources first, in the files' order.

    A source with mistakes in it is passed by: `faulty_sources` tells them.
    """
    return list(dict.fromkeys(slug for params in _ready() for slug in _peers_of(params)))


def region_years(region_slug: str) -> tuple[int, ...]:
    """Return the years that sources with files cover for a region. Raises ParamsError for an unknown region."""
    return _years(_with_region(region_slug))


def region_name(region_slug: str) -> str:
    """Return what a region is called. Raises ParamsError for an unknown region."""
    return _peers_of(_with_region(region_slug)[0])[region_slug]


def region_is_fictional(region_slug: str) -> bool:
    """Tell whether only made-up sources have the region. Raises ParamsError for an unknown region."""
    return all(params.fictional for params in _with_region(region_slug))


def group_slugs() -> list[str]:
    """List the groups that sources with files compare, those of real sources first.

    A source with mistakes in it is passed by: `faulty_sources` tells them.
    """
    return list(dict.fromkeys(_group(params).slug for params in _ready() if params.group))


def group_years(group_slug: str) -> tuple[int, ...]:
    """Return the years that sources with files cover for a group. Raises ParamsError for an unknown group."""
    return _years(_with_group(group_slug))


def group_name(group_slug: str) -> str:
    """Return what a group is called. Raises ParamsError for an unknown group."""
    return _group(_with_group(group_slug)[0]).name


def group_is_fictional(group_slug: str) -> bool:
    """Tell whether only made-up sources have the group. Raises ParamsError for an unknown group."""
    return all(params.fictional for params in _with_group(group_slug))


def faulty_sources() -> dict[str, str]:
    """Tell the mistakes of each tender source that has some, by its short name."""
    return {slug: str(error) for slug, error in _loaded() if isinstance(error, ProcanalysisError)}


def _loaded() -> Iterator[tuple[str, TenderSourceParams | ProcanalysisError]]:
    """Load every source with its file of peers; what is wrong with it stands in its place."""
    for slug in tender_source_slugs():
        try:
            params = load_tender_source(slug)
            _peers_of(params)
            yield slug, params
        except ProcanalysisError as error:
            yield slug, error


def _sound() -> list[TenderSourceParams]:
    """List the sources without mistakes, the real ones first."""
    found = [params for _, params in _loaded() if isinstance(params, TenderSourceParams)]
    return sorted(found, key=lambda params: params.fictional)


def _ready() -> list[TenderSourceParams]:
    return [params for params in _sound() if params.has_any_file()]


def _peers_of(params: TenderSourceParams) -> dict[str, str]:
    """Return short name → name of those that a source compares, in the order of their file."""
    path = params.peers_path()
    if path is None:
        return {}
    peers = read_peers(path)
    return {str(peer): str(name) for peer, name in zip(peers["peer"], peers["name"], strict=True)}


def _group(params: TenderSourceParams) -> TenderGroupParams:
    if params.group is None:
        raise ParamsError(f"{params.path.name}: the source compares nobody. Name a group in it.")
    return params.group


def _with_region(slug: str) -> list[TenderSourceParams]:
    found = [params for params in _sound() if slug in _peers_of(params)]
    if not found:
        known = {each for params in _sound() for each in _peers_of(params)}
        raise ParamsError(_unknown(f"region '{slug}'", slug, known))
    return found


def _with_group(slug: str) -> list[TenderSourceParams]:
    found = [params for params in _sound() if params.group and params.group.slug == slug]
    if not found:
        raise ParamsError(
            _unknown(f"group '{slug}'", slug, {_group(params).slug for params in _sound() if params.group})
        )
    return found


def _unknown(what: str, slug: str, known: set[str]) -> str:
    faults = faulty_sources()
    besides = f" These sources have mistakes in them: {', '.join(faults)}; see 'procanalysis check'." if faults else ""
    hint = did_you_mean(slug, known) if known else "No source compares anybody."
    return f"There is no {what} in params/tenders. {hint}{besides}"


def _years(sources: list[TenderSourceParams]) -> tuple[int, ...]:
    return tuple(sorted({year for params in sources if params.has_any_file() for year in params.years}))


def _covering(sources: list[TenderSourceParams], year: int, what: str) -> TenderSourceParams:
    """Return the first source that covers the year and has files."""
    covering = [params for params in sources if year in params.years]
    if not covering:
        have = ", ".join(str(each) for each in sorted({each for params in sources for each in params.years}))
        raise ParamsError(f"No tender source of {what} covers {year}. There are sources for {have}.")
    for params in covering:
        if params.has_any_file():
            return params
    raise InputError(no_files(covering[0]))
