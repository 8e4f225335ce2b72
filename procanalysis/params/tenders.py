"""The tender sources: whose statistics, where their files lie, which years they cover, and what they leave out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from procanalysis.errors import InputError, ParamsError, did_you_mean
from procanalysis.params.file_patterns import is_pattern, matching_files
from procanalysis.params.project import organisations_folder, project_root
from procanalysis.params.table_file import TableFile
from procanalysis.params.yaml_file import SLUG, Part, Problem, load_file, refuse

_ID = {"procurement_id": "the procurement's number"}
_BUYER = {
    "buyer_number": "the buyer's organisation number",
    "buyer_name": "the buyer's name",
    "announced_on": "when it was announced",
}
_LOT = {"lot_id": "the lot's number within its procurement"}
TENDER_COLUMNS: dict[str, dict[str, str]] = {
    "procurements": {
        **_ID,
        **_BUYER,
        "title": "what it is about",
        "buyer_sector": "Stat, Region, Kommun or Annat",
        "buyer_subsector": "finer than the sector",
        "kind": "varor, tjänster or byggentreprenader",
        "procedure": "öppet, förenklat, selektivt …",
        "cpv_code": "main CPV code",
        "cpv_main": "its main group, code and name",
        "is_above_threshold": "ja when the directives govern it",
        "agreement": "ramavtal or kontrakt",
        "is_framework": "ja for a framework agreement, where `agreement` is not given",
        "is_dynamic": "ja within a dynamic purchasing system",
        "has_lots": "ja when announced in lots",
        "is_coordinated": "ja when several organisations procure together",
        "is_environmental": "ja with environmental requirements",
        "is_social": "ja with social requirements",
        "is_reviewed": "ja when a court was asked to review it",
        "notice_database": "where it was announced",
    },
    "lots": {**_ID, **_BUYER, **_LOT, "bids_count": "bids received"},
    "values": {
        **_ID,
        **_BUYER,
        "title": "what the contract is about",
        "value": "contracted value excluding VAT",
        "currency": "its currency; only SEK is read",
    },
    "awards": {
        **_ID,
        **_BUYER,
        **_LOT,
        "supplier_name": "the supplier's name",
        "supplier_number": "the supplier's organisation number",
        "supplier_sector": "Privat or Offentlig",
        "supplier_form": "legal form, by which people are told and hidden",
        "supplier_size": "mikro, små, medelstora or stora företag, or the number of employees",
        "supplier_size_code": "Statistics Sweden's size class",
        "supplier_county": "county of its place of business",
        "contracted_count": "its bids that were contracted",
        "award_status": "only 'active' awards count",
    },
}
"""What a tender source can map to the headers of its own tables."""

TENDERS_VARIABLE = "PROCANALYSIS_TENDERS"
"""The environment variable that names the folder of the files of all sources that are not fictional."""


class ReleaseFiles(Part):
    """Say where the releases lie; OCDS decides how they are written."""

    files: tuple[str, ...] = ()


class TenderGroupParams(Part):
    """Name the organisations that are compared.

    `one` is what each of them is, in the singular; `all`, what all of them together are called beside one of them.
    """

    slug: str
    name: str = Field(min_length=1)
    one: str = Field(min_length=1)
    all: str = ""
    peers: str = Field(min_length=1)

    @field_validator("slug")
    @classmethod
    def _short_name(cls, slug: str) -> str:
        if not SLUG.fullmatch(slug):
            raise ValueError("the group's short name may hold only a–z, 0–9 and single hyphens, as in regioner")
        return slug

    @property
    def name_of_all(self) -> str:
        """What all of them together are called beside one of them: 'Alla regioner'."""
        return self.all or self.name


class TenderSourceParams(Part):
    """Hold one tender source. `slug` and `path` come from the file's name and place.

    `nation` is what all of its buyers together are called beside one of them ('Hela landet'); empty when the source is
    not of everybody, since nobody can then be held against it.
    """

    slug: str
    path: Path
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)
    licence: str = ""
    fictional: bool = False
    years: tuple[Annotated[int, Field(ge=1990, le=2100)], ...] = Field(min_length=1)
    format: Literal["tables", "ocds"] = "tables"
    folder: str = "../../data/tenders"
    procurements: TableFile | None = None
    lots: TableFile | None = None
    values: TableFile | None = None
    awards: TableFile | None = None
    releases: ReleaseFiles = ReleaseFiles()
    missing: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    nation: str = ""
    group: TenderGroupParams | None = None

    @property
    def tables(self) -> dict[str, TableFile]:
        """The tables that the source has files for, by their key in the file."""
        given = {key: getattr(self, key) for key in TENDER_COLUMNS}
        return {key: table for key, table in given.items() if table is not None}

    @property
    def home(self) -> Path:
        """The folder of the files: PROCANALYSIS_TENDERS unless the source is fictional, else the file's `folder`."""
        given = "" if self.fictional else os.environ.get(TENDERS_VARIABLE, "")
        return Path(given).expanduser().resolve() if given else (self.path.parent / self.folder).resolve()

    @property
    def patterns(self) -> dict[str, tuple[str, ...]]:
        """The names of the files by key: the tables', or the releases'."""
        if self.format == "ocds":
            return {"releases": self.releases.files}
        return {key: table.files for key, table in self.tables.items()}

    def has_any_file(self) -> bool:
        """Tell whether any of the files is there; a source without files is none to speak of."""
        return bool(self.delivered_paths())

    def delivered_paths(self) -> list[Path]:
        """List the files that are there, whichever of them are missing."""
        found = (
            path for files in self.patterns.values() for name in files for path in matching_files(self.home / name)
        )
        return list(dict.fromkeys(found))

    def file_paths(self) -> dict[str, list[Path]]:
        """List the files of each table, or of 'releases', with patterns matched.

        Raises InputError when a name matches no file.
        """
        found: dict[str, list[Path]] = {}
        for key, files in self.patterns.items():
            found[key] = list(dict.fromkeys(path for name in files for path in self._matched(key, name)))
        return found

    def peers_path(self) -> Path | None:
        """Return the file of the organisations that are compared, or None when the source names none."""
        return (self.path.parent / self.group.peers).resolve() if self.group else None

    def _matched(self, key: str, name: str) -> list[Path]:
        if found := matching_files(self.home / name):
            return found
        what = f"no file matches '{name}'" if is_pattern(name) else f"there is no file '{name}'"
        where = TENDERS_VARIABLE if not self.fictional and os.environ.get(TENDERS_VARIABLE) else f"'{self.folder}'"
        raise InputError(
            f"{self.path.name}: {key}.files: {what} in the folder that {where} names. Put the file there, or take the "
            f"name out of {key}.files. docs/own-tenders.md tells where to get the files."
        )


