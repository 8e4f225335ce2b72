"""Open one organisation: organisation file → read → check → map → prepared tables, reused while nothing has changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from procanalysis.errors import InputError, MappingError, ParamsError, ReconciliationError, did_you_mean
from procanalysis.measures.categories import check_nothing_lost, in_category, largest_categories, map_categories
from procanalysis.params import (
    OrganisationParams,
    Period,
    load_organisation_params,
    parse_period,
    project_root,
)
from procanalysis.read.files import file_digest
from procanalysis.read.ledger import LedgerFormat, LedgerReading, read_ledger
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import REJECT_REASONS, Source, kronor
from procanalysis.version import VERSION, code_digest

_KEPT_PREPARATIONS = 3
_FORGOTTEN_DRAFT_SECONDS = 24 * 3600
_PREPARED_BY = (
    "schema.py",
    "organisation.py",
    "read",
    *(f"measures/{name}.py" for name in ("categories", "rule_order", "frames")),
)
_MONTHS = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
           "december")  # fmt: skip

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Organisation:
    """Hold one organisation's checked and mapped data for one period.

    lines and lines_before are DuckDB relations of schema.LEDGER_LINES and MAPPED_COLUMNS; lines_before is None when
    there is nothing to compare with, and no_comparison_because then says why, in Swedish.
    """

    params: OrganisationParams
    period: Period
    folder: Path
    facts: dict[str, Any]
    taxonomy: pd.DataFrame
    rules: pd.DataFrame
    lines: duckdb.DuckDBPyRelation
    lines_before: duckdb.DuckDBPyRelation | None
    no_comparison_because: str

    @cached_property
    def all_lines(self) -> duckdb.DuckDBPyRelation:
        """All accepted and mapped lines, whatever their date."""
        return _lines(self.folder)

    @cached_property
    def rejected(self) -> pd.DataFrame:
        """Rejected rows (schema.REJECTED_ROWS)."""
        return pq.read_table(self.folder / "rejected.parquet").to_pandas()  # type: ignore[no-any-return]

    @cached_property
    def register(self) -> pd.DataFrame:
        """Every way in which the ledger writes its suppliers (schema.SUPPLIER_REGISTER)."""
        return pq.read_table(self.folder / "register.parquet").to_pandas()  # type: ignore[no-any-return]

    @property
    def files(self) -> pd.DataFrame:
        """One row per input file or sheet: its name, how it is written, and its control totals."""
        return pd.DataFrame([{**file["control"], **file} for file in self.facts["files"]]).drop(columns="control")

    @property
    def reconciliation(self) -> pd.DataFrame:
        """Steps from read to shown, in rows and hundredths: each pair adds up to the step that it divides."""
        control, mapped = self.facts["control"], self.facts["mapped"]
        inside, outside = self.facts_of_period
        steps = [
            ("Inläst", control["rows_read"], control["amount_read_ore"]),
            ("– avvisat", control["rows_rejected"], control["amount_rejected_ore"]),
            ("– godtaget", control["rows_accepted"], control["amount_accepted_ore"]),
            ("Godtaget: kategoriserat", mapped["rows_mapped"], mapped["amount_mapped_ore"]),
            ("Godtaget: inte kategoriserat", mapped["rows_unmapped"], mapped["amount_unmapped_ore"]),
            ("Godtaget: i rapportens period", *inside),
            ("Godtaget: utanför perioden", *outside),
        ]
        return pd.DataFrame(steps, columns=["step", "lines_count", "amount_exact_ore"])

    def category_reconciliation(self, lines: duckdb.DuckDBPyRelation) -> pd.DataFrame:
        """Steps from read to one category: the reconciliation, then the category's lines and the rest of the period."""
        rows, amount = _count(lines)
        inside, _ = self.facts_of_period
        steps = [
            ("I perioden: i kategorin", rows, amount),
            ("I perioden: i andra kategorier", inside[0] - rows, inside[1] - amount),
        ]
        category = pd.DataFrame(steps, columns=["step", "lines_count", "amount_exact_ore"])
        return pd.concat([self.reconciliation, category], ignore_index=True)

    @property
    def rejected_in_words(self) -> pd.DataFrame:
        """Rows rejected one by one, with the reason in Swedish as `reason_name`; deliveries rejected whole are left
        out.
        """
        single = self.rejected[self.rejected["reason"] != "repeated_delivery"]
        return single.assign(reason_name=single["reason"].map(REJECT_REASONS))

    def category(self, code: str = "") -> tuple[str, str]:
        """Return code and name of a category, or of the first chosen one when no code is given.

        Raises ParamsError when the code is not in the tree.
        """
        if not code:
            return self.chosen_categories()[0]
        names = dict(zip(self.taxonomy["category_code"], self.taxonomy["name"], strict=True))
        if code not in names:
            raise ParamsError(f"There is no category '{code}' in the tree. {did_you_mean(code, names)}")
        return code, names[code]

    def category_description(self, code: str) -> str:
        """Return what belongs to a category, as the tree says, or its name."""
        row = self.taxonomy[self.taxonomy["category_code"] == code].iloc[0]
        return str(row["description"] or row["name"])

    def category_before(self, code: str) -> duckdb.DuckDBPyRelation | None:
        """Return the category's lines in the period of comparison; None when there are none to compare with."""
        if self.lines_before is None:
            return None
        found: duckdb.DuckDBPyRelation = in_category(self.lines_before, code, must_exist=False)
        return found if _count(found)[0] else None

    @cached_property
    def facts_of_period(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rows and sum inside and outside the period."""
        inside = _count(self.lines)
        control = self.facts["control"]
        return inside, (control["rows_accepted"] - inside[0], control["amount_accepted_ore"] - inside[1])

    def chosen_categories(self) -> list[tuple[str, str]]:
        """List code and name of the categories that the organisation file chooses, or else of the largest ones.

        Raises ParamsError when the file names a category that is not in the tree.
        """
        choice = self.params.reports.category_analysis
        names = dict(zip(self.taxonomy["category_code"], self.taxonomy["name"], strict=True))
        for code in choice.categories:
            if code not in names:
                raise ParamsError(
                    f"{self.params.path.name}: reports.category_analysis.categories: '{code}' is not in the "
                    "category tree. "
                    f"{did_you_mean(code, names)}"
                )
        codes = (
            choice.categories
            or largest_categories(self.lines, largest=choice.largest, level=choice.level)["category_code"]
        )
        return [(code, names[code]) for code in codes]

    def proposed_rules(self, *names: str) -> pd.DataFrame:
        """Read rule files proposed instead of the organisation's own, to compare them before they are accepted.

        Parameters: names, paths as in the organisation file (relative to it). Returns rules as `rules` holds them.
        """
        mapping = self.params.mapping.model_copy(update={"rules": names})
        proposed = self.params.model_copy(update={"mapping": mapping})
        return read_rules(proposed.rule_paths(), masker=_masker(self.params))

    @cached_property
    def methods(self) -> dict[str, str]:
        """The method pages by name, for 'så har vi räknat'."""
        pages = (project_root() / "docs" / "methods").glob("*.md")
        return {page.stem: page.read_text(encoding="utf-8") for page in sorted(pages)}

    @property
    def opened_on(self) -> date:
        """The day on which the report is made."""
        return date.today()

    @property
    def version(self) -> str:
        """The version of the code."""
        return VERSION

    @property
    def period_name(self) -> str:
        """The period in words, in Swedish."""
        return period_in_words(self.period)

    @property
    def period_name_before(self) -> str:
        """The period of comparison in words, in Swedish."""
        return period_in_words(self.period.before())

    @property
    def source(self) -> Source:
        """Where the data come from, for every figure and table."""
        return Source(
            text=f"Leverantörsreskontra för {self.params.name}, {self.period_name}. Belopp exklusive moms.",
            organisation=self.params.name,
            currency=self.params.currency,
            fictional=self.params.fictional,
            accent_colour=self.params.style.accent_colour,
            logo_path=str(self.params.logo_path() or ""),
        )


def period_in_words(period: Period) -> str:
    """Write a period as a Swedish reader would.

    >>> period_in_words(parse_period("2016-03")), period_in_words(parse_period("2025"))
    ('mars 2016', '2025')
    >>> period_in_words(parse_period("2020-04--2021-03"))
    'april 2020–mars 2021'
    """
    first, last = period.starts_on, period.ends_on
    if (first.year, first.month) == (last.year, last.month):
        return f"{_MONTHS[first.month - 1]} {first.year}"
    if (first.month, last.month) == (1, 12) and first.year == last.year:
        return str(first.year)
    return f"{_MONTHS[first.month - 1]} {first.year}–{_MONTHS[last.month - 1]} {last.year}"


def open_organisation(slug: str, period: str = "", *, progress: Progress = lambda message: None) -> Organisation:
    """Open an organisation's data for a period; read, check and map them first if anything has changed.

    Parameters: slug, the name of its file in params/organisations; period, as in the organisation file ('2025',
    '2025-03', '2025-Q1', '2025-01--2025-06'), empty for the file's own; progress, told of each step.
    Returns an Organisation. Raises a ProcanalysisError that says what is wrong with file, rules or data.
    """
    params = load_organisation_params(slug)
    chosen = parse_period(period or params.period)
    params.logo_path()  # a logo that is not there is told before a long ledger is read
    folder = prepare_organisation(params, progress=progress)
    facts = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
    lines = _lines(folder)
    inside = _in_period(lines, chosen, facts, params)
    before, because = _before(lines, chosen, facts)
    return Organisation(
        params=params,
        period=chosen,
        folder=folder,
        facts=facts,
        taxonomy=read_taxonomy(params.taxonomy_path()),
        rules=read_rules(params.rule_paths(), masker=_masker(params)),
        lines=inside,
        lines_before=before,
        no_comparison_because=because,
    )


def _lines(folder: Path) -> duckdb.DuckDBPyRelation:
    # The default connection, so that the lines of two periods can be joined.
    return duckdb.read_parquet(str(folder / "lines.parquet"))


def _count(lines: duckdb.DuckDBPyRelation) -> tuple[int, int]:
    rows, amount = lines.aggregate("count(*), coalesce(sum(amount_ore), 0)::BIGINT").fetchall()[0]
    return int(rows), int(amount)


def _between(lines: duckdb.DuckDBPyRelation, period: Period) -> duckdb.DuckDBPyRelation:
    return lines.filter(f"booked_on BETWEEN DATE '{period.starts_on}' AND DATE '{period.ends_on}'")


def _in_period(
    lines: duckdb.DuckDBPyRelation, period: Period, facts: dict[str, Any], params: OrganisationParams
) -> duckdb.DuckDBPyRelation:
    if not facts["has_dates"]:
        own = parse_period(params.period)
        if (period.starts_on, period.ends_on) != (own.starts_on, own.ends_on):
            raise ParamsError(
                f"{params.path.name}: the ledger has no dates, so only the period that the file names "
                f"({params.period}) can be shown, not {period.label}. Deliver a ledger with dates, or change "
                "the period."
            )
        return lines
    inside = _between(lines, period)
    if not _count(inside)[0]:
        raise InputError(
            f"{params.path.name}: no posting lies in the period {period.label}. The ledger covers "
            f"{facts['first_day']} to {facts['last_day']}. Choose a period there, or deliver the files that are "
            "missing."
        )
    return inside


def _before(
    lines: duckdb.DuckDBPyRelation, period: Period, facts: dict[str, Any]
) -> tuple[duckdb.DuckDBPyRelation | None, str]:
    if not facts["has_dates"]:
        return None, "Underlaget saknar datum, så det går inte att jämföra med en tidigare period."
    before = period.before()
    first = date.fromisoformat(facts["first_day"])
    if (first.year, first.month) > (before.starts_on.year, before.starts_on.month):
        return (
            None,
            f"Underlaget börjar {facts['first_day']}, så {period_in_words(before)} går inte att jämföra med.",
        )
    found = _between(lines, before)
    if not _count(found)[0]:
        return None, f"Underlaget har inga rader från {period_in_words(before)} att jämföra med."
    return found, ""


def prepare_organisation(params: OrganisationParams, *, progress: Progress = lambda message: None) -> Path:
    """Return the folder of prepared data for the inputs as they are now, making it when it does not exist.

    The folder's name is a digest of inputs, rules, tree, parameters and code; it appears whole or not at all.
    """
    home = project_root() / "data" / "prepared" / params.slug
    folder = home / _preparation_key(params)
    if _is_whole(folder):
        with contextlib.suppress(OSError):
            os.utime(folder)  # what is in use is the last to be forgotten
        return folder
    home.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
    try:
        _prepare(params, draft, progress)
        if folder.is_dir() and not _is_whole(folder):
            shutil.rmtree(folder)
        draft.replace(folder)
    except OSError:
        # Another process has put the same preparation in place meanwhile, and may be reading it: theirs is as good.
        if not _is_whole(folder):
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _forget_old(home, folder)
    return folder


def _is_whole(folder: Path) -> bool:
    return (folder / "prepared.json").is_file()


def _preparation_key(params: OrganisationParams) -> str:
    files = [*params.ledger_paths(), params.taxonomy_path(), *params.rule_paths()]
    content = {
        "version": VERSION,
        "code": code_digest(*_PREPARED_BY),
        "files": [(path.name, file_digest(path)) for path in files],
        "ledger": params.ledger.model_dump(mode="json", exclude={"files"}),
        "privacy": params.privacy.model_dump(mode="json"),
        # A new masking key must give new codes; the key itself stays out of sight.
        "mask": _masker(params).supplier_key("procanalysis"),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def _prepare(params: OrganisationParams, draft: Path, progress: Progress) -> None:
    masker = _masker(params)
    taxonomy = read_taxonomy(params.taxonomy_path())
    rules = read_rules(params.rule_paths(), masker=masker)
    ledger = params.ledger
    reading = read_ledger(
        params.ledger_paths(),
        LedgerFormat(
            ledger.columns,
            ledger.encoding,
            ledger.delimiter,
            ledger.decimal,
            ledger.date_order,
            ledger.supplier_numbers,
        ),
        masker=masker,
        progress=progress,
    )
    _check_control_total(params, reading)
    progress("kategoriserar")
    accepted = duckdb.from_arrow(reading.lines)
    mapped = map_categories(accepted, rules=rules, taxonomy=taxonomy)
    mapped.order("line_id").write_parquet(str(draft / "lines.parquet"), compression="zstd")
    written = _lines(draft)
    check_nothing_lost(accepted, written)
    pq.write_table(reading.rejected, draft / "rejected.parquet")
    pq.write_table(reading.register, draft / "register.parquet")
    facts = _facts(reading, written)
    if not facts["mapped"]["rows_mapped"]:
        raise MappingError(
            f"{params.path.name}: no row of the ledger meets a rule above the default tier. The rules are probably "
            "written for another account plan: compare the accounts in the ledger with those in the rules."
        )
    (draft / "prepared.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def _facts(reading: LedgerReading, mapped: duckdb.DuckDBPyRelation) -> dict[str, Any]:
    rows, amount = _count(mapped.filter("is_mapped = 1"))
    rows_un, amount_un = _count(mapped.filter("is_mapped = 0"))
    days = mapped.aggregate("min(booked_on), max(booked_on)").fetchall()[0]
    return {
        "version": VERSION,
        "control": asdict(reading.control),
        "files": [asdict(file) for file in reading.files],
        "has_dates": reading.has_dates,
        "supplier_numbers": reading.supplier_numbers,
        "first_day": str(days[0]) if days[0] else "",
        "last_day": str(days[1]) if days[1] else "",
        "mapped": {
            "rows_mapped": rows,
            "amount_mapped_ore": amount,
            "rows_unmapped": rows_un,
            "amount_unmapped_ore": amount_un,
        },
    }


def _check_control_total(params: OrganisationParams, reading: LedgerReading) -> None:
    expected = params.ledger.control_total
    read = reading.control
    if expected.rows is not None and expected.rows != read.rows_read:
        raise ReconciliationError(
            f"{params.path.name}: the control total says {expected.rows} rows, but {read.rows_read} were read "
            f"(difference {read.rows_read - expected.rows:+d}). "
            "A file is missing, doubled or cut off: compare the deliveries with the economy system."
        )
    if expected.amount is not None and expected.amount != kronor(read.amount_read_ore):
        difference = kronor(read.amount_read_ore) - expected.amount
        raise ReconciliationError(
            f"{params.path.name}: the control total says {expected.amount}, but {kronor(read.amount_read_ore)} was "
            f"read (difference {difference:+}; {read.rows_without_readable_amount} rows have no readable amount). "
            "Compare the deliveries with the economy system."
        )


def _forget_old(home: Path, current: Path) -> None:
    """Keep the newest preparations, and no draft that a stopped process left behind."""
    drafts: list[tuple[float, Path]] = []
    others: list[tuple[float, Path]] = []
    for path in home.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process forgets the same ones
            if path.is_dir() and path != current:
                (drafts if path.name.startswith(".draft-") else others).append((path.stat().st_mtime, path))
    stale = [path for made, path in drafts if made < time.time() - _FORGOTTEN_DRAFT_SECONDS]
    for path in [*stale, *(path for _, path in sorted(others, reverse=True)[_KEPT_PREPARATIONS - 1 :])]:
        shutil.rmtree(path, ignore_errors=True)


def _masker(params: OrganisationParams) -> Masker:
    return Masker(_mask_key(), params.privacy.mask_sole_traders)


def _mask_key() -> bytes:
    """Return the masking key: PROCANALYSIS_MASK_KEY, or one made at random once and kept beside the prepared data."""
    if given := os.environ.get("PROCANALYSIS_MASK_KEY"):
        return given.encode()
    path = project_root() / "data" / "prepared" / ".mask-key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, secrets.token_hex(32))
    key = path.read_text(encoding="ascii").strip().encode()
    if not key:
        raise InputError(
            f"{path.name}: the masking key in data/prepared is empty. Delete the file, and a new one is made, or set "
            "PROCANALYSIS_MASK_KEY to the key that you keep."
        )
    return key


def _write_once(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all, unless another process already has."""
    handle, draft = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process's is the one to use
    except OSError:  # a file system without links, where the last process wins
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
