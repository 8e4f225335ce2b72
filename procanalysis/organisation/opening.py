"""Open one organisation: organisation file → read → check → map → prepared tables, reused while nothing has changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from procanalysis.errors import InputError, ParamsError, did_you_mean
from procanalysis.measures.categories import in_category, largest_categories
from procanalysis.measures.covered_purchases import CoveredPurchases, covered_purchases
from procanalysis.measures.frames import NativeFrame
from procanalysis.opened import Opened
from procanalysis.organisation.article_sources import ARTICLE_SOURCE_NAMES
from procanalysis.organisation.articles import OpenedArticles
from procanalysis.organisation.engines import between, count_lines, different, held, until
from procanalysis.organisation.masking import masker_of
from procanalysis.organisation.month import OrganisationMonth, month_of
from procanalysis.organisation.periods import period_in_words
from procanalysis.organisation.preparing import Progress, lines_of, prepare_organisation
from procanalysis.organisation.registers import REGISTER_NAMES, open_register
from procanalysis.params import (
    OrganisationParams,
    Period,
    load_organisation_params,
    parse_period,
    project_root,
)
from procanalysis.read.law import read_limits
from procanalysis.read.published import read_published_savings
from procanalysis.read.registers import frame_of
from procanalysis.read.rules import read_rules, read_taxonomy
from procanalysis.schema import PUBLISHED_SAVING_KINDS, PUBLISHED_SAVINGS, REJECT_REASONS, Source

_CONTRACT_REGISTERS = ("contracts", "follow_ups", "procurements")


@dataclass(frozen=True)
class Organisation(OpenedArticles, Opened):
    """Hold one organisation's checked and mapped data for one period.

    lines and lines_before have schema.LEDGER_LINES, MAPPED_COLUMNS and MATCHED_COLUMNS. They are DuckDB relations, or
    Spark frames where the organisation file says so. lines_before is None when there is nothing to compare with, and
    no_comparison_because then says why, in Swedish. A register that the organisation file does not name has no rows.
    """

    params: OrganisationParams
    period: Period
    folder: Path
    facts: dict[str, Any]
    taxonomy: pd.DataFrame
    rules: pd.DataFrame
    lines: NativeFrame
    lines_before: NativeFrame | None
    no_comparison_because: str

    @cached_property
    def all_lines(self) -> NativeFrame:
        """All accepted and mapped lines, whatever their date."""
        return lines_of(self.folder, self.params.engine)

    @cached_property
    def lines_so_far(self) -> NativeFrame:
        """All lines up to the end of the period, for what is reckoned over twelve months back."""
        if not self.facts["has_dates"]:
            return self.lines
        return until(self.all_lines, self.period.ends_on)

    @cached_property
    def covered_purchases(self) -> CoveredPurchases:
        """What loyalty is measured on in the period, with investments if the file says so; summed once for a report."""
        return covered_purchases(self.lines, include_investments=self.params.reports.loyalty.include_investments)

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """The contract register (schema.CONTRACTS)."""
        return open_register(self.folder, "contracts")

    @cached_property
    def scopes(self) -> pd.DataFrame:
        """What each contract covers (schema.CONTRACT_SCOPES)."""
        return open_register(self.folder, "scopes")

    @cached_property
    def follow_ups(self) -> pd.DataFrame:
        """Follow-ups of suppliers and contracts (schema.FOLLOW_UPS)."""
        return open_register(self.folder, "follow_ups")

    @cached_property
    def procurements(self) -> pd.DataFrame:
        """Procurements, planned, running and ended (schema.PROCUREMENTS)."""
        return open_register(self.folder, "procurements")

    @cached_property
    def awards(self) -> pd.DataFrame:
        """Awarded procurements whose saving is reckoned (schema.AWARDS)."""
        return open_register(self.folder, "awards")

    @cached_property
    def bids(self) -> pd.DataFrame:
        """Bids in the awarded procurements (schema.BIDS)."""
        return open_register(self.folder, "bids")

    @cached_property
    def contract_prices(self) -> pd.DataFrame:
        """Articles of the awarded procurements with earlier and new prices (schema.CONTRACT_PRICES)."""
        return open_register(self.folder, "prices")

    @cached_property
    def saving_shares(self) -> pd.DataFrame:
        """How the savings are divided between organisations and units (schema.SAVING_SHARES)."""
        return open_register(self.folder, "shares")

    @cached_property
    def priced_purchases(self) -> pd.DataFrame:
        """Order and invoice lines of priced articles (schema.PRICED_PURCHASES)."""
        return open_register(self.folder, "purchases")

    @cached_property
    def published_savings(self) -> pd.DataFrame:
        """Enabled savings that boards have printed (schema.PUBLISHED_SAVINGS), the kind and 'ca' in words.

        No rows in a project without that file.
        """
        path = project_root() / "data" / "published" / "savings.csv"
        printed = read_published_savings(path) if path.is_file() else frame_of([], PUBLISHED_SAVINGS)
        kinds = printed["kind"].map(PUBLISHED_SAVING_KINDS)
        return printed.assign(kind_name=kinds, approximate=printed["is_approximate"].map({1: "ca", 0: ""}))

    @cached_property
    def limits(self) -> pd.DataFrame:
        """Dated limits of the procurement act (schema.LAW_LIMITS)."""
        return read_limits(project_root() / "params" / "law" / "limits.csv")

    @property
    def as_of(self) -> date:
        """The day on which contracts, follow-ups and plans are judged: the last of the period."""
        return self.period.ends_on

    @property
    def year(self) -> int | None:
        """The calendar year of the period; None when the period is any other span."""
        return self.period.calendar_year

    @property
    def next_day(self) -> date:
        """The day after the period, from which what is to come is counted."""
        return self.period.ends_on + timedelta(days=1)

    @property
    def registers(self) -> pd.DataFrame:
        """Rows read, accepted and rejected per register, and what to know; no rows when the file names none."""
        controls = self.facts["registers"]
        columns = ["register", "rows_read_count", "rows_accepted_count", "rows_rejected_count", "unknown_words", "note"]
        rows = [
            (
                REGISTER_NAMES[key],
                control["rows_read"],
                control["rows_accepted"],
                control["rows_rejected"],
                ", ".join([*control["unknown_categories"], *control["unknown_kinds"], *control["unknown_classes"]]),
                " ".join(control.get("notes", ())),
            )
            for key, control in controls.items()
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def inputs(self) -> tuple[dict[str, Any], ...]:
        """Every file that was read, ledger and registers: its name, its digest and its rows."""
        read = {file["name"]: (file["sha256"], file["control"]["rows_read"]) for file in self.facts["files"]}
        for control in self.facts["registers"].values():
            read |= {file["name"]: (file["sha256"], file["rows_read"]) for file in control["files"]}
        return tuple({"path": name, "sha256": digest, "rows": rows} for name, (digest, rows) in sorted(read.items()))

    @property
    def contract_registers(self) -> pd.DataFrame:
        """The rows of `registers` that the contract reports rest on."""
        return self._registers_of("contracts", "follow_ups", "procurements")

    @property
    def loyalty_registers(self) -> pd.DataFrame:
        """The rows of `registers` that the report on contracts and loyalty rests on, lines among them."""
        lines = ("orders", "invoices", "price_lists", "price_indexes")
        return self._registers_of("contracts", "follow_ups", "procurements", *lines)

    @property
    def article_registers(self) -> pd.DataFrame:
        """The rows of `registers` that the report on articles and prices rests on."""
        return self._registers_of("orders", "invoices", "price_lists", "price_indexes", "article_tags", "contracts")

    @property
    def savings_registers(self) -> pd.DataFrame:
        """The rows of `registers` that the savings report rests on."""
        return self._registers_of("awards", "bids", "prices", "shares", "purchases", "contracts", "procurements")

    def _registers_of(self, *keys: str) -> pd.DataFrame:
        wanted = [REGISTER_NAMES[key] for key in keys]
        return self.registers[self.registers["register"].isin(wanted)]

    @cached_property
    def rejected_in_registers(self) -> pd.DataFrame:
        """Rejected rows of the registers, with the reason in Swedish as `reason_name`."""
        rejected = pq.read_table(self.folder / "registers_rejected.parquet").to_pandas()
        return rejected.assign(reason_name=rejected["reason"].map(REJECT_REASONS))  # type: ignore[no-any-return]

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

    def category_reconciliation(self, lines: NativeFrame) -> pd.DataFrame:
        """Steps from read to one category: the reconciliation, then the category's lines and the rest of the period."""
        rows, amount = count_lines(lines)
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

    def with_category_names(self, table: pd.DataFrame) -> pd.DataFrame:
        """Add category_name to a table with category_code; a missing code is a row for all categories."""
        names = dict(zip(self.taxonomy["category_code"], self.taxonomy["name"], strict=True))
        named = table["category_code"].map(names).fillna("Alla kategorier")
        return table.assign(category_name=named.astype("str"))

    def category_lines(self, code: str) -> NativeFrame:
        """Return the category's lines in the period, kept in memory unless they are many; none is no mistake."""
        return held(in_category(self.lines, code, must_exist=False))

    def category_before(self, code: str) -> NativeFrame | None:
        """Return the category's lines in the period of comparison; None when there are none to compare with."""
        if self.lines_before is None:
            return None
        found = held(in_category(self.lines_before, code, must_exist=False))
        return found if count_lines(found)[0] else None

    @cached_property
    def facts_of_period(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rows and sum inside and outside the period."""
        inside = count_lines(self.lines)
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

    @property
    def has_months(self) -> bool:
        """Whether postings have dates, so that a month can be told from another."""
        return bool(self.facts["has_dates"])

    def chosen_units(self) -> list[str]:
        """List the units that the organisation file chooses for monthly reports, as the ledger writes them.

        Raises ParamsError when the ledger has no such unit.
        """
        chosen = self.params.reports.monthly_report.units
        for unit in chosen:
            self._must_have_unit(unit, f"{self.params.path.name}: reports.monthly_report.units: ")
        return list(dict.fromkeys(chosen))

    def month(self, unit: str = "") -> OrganisationMonth:
        """Return the last month of the period that has postings, for the organisation or for one of its units.

        Raises ParamsError when the ledger has no such unit, or no dates.
        """
        if not self.has_months:
            raise ParamsError(
                f"{self.params.path.name}: the ledger has no dates, so there is no month to report. Deliver a ledger "
                "with dates."
            )
        if unit:
            self._must_have_unit(unit, "")
        first_day = date.fromisoformat(self.facts["first_day"])
        return month_of(self.all_lines, self.lines, unit, first_day=first_day, source=self._source_of_month)

    def _source_of_month(self, unit: str, months: str) -> Source:
        data = "Leverantörsreskontra och register" if self.facts["registers"] else "Leverantörsreskontra"
        whose = f"{self.params.name}, {unit}" if unit else self.params.name
        return replace(self.source, text=f"{data} för {whose}, {months}. Belopp exklusive moms.")

    def _must_have_unit(self, unit: str, where: str) -> None:
        units = different(self.all_lines, "unit")["unit"].dropna().tolist()
        if unit not in units:
            cure = did_you_mean(unit, units) if units else "It names no units at all: map the column in ledger.columns."
            raise ParamsError(f"{where}the ledger has no unit '{unit}'. {cure}")

    def proposed_rules(self, *names: str) -> pd.DataFrame:
        """Read rule files proposed instead of the organisation's own, to compare them before they are accepted.

        Parameters: names, paths as in the organisation file (relative to it). Returns rules as `rules` holds them.
        """
        mapping = self.params.mapping.model_copy(update={"rules": names})
        proposed = self.params.model_copy(update={"mapping": mapping})
        return read_rules(proposed.rule_paths(), masker=masker_of(self.params))

    @property
    def period_name(self) -> str:
        """The period in words, in Swedish."""
        return period_in_words(self.period)

    @property
    def period_name_before(self) -> str:
        """The period of comparison in words, in Swedish."""
        return period_in_words(self.period.before())

    @property
    def contract_source(self) -> Source:
        """Where the data come from, for what rests on the ledger and on contracts, follow-ups and procurements."""
        named = [REGISTER_NAMES[key].lower() for key in self.facts["registers"] if key in _CONTRACT_REGISTERS]
        text = f"Leverantörsreskontra för {self.params.name}, {self.period_name}. Belopp exklusive moms."
        return replace(self.source, text=f"{text} Register: {', '.join(named)}." if named else text)

    @property
    def savings_source(self) -> Source:
        """Where the data come from, for what rests on the savings register and on the spend on its contracts."""
        text = f"Besparingsregister och leverantörsreskontra för {self.params.name}, {self.period_name}."
        return replace(self.source, text=f"{text} Belopp exklusive moms.")

    @property
    def article_source(self) -> Source:
        """Where the data come from, for what rests on order or invoice lines and on price lists."""
        named = [name.lower() for part, name in ARTICLE_SOURCE_NAMES.items() if part in self.facts["registers"]]
        words = f"{', '.join(named).capitalize()} för" if named else "Order- och fakturarader saknas för"
        return replace(self.source, text=f"{words} {self.params.name}, {self.period_name}. Belopp exklusive moms.")

    @property
    def published_source(self) -> Source:
        """Where figures that boards have printed come from: each row names its document, and nothing is made up."""
        return replace(self.source, text="Nämndernas egna dokument, som varje rad anger.", fictional=False)

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
    lines = lines_of(folder, params.engine)
    inside = _in_period(lines, chosen, facts, params)
    before, because = _before(lines, chosen, facts)
    return Organisation(
        params=params,
        period=chosen,
        folder=folder,
        facts=facts,
        taxonomy=read_taxonomy(params.taxonomy_path()),
        rules=read_rules(params.rule_paths(), masker=masker_of(params)),
        lines=inside,
        lines_before=before,
        no_comparison_because=because,
    )


def _in_period(lines: NativeFrame, period: Period, facts: dict[str, Any], params: OrganisationParams) -> NativeFrame:
    if not facts["has_dates"]:
        own = parse_period(params.period)
        if (period.starts_on, period.ends_on) != (own.starts_on, own.ends_on):
            raise ParamsError(
                f"{params.path.name}: the ledger has no dates, so only the period that the file names "
                f"({params.period}) can be shown, not {period.label}. Deliver a ledger with dates, or change "
                "the period."
            )
        return lines
    inside = between(lines, period)
    if not count_lines(inside)[0]:
        raise InputError(
            f"{params.path.name}: no posting lies in the period {period.label}. The ledger covers "
            f"{facts['first_day']} to {facts['last_day']}. Choose a period there, or deliver the files that are "
            "missing."
        )
    return inside


def _before(lines: NativeFrame, period: Period, facts: dict[str, Any]) -> tuple[NativeFrame | None, str]:
    if not facts["has_dates"]:
        return None, "Underlaget saknar datum, så det går inte att jämföra med en tidigare period."
    before = period.before()
    first = date.fromisoformat(facts["first_day"])
    if (first.year, first.month) > (before.starts_on.year, before.starts_on.month):
        return (
            None,
            f"Underlaget börjar {facts['first_day']}, så {period_in_words(before)} går inte att jämföra med.",
        )
    found = between(lines, before)
    if not count_lines(found)[0]:
        return None, f"Underlaget har inga rader från {period_in_words(before)} att jämföra med."
    return found, ""
