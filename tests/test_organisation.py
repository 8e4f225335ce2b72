"""Opening an organisation: prepared once, again when something that matters has changed, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from procanalysis.errors import InputError, MappingError, ParamsError, ReconciliationError
from procanalysis.measures.realisation import realised_savings
from procanalysis.measures.savings import saving_triage
from procanalysis.organisation import Organisation, masking, open_organisation, preparing
from procanalysis.organisation.article_sources import ARTICLE_TABLES
from procanalysis.run.processes import CAN_FORK
from procanalysis.version import VERSION, code_digest

HEADER = "leverantor;leverantor_id;konto_nr;konto_text;belopp;datum;forvaltning;fakturanummer"
RULE_HEADER = "rule_id,tier,account,unit,supplier,text,category_code,spend_class,lou_covered,author,decided_on,reason"
RULES = f"""{RULE_HEADER}
mat,account,64*,,,,1.1,adresserbar,ja,kategoriledare,2025-01-01,Prov.
el,account,6210,,,,2.1,ej adresserbar,nej,kategoriledare,2025-01-01,Prov.
rest,default,,,,,9,adresserbar,okänt,kategoriledare,2025-01-01,Prov.
"""
TREE = """category_code,parent_code,name,description,owner
1,,Mat,,
1.1,1,Livsmedel,Allt som äts.,
2,,Energi,,
2.1,2,El,,
9,,Utan kategori,,
"""
PARAMS = """\
name: Provby
period: "2025"
ledger:
  files: ["../../data/*.csv"]
mapping:
  taxonomy: ../tree.csv
  rules: [../rules.csv]