def tenders_folder() -> Path:
    """Return the folder of tender sources: beside that of the organisation files, or else the project's own.

    The rows of a nation are the same for everybody, so organisation files that are kept elsewhere need no copy.
    """
    beside = organisations_folder().parent / "tenders"
    return beside if beside.is_dir() else project_root() / "params" / "tenders"


def tender_source_slugs() -> list[str]:
    """List the tender sources, in order of name."""
    return sorted(path.stem for path in tenders_folder().glob("*.yml"))


def load_tender_source(slug: str) -> TenderSourceParams:
    """Read and validate one tender source.

    Returns it frozen. Raises ParamsError naming file, line, key and remedy for every mistake: also an unknown column,
    tables in a source of OCDS releases, and a group whose file of organisations is not there.
    """
    path = tenders_folder() / f"{slug}.yml"
    known = tender_source_slugs()
    if Path(slug).name != slug or (SLUG.fullmatch(slug) and not path.is_file()):
        raise ParamsError(unknown_source(slug, known))
    params = load_file(path, TenderSourceParams, missing=unknown_source(slug, known))
    refuse(path, _source_problems(params))
    return params


def unknown_source(slug: str, known: list[str]) -> str:
    """Say that there is no such tender source, and which there are."""
    hint = did_you_mean(slug, known) if known else "There are none: write one, see docs/own-tenders.md."
    return f"There is no tender source '{slug}' in params/tenders. {hint}"


def wrong_world(source: TenderSourceParams, fictional: bool) -> str:
    """Say why a tender source is not for an organisation: made-up rows enter no real report, nor real rows a made-up.

    Parameters: fictional, whether the organisation is made up. Returns what is wrong and the cure, '' when it is right.
    """
    if source.fictional == fictional:
        return ""
    theirs, whose = ("fictional", "a real") if source.fictional else ("real", "a fictional")
    return (
        f"the tender source '{source.slug}' is {theirs}, and {whose} organisation may not use it. Take it away, or "
        f"write fictional: {'true' if source.fictional else 'false'} if that is what the organisation is."
    )


def _source_problems(params: TenderSourceParams) -> Iterator[Problem]:
    """List what does not hang together in a source, as (keys, what is wrong and the cure)."""
    if params.format == "tables":
        if not params.tables:
            yield ("format",), f"the source names no table. Give files under one of {', '.join(TENDER_COLUMNS)}"
        if params.releases.files:
            yield ("releases",), "is only for format: ocds. Take it away, or write format: ocds"
    else:
        if not params.releases.files:
            yield ("releases",), "is missing. Name the files under releases.files, or write format: tables"
        for key in params.tables:
            yield (key,), "is only for format: tables; releases hold everything. Take it away"
    for key, table in params.tables.items():
        for column in table.columns:
            if column not in TENDER_COLUMNS[key]:
                yield (key, "columns", column), f"unknown column. {did_you_mean(column, TENDER_COLUMNS[key])}"
    for place, year in enumerate(params.years):
        if year in params.years[:place]:
            yield ("years", str(place)), f"{year} stands twice. Keep one"
    peers = params.peers_path()
    if peers is not None and not peers.is_file():
        yield ("group", "peers"), "there is no such file. The path is relative to this file; see params/peers"
