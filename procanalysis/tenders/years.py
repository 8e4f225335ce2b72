"""One year of tender statistics for somebody: own rows, those held beside them, and what is missing and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from procanalysis.errors import ParamsError
from procanalysis.measures.tenders import group_of, numbers_of
from procanalysis.opened import Opened
from procanalysis.params.tenders import TenderSourceParams, load_tender_source, tender_source_slugs, wrong_world
from procanalysis.read.registers import frame_of
from procanalysis.read.supplier_numbers import recognise_number
from procanalysis.schema import TENDER_TABLES, Source, TenderTables
from procanalysis.tenders.filing import ByAnnouncer, filing_sentences, rows_of
from procanalysis.tenders.statistics import (
    TenderStatistics,
    controls_of,
    inputs_looked_at,
    open_tenders,
    source_for,
)

_NOTHING_OF: dict[str, str] = {
    "procurements": "inga annonserade upphandlingar",
    "lots": "inga uppgifter om antal anbud",
    "values": "inga kontraktsvärden",
    "awards": "inga tilldelade leverantörer",
}


@dataclass(frozen=True, kw_only=True)
class _OfSource(Opened):
    """Hold what a year and a group alike say about the source that they are from."""

    source: Source
    left_out: tuple[str, ...]
    controls: pd.DataFrame
    inputs: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class TenderYear(_OfSource):
    """Hold one year of tender statistics for an organisation or for the members of a board.

    own, their rows. groups, what others are called in Swedish → their rows, in the order they are shown. numbers, the
    organisation numbers looked for; numbers_without_rows, those that the year has nothing of. county, the
    organisation's own where it is among those compared, else ''. missing_because, in Swedish why there is nothing at
    all, '' when there is something; missing_tables, a Swedish sentence per table that then has nothing.
    """

    year: int
    name: str
    own: TenderTables
    groups: Mapping[str, TenderTables]
    numbers: tuple[str, ...]
    numbers_without_rows: tuple[str, ...]
    county: str
    missing_because: str
    missing_tables: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TenderGroup(_OfSource):
    """Hold one year of tender statistics for organisations that are compared.

    members, what each is called → its rows, in the order of the file of peers; one, what each of them is; groups, the
    whole group and the nation. without_rows, the members that the year has nothing of.
    """

    year: int
    name: str
    one: str
    members: Mapping[str, TenderTables]
    groups: Mapping[str, TenderTables]
    without_rows: tuple[str, ...]


def tender_year(
    statistics: TenderStatistics,
    year: int,
    *,
    numbers: Sequence[str],
    name: str,
    more_left_out: Sequence[str] = (),
    also_looked_at: Sequence[Mapping[str, Any]] = (),
) -> TenderYear:
    """Choose one year's rows of some organisations from a source, and those that they are held against.

    Parameters: statistics, from `open_tenders`; year, by day of announcement; numbers, organisation numbers of ten
    digits, to which those are added that the source uses besides for the same organisation; name, whose they are;
    more_left_out, Swedish sentences to add to what the source leaves out; also_looked_at, the files of other sources
    that decided which one is used, as `inputs` has them. Returns a TenderYear. Raises ParamsError
    for a year that the source does not cover, MeasureError for a number that is not ten digits.
    """
    params, peers = statistics.params, statistics.peers
    if year not in params.years:
        raise ParamsError(
            f"{params.path.name}: the source covers {', '.join(map(str, params.years))}, not {year}. Ask for another "
            "year, or add this one to its years if the files hold all of it."
        )
    all_numbers = tuple(dict.fromkeys(found for number in numbers for found in group_of(peers, number)))
    whole = year_of(statistics.tables, year)
    announced = ByAnnouncer(whole)
    own = announced.rows_of(all_numbers)
    counties = peers.loc[peers["organisation_number"].isin(list(all_numbers)), "county"].unique()
    # A number that is only used besides may well have no rows, so it is told of the organisation.
    without = tuple(number for number in numbers if is_empty(rows_of(own, group_of(peers, number))))
    return TenderYear(
        source=source_for(params, name),
        left_out=(
            *statistics.left_out(whole),
            *filing_sentences(announced.filing_of(all_numbers), name),
            *more_left_out,
        ),
        controls=statistics.controls,
        inputs=(*statistics.inputs, *map(dict, also_looked_at)),
        year=year,
        name=name,
        own=own,
        groups=groups_of(statistics, announced, all_numbers),
        numbers=all_numbers,
        numbers_without_rows=without,
        county=str(counties[0]) if len(counties) == 1 else "",
        missing_because=_why_nothing(params, year, name, all_numbers) if is_empty(own) else "",
        missing_tables=() if is_empty(own) else _missing_tables(params, own, year, name),
    )


def tenders_of(
    numbers: Sequence[str], year: int, *, name: str, sources: Sequence[str] = (), fictional: bool = False
) -> TenderYear:
    """Open one year of tender statistics for an organisation or a board's members.

    Parameters: numbers, their organisation numbers, with or without hyphen; year; name, whose they are; sources, the
    short names of the tender sources to look in, none for all real ones; fictional, whether the organisation is made
    up, and so has nothing in a source unless it is named. Only one source is used, since the same procurement may
    stand in two: the first with rows of theirs, in the order given.
    Returns a TenderYear; when no source has the year or its files, the tables are empty and `missing_because` says so.
    `inputs` has the files of every source that was looked at, since which there are decides the answer.
    Raises ParamsError for an unknown source, a mistake in one, or a fictional source for a real organisation or the
    other way round; InputError for files that cannot be read.
    """
    wanted = _ten_digits(numbers)
    given = _sources(sources, name=name, fictional=fictional)
    covering = [params for params in given if year in params.years]
    ready = [params for params in covering if params.has_any_file()]
    if not wanted:
        because = f"{name} har inget organisationsnummer med tio siffror, så upphandlingarna kan inte hittas."
        return _nothing(year, name, wanted, because, given)
    if not ready:
        return _nothing(year, name, wanted, _why_no_source(covering, year), given)
    opened = [open_tenders(params.slug) for params in ready]
    having = [each for each in opened if not is_empty(_own_of(each, year, wanted))]
    used = (having or opened)[0]
    others = [each.params.name for each in having if each is not used]
    aside = [f"{other} är inte medräknad: samma upphandlingar kan stå i båda källorna." for other in others]
    if unknown := sum(not _ten_digits([number]) for number in numbers):
        aside.append(f"{unknown} av {len(numbers)} organisationer har inget känt organisationsnummer och är inte med.")
    looked_at = [one for params in given if params != used.params for one in inputs_looked_at(params)]
    return tender_year(used, year, numbers=wanted, name=name, more_left_out=aside, also_looked_at=looked_at)


def _sources(slugs: Sequence[str], *, name: str, fictional: bool) -> list[TenderSourceParams]:
    """Load the sources to look in: those named, which must be as real as their user, else all the real ones."""
    if slugs:
        named = [load_tender_source(slug) for slug in slugs]
        for params in named:
            if wrong := wrong_world(params, fictional):
                raise ParamsError(f"{name}: {wrong}")
        return named
    every = [] if fictional else [load_tender_source(slug) for slug in tender_source_slugs()]
    return [params for params in every if not params.fictional]


def _ten_digits(numbers: Sequence[str]) -> tuple[str, ...]:
    """Return the organisation numbers as ten digits, without those that cannot be one."""
    known = (recognise_number(number).number for number in numbers)
    return tuple(dict.fromkeys(number for number in known if re.fullmatch(r"[0-9]{10}", number)))


def year_of(tables: TenderTables, year: int) -> TenderTables:
    """Choose the rows that were announced in a year."""
    found = {name: getattr(tables, name) for name in TENDER_TABLES}
    return TenderTables(
        **{name: table[table["announced_on"].dt.year == year].reset_index(drop=True) for name, table in found.items()}
    )


def is_empty(tables: TenderTables) -> bool:
    """Tell whether none of the four tables has a row."""
    return all(getattr(tables, name).empty for name in TENDER_TABLES)


def groups_of(statistics: TenderStatistics, announced: ByAnnouncer, numbers: Sequence[str]) -> dict[str, TenderTables]:
    """Choose those that somebody is held against: all who are compared, and the nation, as far as the source has them.

    Parameters: announced, the source's tables of the year; numbers, of those held against others: the ones who are
    compared are no measure of somebody who is none of them, such as a municipality among regions.
    """
    params = statistics.params
    groups: dict[str, TenderTables] = {}
    compared = numbers_of(statistics.peers)
    if params.group and not set(compared).isdisjoint(numbers):
        groups[params.group.name_of_all] = announced.rows_of(compared)
    if params.nation:
        groups[params.nation] = announced.tables
    return groups


def _own_of(statistics: TenderStatistics, year: int, numbers: Sequence[str]) -> TenderTables:
    found = [each for number in numbers for each in group_of(statistics.peers, number)]
    return rows_of(year_of(statistics.tables, year), found)


def _why_nothing(params: TenderSourceParams, year: int, name: str, numbers: Sequence[str]) -> str:
    listed = ", ".join(f"{number[:6]}-{number[6:]}" for number in numbers)
    return (
        f"{params.name} har inga uppgifter om {name} för {year} (organisationsnummer {listed}). Det betyder inte att "
        "inget upphandlades."
    )


def _missing_tables(params: TenderSourceParams, own: TenderTables, year: int, name: str) -> tuple[str, ...]:
    """Say of each table without rows that it has none, and whether the source has the table at all."""
    sentences = []
    for table, nothing in _NOTHING_OF.items():
        if params.format == "tables" and table not in params.tables:
            sentences.append(f"{params.name} innehåller {nothing}.")
        elif getattr(own, table).empty:
            sentences.append(f"{params.name} har {nothing} för {name} {year}.")
    return tuple(sentences)


def _why_no_source(covering: Sequence[TenderSourceParams], year: int) -> str:
    if not covering:
        return f"Ingen källa med upphandlingsstatistik täcker {year}."
    listed = " och ".join(params.name for params in covering)
    return f"{listed} är inte inläst: filerna finns inte på plats."


def _nothing(
    year: int, name: str, numbers: tuple[str, ...], because: str, looked_at: Sequence[TenderSourceParams]
) -> TenderYear:
    """Return a year without any source, but for the files of those that were looked at."""
    return TenderYear(
        source=Source(text="Ingen upphandlingsstatistik har lästs.", organisation=name),
        left_out=(),
        controls=controls_of({}),
        inputs=tuple(one for params in looked_at for one in inputs_looked_at(params)),
        year=year,
        name=name,
        own=TenderTables(**{table: frame_of([], columns) for table, columns in TENDER_TABLES.items()}),
        groups={},
        numbers=numbers,
        numbers_without_rows=numbers,
        county="",
        missing_because=because,
        missing_tables=(),
    )