"""


def ledger(first: str = "2024-01", last: str = "2025-12", dates: bool = True) -> str:
    """Write one month per three rows: food, electricity, and one that no rule but the default decides."""
    rows = [HEADER if dates else HEADER.replace("datum;", "")]
    year, month = map(int, first.split("-"))
    while f"{year}-{month:02d}" <= last:
        number = year * 100 + month
        for supplier, key, account, amount in (
            ("Grossisten AB", "556016-0680", "6440", "100,50"),
            ("Elverket AB", "556036-0793", "6210", "-20,25"),
            ("Resten", "", "9999", "3,00"),
        ):
            day = f"{year}-{month:02d}-15;" if dates else ""
            rows.append(f"{supplier};{key};{account};Text;{amount};{day}Skola;{number}{account}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return "\n".join(rows) + "\n"


@dataclass(frozen=True)
class Project:
    root: Path

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write(name, text.replace(old, new))

    def params(self, more: str = "", **changes: str) -> None:
        text = PARAMS
        for old, new in changes.items():
            assert text.count(old) == 1
            text = text.replace(old, new)
        self.write("params/organisations/prov.yml", text + more)

    @property
    def home(self) -> Path:
        return self.root / "data" / "prepared" / "prov"

    def prepared(self) -> list[str]:
        """List the preparations; what they share begins with an underscore."""
        kept = (path.name for path in self.home.iterdir()) if self.home.is_dir() else ()
        return sorted(name for name in kept if not name.startswith("_"))


def begin(root: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Write the project's files, and let calls in this process read them."""
    made = Project(root)
    made.write("data/ledger.csv", ledger())
    made.write("params/rules.csv", RULES)
    made.write("params/tree.csv", TREE)
    made.params()
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(root))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    monkeypatch.setenv("PROCANALYSIS_MASK_KEY", "prov")
    return made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return begin(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as it is written, opened once. Read only."""
    with pytest.MonkeyPatch.context() as patch:
        made = begin(tmp_path_factory.mktemp("opened_once"), patch)
        open_organisation("prov")
        return made


@pytest.fixture
def prepared_project(project: Project, opened_once: Project) -> Project:
    """A project that was prepared before, as it is written."""
    shutil.copytree(opened_once.home, project.home)
    return project


def sums(relation: Any) -> tuple[int, int]:
    found: tuple[int, int] = relation.aggregate("count(*), sum(amount_ore)").fetchall()[0]
    return found


SAVINGS = {
    "awards": "Upphandlingsnummer;Upphandling;Startdatum;Slutdatum;Årsvolym;Utvärderad volym\n"
    "U1;Livsmedel;2025-01-01;2026-12-31;1;1\nU2;El;2025-01-01;2026-12-31;1;1\nU3;Mer el;2026-01-01;2025-01-01;1;1\n",
    "bids": "Upphandlingsnummer;Anbudsgivare;Kvalificerad;Vinnare;Slutligt anbud\n"
    "U1;Ett AB;ja;ja;100\nU1;Två AB;ja;nej;120\nU1;Tre AB;ja;nej;130\nU1;Fyra AB;ja;nej;1O5\n"
    "U2;Ett AB;ja;ja;50\nU2;Två AB;ja;nej;60\nU2;Tre AB;ja;nej;70\n",
    "prices": "Upphandlingsnummer;Artikelnummer;Årsvolym;Tidigare pris;Nytt pris\n"
    "U1;A;10;12;11\nU2;A;10;8;7\nU2;B;10;8;7,0,0\n",
    "shares": "Upphandlingsnummer;Slag av mottagare;Mottagare;Andel\n"
    "U1;organisation;Provby;100\nU2;organisation;Provby;99\n",
    "purchases": "Upphandlingsnummer;Artikelnummer;Inköpsdatum;Antal;Betalt pris;På avtal\n"
    "U1;A;2025-02-01;3;11;ja\nU1;A;2025-02-31;3;11;ja\nU2;A;2025-03-01;4;7;ja\n",
}


def test_a_savings_register_with_rejected_rows_says_which_procurements_they_leave_incomplete(project: Project) -> None:
    stated = "savings:\n"
    for part, text in SAVINGS.items():
        project.write(f"data/savings/{part}.csv", text)
        stated += f'  {part}: {{files: ["../../data/savings/{part}.csv"]}}\n'
    project.params(more=stated)
    opened = open_organisation("prov")
    awards = opened.awards.set_index("procurement_id")
    counted = {part: awards[f"rejected_{part}_count"].tolist() for part in SAVINGS}
    assert counted == {"awards": [0, 0], "bids": [1, 0], "prices": [0, 1], "shares": [0, 1], "purchases": [1, 0]}
    found = saving_triage(opened.awards, opened.bids, opened.contract_prices)
    by_number = found.procurements.set_index("procurement_id")
    # Whole prices decide where a bid is lacking, and whole bids where a price is.
    assert by_number["method"].to_dict() == {"U1": "previous_contract", "U2": "market_price"}
    assert by_number["yearly_ore"].to_dict() == {"U1": 10_00, "U2": 10_00}
    measured = realised_savings(
        opened.awards, found.articles, opened.priced_purchases, opened.saving_shares,
        starts_on=opened.period.starts_on, ends_on=opened.period.ends_on, own_name=opened.params.name,
    )  # fmt: skip
    assert measured.rows.empty
    assert measured.not_measured["reason"].tolist() == [
        "Ett eller flera köp kunde inte läsas", "En eller flera prisrader kunde inte läsas",
    ]  # fmt: skip
    assert opened.registers["rows_rejected_count"].tolist() == [1, 1, 1, 1, 1]
    # Mended, nothing stands in the way.
    for part, old, new in (("bids", "1O5", "105"), ("prices", "7,0,0", "7"), ("purchases", "02-31", "02-28")):
        project.replace(f"data/savings/{part}.csv", old, new)
    mended = open_organisation("prov")
    assert not mended.awards.filter(regex="rejected_(bids|prices|purchases)_count").to_numpy().any()
    again = saving_triage(mended.awards, mended.bids, mended.contract_prices).procurements
    assert again["yearly_ore"].tolist() == [10_00, 20_00]
    assert again["market_price_ore"].tolist() == [12_50, 10_00]


# What is opened


def test_an_organisation_holds_its_period_and_the_one_before(prepared_project: Project) -> None:
    opened = open_organisation("prov")
    assert (sums(opened.lines), sums(opened.all_lines)) == ((36, 12 * 83_25), (72, 24 * 83_25))
    assert opened.lines_before is not None
    assert sums(opened.lines_before) == (36, 12 * 83_25)
    assert opened.no_comparison_because == ""
    assert (opened.period_name, opened.version) == ("2025", VERSION)
    assert "Provby, 2025" in opened.source.text
    quarter = open_organisation("prov", "2024-Q2")
    assert (sums(quarter.lines)[0], quarter.period_name) == (9, "april 2024–juni 2024")


def test_the_first_and_the_last_day_belong_to_the_period(project: Project) -> None:
    days = ["2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01", "2025-12-31", "2026-01-01"]
    rows = [f"Grossisten AB;556016-0680;6440;Mat;{number},00;{day};Skola;{number}" for number, day in enumerate(days)]
    project.write("data/ledger.csv", "\n".join([HEADER, *rows]) + "\n")
    opened = open_organisation("prov")
    assert opened.lines_before is not None
    found = [
        opened.lines.project("booked_on::VARCHAR").fetchall(),
        opened.lines_before.project("amount_ore").fetchall(),
    ]
    assert [sorted(values) for values in found] == [[("2025-01-01",), ("2025-12-31",)], [(1_00,), (2_00,)]]


def test_every_pair_of_the_reconciliation_adds_up(project: Project) -> None:
    text = ledger().replace("2024-03-15;Skola;2024036440", "2024-33-15;Skola;2024036440")
    project.write("data/ledger.csv", text)
    opened = open_organisation("prov", "2025-Q1")
    steps = opened.reconciliation.set_index("step")
    assert steps.loc["Inläst"].tolist() == [72, 24 * 83_25]
    assert steps.loc["– avvisat"].tolist() == [1, 100_50]
    assert (steps.loc["– avvisat"] + steps.loc["– godtaget"]).tolist() == steps.loc["Inläst"].tolist()
    accepted = steps.loc["– godtaget"].tolist()
    for one, other in (
        ("Godtaget: kategoriserat", "Godtaget: inte kategoriserat"),
        ("Godtaget: i rapportens period", "Godtaget: utanför perioden"),
    ):
        assert (steps.loc[one] + steps.loc[other]).tolist() == accepted
    assert steps.loc["Godtaget: inte kategoriserat"].tolist() == [24, 24 * 3_00]

    whole = opened.category_reconciliation(opened.lines.filter("category_code = '1.1'")).set_index("step")
    inside = whole.loc["I perioden: i kategorin"], whole.loc["I perioden: i andra kategorier"]
    assert inside[0].tolist() == [3, 3 * 100_50]
    assert (inside[0] + inside[1]).tolist() == whole.loc["Godtaget: i rapportens period"].tolist()

    assert len(opened.rejected) == 1
    assert opened.rejected_in_words["reason_name"].tolist() == ["Datumet kan inte läsas"]
    assert opened.files[["rows_read", "rows_accepted", "rows_rejected"]].to_numpy().tolist() == [[72, 71, 1]]
    assert opened.register["rows"].sum() == 71


def test_categories_are_chosen_by_the_file_or_by_size(prepared_project: Project) -> None:
    opened = open_organisation("prov")
    assert opened.chosen_categories() == [("1.1", "Livsmedel"), ("2.1", "El")]
    assert (opened.category(), opened.category("2")) == (("1.1", "Livsmedel"), ("2", "Energi"))
    assert (opened.category_description("1.1"), opened.category_description("2.1")) == ("Allt som äts.", "El")
    before = opened.category_before("1")
    assert before is not None and sums(before) == (12, 12 * 100_50)
    assert opened.category_before("9.9") is None
    with pytest.raises(ParamsError, match=r"no category '1\.2' in the tree\. Did you mean '1\.1'"):
        opened.category("1.2")
    prepared_project.params("reports: {category_analysis: {categories: [2]}}\n")
    assert open_organisation("prov").chosen_categories() == [("2", "Energi")]
    prepared_project.params('reports: {category_analysis: {categories: ["2.2"]}}\n')
    with pytest.raises(ParamsError, match=r"prov\.yml: reports\.category_analysis\.categories: '2\.2'.*'2\.1'"):
        open_organisation("prov").chosen_categories()


@pytest.mark.parametrize(
    ("first", "period", "because"),
    [
        ("2025-01", "2025", "Underlaget börjar 2025-01-15, så 2024 går inte att jämföra med."),
        ("2024-02", "2025", "Underlaget börjar 2024-02-15, så 2024 går inte att jämföra med."),
        ("2024-01", "2024-01", "Underlaget börjar 2024-01-15, så december 2023 går inte att jämföra med."),
    ],
)
def test_a_period_that_the_ledger_does_not_reach_is_not_compared_with(
    first: str, period: str, because: str, project: Project
) -> None:
    project.write("data/ledger.csv", ledger(first))
    opened = open_organisation("prov", period)
    assert (opened.lines_before, opened.no_comparison_because) == (None, because)
    assert opened.category_before("1.1") is None


def test_a_gap_in_the_ledger_is_not_compared_with(project: Project) -> None:
    project.write("data/ledger.csv", ledger("2023-01", "2023-12"))
    project.write("data/ledger-2025.csv", ledger("2025-01", "2025-12"))
    opened = open_organisation("prov")
    assert (opened.lines_before, opened.no_comparison_because) == (
        None,
        "Underlaget har inga rader från 2024 att jämföra med.",
    )


def test_a_period_outside_the_ledger_is_refused_with_what_there_is(prepared_project: Project) -> None:
    with pytest.raises(InputError, match=r"prov\.yml: no posting lies in the period 2026-Q1.*2024-01-15 to 2025-12-15"):
        open_organisation("prov", "2026-Q1")
    with pytest.raises(ParamsError, match="'2025-13' is not a period"):
        open_organisation("prov", "2025-13")


def test_a_ledger_without_dates_covers_the_period_of_its_file_and_no_other(project: Project) -> None:
    project.write("data/ledger.csv", ledger("2025-01", dates=False))
    opened = open_organisation("prov")
    assert sums(opened.lines) == (36, 12 * 83_25)
    assert opened.lines_before is None
    assert opened.no_comparison_because.startswith("Underlaget saknar datum")
    assert opened.reconciliation.set_index("step").loc["Godtaget: utanför perioden"].tolist() == [0, 0]
    assert sums(open_organisation("prov", "2025-01--2025-12").lines)[0] == 36
    with pytest.raises(ParamsError, match=r"no dates, so only the period that the file names \(2025\).*not 2025-03"):
        open_organisation("prov", "2025-03")


# What stops it


@pytest.mark.parametrize(
    ("total", "words"),
    [
        ("rows: 71", ["says 71 rows", "72 were read", "difference +1"]),
        ("rows: 74", ["says 74 rows", "difference -2"]),
        ("amount: 1998.01", ["says 1998.01", "1998.00 was read", "difference -0.01"]),
        ("amount: 1000", ["says 1000", "difference +998.00"]),
        ("rows: 72, amount: 0", ["says 0", "difference +1998.00"]),
    ],
)
def test_a_wrong_control_total_stops_with_the_difference(total: str, words: list[str], project: Project) -> None:
    project.replace("params/organisations/prov.yml", "mapping:", f"  control_total: {{{total}}}\nmapping:")
    with pytest.raises(ReconciliationError) as refused:
        open_organisation("prov")
    assert [word for word in ["prov.yml", *words] if word not in str(refused.value)] == []
    assert project.prepared() == []


def test_a_right_control_total_lets_it_through(project: Project) -> None:
    project.replace("params/organisations/prov.yml", "mapping:", "  control_total: {rows: 72, amount: 1998}\nmapping:")
    assert sums(open_organisation("prov").all_lines) == (72, 1998_00)


def test_a_file_delivered_twice_does_not_reach_the_control_total(project: Project) -> None:
    project.replace("params/organisations/prov.yml", "mapping:", "  control_total: {rows: 72}\nmapping:")
    shutil.copy(project.root / "data/ledger.csv", project.root / "data/ledger-kopia.csv")
    with pytest.raises(ReconciliationError, match=r"difference \+72.*doubled"):
        open_organisation("prov")


def test_rules_that_meet_nothing_stop_the_run(project: Project) -> None:
    project.write("params/rules.csv", RULES.replace("64*", "1*").replace("6210", "1210"))
    with pytest.raises(MappingError, match=r"prov\.yml: no row of the ledger meets a rule.*another account plan"):
        open_organisation("prov")
    assert project.prepared() == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("params/tree.csv", TREE.splitlines()[0] + "\n", "holds no rows"),
        ("params/rules.csv", RULES.splitlines()[0] + "\n", "holds no rows"),
        ("params/rules.csv", RULES.replace("1.1", "1.2"), r"not in the tree: rules\.csv, row 2"),
        ("params/rules.csv", RULES.replace("2.1", "2"), r"categories below it: rules\.csv, row 3"),
    ],
)
def test_an_empty_or_broken_tree_or_rule_file_stops_with_its_name(
    name: str, text: str, words: str, project: Project
) -> None:
    project.write(name, text)
    with pytest.raises(MappingError, match=words):
        open_organisation("prov")
    assert project.prepared() == []


# Prepared once


def refuse_to_read(*_: Any, **__: Any) -> None:
    raise AssertionError("the ledger was read again")


def test_a_second_opening_reads_no_ledger_and_touches_no_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_organisation("prov")
    times = {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    monkeypatch.setattr(preparing, "gather", refuse_to_read)
    monkeypatch.setattr(preparing, "map_categories", refuse_to_read)
    second = open_organisation("prov", "2024")
    assert second.folder == first.folder
    assert {path: path.stat().st_mtime_ns for path in second.folder.iterdir()} == times


CHANGES: dict[str, Callable[[Project, pytest.MonkeyPatch], None]] = {
    "an amount": lambda project, _: project.write("data/ledger.csv", ledger().replace("100,50", "100,51", 1)),
    "one more file": lambda project, _: project.write("data/ledger-2.csv", ledger("2023-12", "2023-12")),
    "a rule": lambda project, _: project.replace("params/rules.csv", "64*", "644*"),
    "the tree": lambda project, _: project.replace("params/tree.csv", "Livsmedel", "Mat och dryck"),
    "a rule file's name": lambda project, _: (
        (project.root / "params/rules.csv").rename(project.root / "params/own.csv"),
        project.replace("params/organisations/prov.yml", "../rules.csv", "../own.csv"),
    )[1],
    "how the ledger is read": lambda project, _: project.replace(
        "params/organisations/prov.yml", "mapping:", "  decimal: ','\nmapping:"
    ),
    "the control total": lambda project, _: project.replace(
        "params/organisations/prov.yml", "mapping:", "  control_total: {rows: 72}\nmapping:"
    ),
    "privacy": lambda project, _: project.params("privacy: {mask_sole_traders: false}\n"),
    "the masking key": lambda _, monkeypatch: monkeypatch.setenv("PROCANALYSIS_MASK_KEY", "annan"),
    "the code": lambda _, monkeypatch: monkeypatch.setattr(preparing, "code_digest", lambda *parts: "annan"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_matters_gives_a_new_preparation(
    change: str, prepared_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_organisation("prov").folder
    CHANGES[change](prepared_project, monkeypatch)
    assert open_organisation("prov").folder != first
    assert len(prepared_project.prepared()) == 2


def test_a_change_of_reports_or_period_alone_gives_none(
    prepared_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_organisation("prov").folder
    monkeypatch.setattr(preparing, "gather", refuse_to_read)
    prepared_project.params(
        "kind: municipality\nreports: {small_invoice_limit_sek: 5000}\nstyle: {accent_colour: '#000000'}\n",
        **{'period: "2025"': 'period: "2024"', "name: Provby": "name: Provstad"},
    )
    second = open_organisation("prov")
    assert (second.folder, second.period.label, second.source.accent_colour) == (first, "2024", "#000000")


def test_a_slow_query_prints_no_bar_that_the_report_would_show(prepared_project: Project) -> None:
    open_organisation("prov")
    assert duckdb.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]


def test_the_code_that_prepares_is_all_in_the_key() -> None:
    digests = {part: code_digest(part) for part in preparing._PREPARED_BY}
    assert len(set(digests.values())) == len(digests)
    assert all(re.fullmatch("[0-9a-f]{16}", digest) for digest in digests.values())
    for module in ("categories", "rule_order", "frames"):
        assert f"measures/{module}.py" in digests
    with pytest.raises(FileNotFoundError):
        code_digest("measures/renamed.py")


def test_only_the_three_newest_preparations_are_kept_and_what_is_in_use_is_new(project: Project) -> None:
    def opened(amount: str, age: int) -> Path:
        project.write("data/ledger.csv", ledger().replace("100,50", amount, 1))
        folder = open_organisation("prov").folder
        os.utime(folder, (time.time() - age, time.time() - age))
        return folder

    made = [opened(amount, age) for amount, age in (("1,00", 400), ("2,00", 300), ("3,00", 200))]
    project.write("data/ledger.csv", ledger().replace("100,50", "1,00", 1))
    assert open_organisation("prov").folder == made[0]
    last = opened("4,00", 0)
    assert project.prepared() == sorted(path.name for path in (made[0], made[2], last))


def test_a_draft_of_a_process_that_was_stopped_is_cleared_after_a_day(project: Project) -> None:
    old, new = project.home / ".draft-old", project.home / ".draft-new"
    for path in (old, new):
        (path / "lines.parquet").mkdir(parents=True)
        (path / "lines.parquet/part-0001.parquet").write_bytes(b"half")
    os.utime(old, (time.time() - 90_000, time.time() - 90_000))
    open_organisation("prov")
    assert (old.exists(), new.exists()) == (False, True)


# Whole or not at all


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("gather", OSError("disk full")),
        ("map_categories", RuntimeError("crash")),
        ("refuse_loss", KeyboardInterrupt()),
        ("_facts", OSError("disk full")),
    ],
)
def test_a_crash_while_preparing_leaves_nothing(
    step: str, fault: BaseException, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(preparing, step, crash)
        with pytest.raises(type(fault)):
            open_organisation("prov")
    assert project.prepared() == []
    assert sums(open_organisation("prov").all_lines)[0] == 72


def test_half_a_preparation_is_made_anew(prepared_project: Project) -> None:
    folder = open_organisation("prov").folder
    (folder / "prepared.json").unlink()
    (folder / "lines.parquet/part-0001.parquet").write_bytes(b"half")
    assert sums(open_organisation("prov").all_lines)[0] == 72


def test_the_preparation_of_another_process_is_left_in_place(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = preparing._prepare

    def overtaken(params: Any, draft: Path, progress: Any) -> None:
        prepare(params, draft, progress)
        theirs = draft.parent / preparing._preparation_key(params)
        shutil.copytree(draft, theirs)
        (theirs / "theirs").touch()

    monkeypatch.setattr(preparing, "_prepare", overtaken)
    opened = open_organisation("prov")
    assert (opened.folder / "theirs").exists()
    assert project.prepared() == [opened.folder.name]


TWO_AT_ONCE = """
from procanalysis.organisation import open_organisation
from procanalysis.run.processes import Task, run_tasks

def prepare():
    opened = open_organisation("prov")
    return opened.folder.name, opened.lines.aggregate("count(*)").fetchall()[0][0]

for outcome in run_tasks([Task("one", prepare), Task("two", prepare)], jobs=2, seconds=60):
    print(outcome.failure or outcome.value)
"""


@pytest.mark.slow
@pytest.mark.skipif(not CAN_FORK, reason="two processes that start at the same moment need fork")
def test_two_processes_that_prepare_at_the_same_time_both_succeed(project: Project, example_project: Any) -> None:
    environment = example_project.environment(PROCANALYSIS_ROOT=str(project.root))
    del environment["PROCANALYSIS_MASK_KEY"]
    done = subprocess.run(
        [sys.executable, "-c", TWO_AT_ONCE], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    (folder,) = project.prepared()
    assert done.stdout.splitlines() == [f"('{folder}', 36)"] * 2, done.stdout + done.stderr
    assert sorted(path.name for path in project.home.parent.iterdir()) == [".mask-key", "prov"]


# The masking key and what it hides


def test_a_masking_key_is_made_once_for_the_owner_alone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCANALYSIS_MASK_KEY")
    key = masking.mask_key()
    path = project.home.parent / ".mask-key"
    assert re.fullmatch(b"[0-9a-f]{64}", key)
    assert masking.mask_key() == key
    assert os.name != "posix" or path.stat().st_mode & 0o077 == 0
    assert [other.name for other in path.parent.iterdir()] == [".mask-key"]


def test_the_key_of_the_process_that_was_first_is_the_one_used(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROCANALYSIS_MASK_KEY")

    def overtaken(draft: str, path: Path) -> None:
        path.write_text("theirs", encoding="ascii")
        raise FileExistsError

    monkeypatch.setattr(os, "link", overtaken)
    assert masking.mask_key() == b"theirs"


def test_a_file_system_without_links_gets_its_key_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCANALYSIS_MASK_KEY")

    def unsupported(draft: str, path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", unsupported)
    key = masking.mask_key()
    assert len(key) == 64
    assert masking.mask_key() == key


def test_an_empty_masking_key_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCANALYSIS_MASK_KEY")
    project.write("data/prepared/.mask-key", "\n")
    with pytest.raises(InputError, match=r"\.mask-key: the masking key in data/prepared is empty"):
        open_organisation("prov")


PREPARED = {
    "contracts", "follow_ups", "lines", "procurements", "register", "registers_rejected", "rejected", "scopes",
    *SAVINGS, *ARTICLE_TABLES,
}  # fmt: skip


def everything_written(opened: Organisation) -> str:
    """Return every text of every prepared file, as one."""
    texts = [(opened.folder / "prepared.json").read_text(encoding="utf-8")]
    files = sorted(path for path in opened.folder.rglob("*.parquet") if path.is_file())
    assert {file.relative_to(opened.folder).parts[0].removesuffix(".parquet") for file in files} == PREPARED
    for file in files:
        table = pq.read_table(file)
        for column in table.columns:
            texts += {str(value) for value in column.unique().to_pylist()}
        # What Parquet itself says of the columns (smallest and largest values) counts as written too.
        texts.append(str(pq.read_metadata(file).to_dict()))
    return "\n".join(texts)


def test_no_sole_traders_name_or_number_is_in_the_prepared_data(in_project: Any) -> None:
    opened = open_organisation("exempel")
    written = everything_written(opened)
    planted = in_project.truths["sole_traders_raw"]
    assert len(planted) > 5
    hidden = {form for one in planted for form in (one["name"], one["number"], *one["written"])}
    hidden |= {form.replace("-", "") for form in hidden} | {one["name"].upper() for one in planted}
    assert [form for form in sorted(hidden) if form in written] == []
    # The search itself can find: suppliers who are no sole traders are there by name.
    first = in_project.root / "data/example/leverantorsreskontra-2023.csv"
    with first.open(encoding="cp1252", newline="") as stream:
        names = {row["leverantor"] for row in csv.DictReader(stream, delimiter=";")}
    assert any(one["name"] in names for one in planted)
    assert len([name for name in names if name in written]) > 50


def test_the_planted_rows_and_kronor_are_what_is_prepared(in_project: Any) -> None:
    opened = open_organisation("exempel")
    truth = in_project.truths["all_years"]
    assert sums(opened.all_lines) == (truth["rows"], truth["amount_ore"])
    facts = json.loads((opened.folder / "prepared.json").read_text(encoding="utf-8"))
    assert facts["control"]["rows_accepted"] == truth["rows"]
    assert (facts["first_day"][:4], facts["last_day"][:4]) == ("2023", "2025")


def test_proposed_rules_are_read_without_being_used(project: Project) -> None:
    project.write("params/proposed.csv", RULES.replace("mat,", "mat-ny,"))
    opened = open_organisation("prov")
    assert opened.proposed_rules("../proposed.csv")["rule_id"].tolist() == ["mat-ny", "el", "rest"]
    assert opened.rules["rule_id"].tolist() == ["mat", "el", "rest"]
    with pytest.raises(InputError, match=r"no file 'saknas\.csv'"):
        opened.proposed_rules("saknas.csv")
