"""The commands as a user types them: exit codes, plain words, and never a traceback."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from procanalysis import cli
from procanalysis.organisation.article_sources import ARTICLE_SOURCE_NAMES
from procanalysis.params import load_organisation_params
from procanalysis.run.problems import write_problems
from procanalysis.schema import REJECT_REASONS
from procanalysis.version import VERSION

COMMANDS = ("init", "list", "example", "check", "run", "case")
FORMULA = tuple("=+-@\t\r\n")
SAVINGS_FILES = {
    "effektredovisning.csv": "Effektredovisade upphandlingar", "anbud.csv": "Anbud", "avtalspriser.csv": "Avtalspriser",
    "andelar.csv": "Fördelning av besparingar", "prisade_inkop.csv": "Köp med pris",
}  # fmt: skip


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def type_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], in_project: Any
) -> Callable[..., Said]:
    """Run a command in this process, through `main`, in the shared project."""

    def run(*arguments: str, params: Path | None = None) -> Said:
        monkeypatch.setattr("sys.argv", ["procanalysis", *arguments])
        monkeypatch.setenv("COLUMNS", "200")
        if params is not None:
            monkeypatch.setenv("PROCANALYSIS_PARAMS", str(params))
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(code, out, err)

    return run


@pytest.fixture
def organisations(tmp_path: Path, in_project: Any) -> Callable[..., Path]:
    """Make a folder of organisation files: exempel and whatever else a test needs."""

    def make(**others: str) -> Path:
        folder = tmp_path / "organisations"
        folder.mkdir()
        source = in_project.root / "params/organisations/exempel.yml"
        text = (
            source.read_text("utf-8")
            .replace("../../", f"{in_project.root}/")
            .replace("../", f"{in_project.root}/params/")
        )
        for slug, change in {"exempel": "", **others}.items():
            old, _, new = change.partition(" -> ")
            (folder / f"{slug}.yml").write_text(text.replace(old, new) if change else text, "utf-8")
            # What was read of the same files serves them all, whatever their organisation is called.
            mine = in_project.root / "data/prepared" / slug
            if not mine.exists():
                shutil.copytree(mine.with_name("exempel"), mine, ignore=shutil.ignore_patterns(".*"))
        return folder

    return make


# Help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(type_in: Callable[..., Said], command: str) -> None:
    said = type_in(command, "--help")
    assert said.code == 0 and f"procanalysis {command}" in said.out
    assert len(said.out.splitlines()) > 5


def test_the_command_alone_lists_the_commands(type_in: Callable[..., Said]) -> None:
    said = type_in()
    assert all(re.search(rf"\b{command}\b", said.out + said.err) for command in COMMANDS)
    assert type_in("--version").out.strip() == VERSION


@pytest.mark.parametrize(
    "arguments", [("analyse",), ("run", "--colour"), ("init",), ("run", "--jobs", "0"), ("example", "--lines", "many")]
)
def test_wrong_usage_is_exit_code_2(type_in: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    assert type_in(*arguments).code == 2


# init


def test_init_writes_a_file_that_can_be_read(type_in: Callable[..., Said], tmp_path: Path) -> None:
    folder = tmp_path / "new folder"
    said = type_in("init", "region-nord", params=folder)
    assert said.code == 0 and "region-nord.yml" in said.out
    text = (folder / "region-nord.yml").read_text("utf-8")
    assert "SLUG" not in text and "region-nord" in text
    assert load_organisation_params("region-nord").slug == "region-nord"
    again = type_in("init", "region-nord")
    assert again.code == 2 and "exists already" in again.err
    assert (folder / "region-nord.yml").read_text("utf-8") == text


@pytest.mark.parametrize("slug", ["Region", "region nord", "../region", "region_nord", "åre", "-a", "a--b", ""])
def test_init_refuses_what_cannot_be_a_file_name(type_in: Callable[..., Said], slug: str, tmp_path: Path) -> None:
    said = type_in("init", "--", slug, params=tmp_path)
    assert said.code == 2 and "cannot be a file name" in said.err
    assert list(tmp_path.rglob("*.yml")) == []


# check


def test_check_shows_the_reconciliation(type_in: Callable[..., Said], in_project: Any, tmp_path: Path) -> None:
    said = type_in("check", "exempel", "--out", str(tmp_path))
    assert said.code == 0, said.err
    shown = {
        match[1].strip(): (int(match[2]), match[3])
        for match in re.finditer(r"^  (\S.*?) +(\d+) rows +(-?\d+\.\d\d)$", said.out, flags=re.MULTILINE)
    }
    truths = in_project.truths
    accepted, rejected = truths["all_years"], truths["rejected_rows"]
    copy = truths["repeated_delivery"]
    assert shown["– godtaget"] == (accepted["rows"], in_kronor(accepted["amount_ore"]))
    readable = sum(row["amount_ore"] or 0 for row in rejected) + copy["amount_ore"]
    assert shown["– avvisat"] == (len(rejected) + copy["rows_in_file"], in_kronor(readable))
    assert shown["Inläst"][0] == shown["– avvisat"][0] + shown["– godtaget"][0]
    inside = truths["years"]["2025"]
    assert shown["Godtaget: i rapportens period"] == (inside["rows"], in_kronor(inside["amount_ore"]))


def test_check_shows_that_each_register_adds_up(
    type_in: Callable[..., Said], organisations: Callable[..., Path], in_project: Any, tmp_path: Path
) -> None:
    said = type_in("check", "exempel", "--out", str(tmp_path))
    shown = {
        match[1]: tuple(map(int, match.groups()[1:]))
        for match in re.finditer(r"^  (\S.*?) +(\d+) rows = (\d+) accepted \+ (\d+) rejected$", said.out, re.MULTILINE)
    }
    planted = in_project.truths["contracts"]
    register, follow_ups, procurements = (planted[part] for part in ("register", "follow_ups", "procurements"))
    broken = len(register["rejected_rows"])
    savings = in_project.truths["savings"]
    wrong = Counter(row["file"] for row in savings["rejected_rows"])
    articles = {name: shown.pop(name) for name in ARTICLE_SOURCE_NAMES.values()}
    lists = in_project.truths["articles"]
    for name, part in (("Orderrader", "orders"), ("Avtalsprislistor", "price_lists")):
        rows, refused = sum(lists[part]["rows_in_file"].values()), len(lists[part]["rejected_rows"])
        assert articles[name] == (rows, rows - refused, refused)
    documents, refused = lists["invoices"]["accepted_documents"], len(lists["invoices"]["rejected_files"])
    assert articles["E-fakturor"] == (documents + refused, documents, refused)
    assert shown == {
        SAVINGS_FILES[file]: (rows, rows - wrong[file], wrong[file]) for file, rows in savings["files"].items()
    } | {
        "Avtalsregister": (register["rows_in_file"], register["accepted_rows"], broken),
        "Uppföljningsregister": (follow_ups["rows"], follow_ups["rows"], 0),
        "Upphandlingar": (procurements["rows"], procurements["rows"], 0),
    }
    # The groups and kinds of articles that nothing translates are planted among the articles.
    not_understood = re.findall(r"^  (\S.*?), not understood", said.out, re.MULTILINE)
    assert broken and set(not_understood) <= articles.keys()
    folder = organisations(ord="Sjukresor: -> Resor till vården:")
    assert (
        "Avtalsregister, not understood: Sjukresor"
        in type_in("check", "ord", "--out", str(tmp_path), params=folder).out
    )


def in_kronor(amount_ore: int) -> str:
    sign, whole = "-" if amount_ore < 0 else "", abs(amount_ore)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def test_the_problems_file_lists_every_rejected_row_safely(published: Any) -> None:
    path = published.reports / "exempel/problems.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "a spreadsheet takes it for another encoding"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream, delimiter=";")
    assert header == ["fil", "rad", "kolumn", "värde", "orsak", "belopp"]
    truths = published.truths
    wrong = [
        *truths["rejected_rows"],
        *truths["contracts"]["register"]["rejected_rows"],
        *truths["savings"]["rejected_rows"],
        *(
            row
            for part in ("orders", "price_lists", "article_tags")
            for row in truths["articles"][part]["rejected_rows"]
        ),
    ]
    documents = truths["articles"]["invoices"]["rejected_files"]
    repeated = truths["repeated_delivery"]["rows_in_file"]
    assert len(rows) == len(wrong) + len(documents) + repeated
    planted = {(Path(row["file"]).name, str(row["row_number"]), REJECT_REASONS[row["reason"]]) for row in wrong}
    planted |= {(file, "1", REJECT_REASONS[reason]) for file, reason in documents.items()}
    ledgers = {row[0] for row in rows if row[4] == REJECT_REASONS["repeated_delivery"]} - set(documents)
    assert {(row[0], row[1], row[4]) for row in rows if row[0] not in ledgers} == planted
    amounts = {(row["file"], str(row["row_number"])): row["amount_ore"] for row in truths["rejected_rows"]}
    for file, number, column, value, reason, amount in rows:
        assert not any(cell.startswith(FORMULA) for cell in (file, number, column, value, reason))
        assert re.fullmatch(r"(-?\d+,\d\d)?", amount)
        if (file, number) in amounts:
            wanted = amounts[file, number]
            assert amount == ("" if wanted is None else in_kronor(wanted).replace(".", ","))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1", "＋1", "－1", "＠1"]
)
def test_no_cell_of_the_problems_file_is_a_formula(tmp_path: Path, cell: str) -> None:
    row = {"file": cell, "row_number": 2, "column": cell, "value": cell, "reason": "shifted", "amount_ore": -150}
    path = write_problems(tmp_path / "problems.csv", [row])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.reader(stream, delimiter=";"))[1]
    assert [written[0], written[2], written[3]] == [f"'{cell}"] * 3
    assert (written[1], written[5]) == ("2", "-1,50")


def test_check_goes_on_after_a_faulty_organisation(
    type_in: Callable[..., Said], organisations: Callable[..., Path], tmp_path: Path
) -> None:
    folder = organisations(
        felskriven="currency: -> curency:", trasig="leverantorsreskontra-*.csv -> saknas-*.csv", zon="SEK -> SEK"
    )
    said = type_in("check", "--out", str(tmp_path / "out"), params=folder)
    assert said.code == 1
    assert "unknown key 'curency'. Did you mean 'currency'?" in said.err and "line " in said.err
    assert "no file matches" in said.err
    assert said.out.count("Inläst") == 2, "the organisations before and after the faulty ones are shown"


def test_a_control_total_that_does_not_hold_stops_the_check(
    type_in: Callable[..., Said], organisations: Callable[..., Path], tmp_path: Path
) -> None:
    folder = organisations(fel='\nledger: -> \nledger:\n  control_total: {rows: 17, amount: "1.50"}')
    said = type_in("check", "fel", "--out", str(tmp_path / "out"), params=folder)
    assert said.code == 1 and "the control total says 17 rows" in said.err


# Business cases


def case_file(folder: Path, slug: str, old: str = "", new: str = "", source: str = "exempel-it-konsulter") -> int:
    """Write a business case with one thing changed beside the organisation files. Return the line of the change."""
    text = (Path(__file__).parents[1] / f"params/business_cases/{source}.yml").read_text("utf-8")
    assert old in text
    path = folder.parent / "business_cases" / f"{slug}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace(old, new, 1) if old else text, "utf-8")
    return text[: text.index(old)].count("\n") + 1


BY_HAND = {"old": "organisation: exempel", "new": "name: Region Påhitt", "source": "exempel-e-handel"}


def test_check_tells_the_mistakes_of_every_case_with_its_line(
    type_in: Callable[..., Said], organisations: Callable[..., Path], tmp_path: Path
) -> None:
    folder = organisations(trasig="leverantorsreskontra-*.csv -> saknas-*.csv")
    case_file(folder, "rent")
    case_file(folder, "for-hand", **BY_HAND)
    shares = case_file(folder, "andelar", "{Region IT: 70,", "{Region IT: 69,")
    category = case_file(folder, "kategori", 'category: "07.06"', 'category: "07.66"')
    nobodys = case_file(folder, "ingens", "organisation: exempel", "organisation: exempl")
    case_file(folder, "utan-reskontra", "organisation: exempel", "organisation: trasig")
    out = ("--out", str(tmp_path / "out"))
    said = type_in("check", *out, params=folder)
    assert said.code == 1
    clean = re.findall(r"^Business case (.+): no mistakes found$", said.out, re.MULTILINE)
    assert clean == ["for-hand", "rent", "utan-reskontra (its file alone, without the ledger)"]
    for name, line, words in (
        ("andelar", shares, "the shares sum to 99, not to exactly 100"),
        ("kategori", category, "there is no category '07.66' in the tree. Did you mean '07.06'"),
        ("ingens", nobodys, "there is no organisation 'exempl'. Did you mean 'exempel'"),
    ):
        told = re.search(rf"^{name}: {name}\.yml: 1 problem.*\n +line {line}: .*$", said.err, re.MULTILINE)
        assert told and words in told[0]
    one = type_in("check", "exempel", *out)
    assert one.code == 1 and "for-hand" not in one.out + one.err and "ingens" not in one.out + one.err
    assert type_in("check", "trasig", *out).err.count("problem(s)") == 0


def test_list_shows_the_business_cases_and_whose_they_are(
    type_in: Callable[..., Said], organisations: Callable[..., Path]
) -> None:
    folder = organisations()
    case_file(folder, "rent", "title: Högre", "title: '[red]Högre[/red]'\nauthor: x\nx: Högre")
    case_file(folder, "for-hand", **BY_HAND)
    (folder.parent / "business_cases/trasig.yml").write_text("title: [", "utf-8")
    said = type_in("list", params=folder)
    assert said.code == 0
    assert re.search(r"^  rent +\[red\]Högre\[/red\], exempel, fictional$", said.out, re.MULTILINE)
    assert re.search(r"^  for-hand +E-handel med färre fakturor, Region Påhitt, fictional$", said.out, re.MULTILINE)
    assert re.search(r"^  trasig +cannot be read; see 'procanalysis check'$", said.out, re.MULTILINE)


def test_a_draft_is_written_once_and_says_what_it_lacks(
    type_in: Callable[..., Said], organisations: Callable[..., Path]
) -> None:
    folder = organisations()
    said = type_in("case", "draft", "exempel", "07", params=folder)
    assert said.code == 0, said.err
    assert "exempel-07.yml" in said.out and "No costs are known in it" in said.out
    assert "procanalysis run exempel --report business-case" in said.out
    path = folder.parent / "business_cases/exempel-07.yml"
    again = type_in("case", "draft", "exempel", "07")
    assert again.code == 2 and "exists already" in again.err
    path.write_text("title: ifyllt", "utf-8")
    replaced = type_in("case", "draft", "exempel", "07", "--replace", "--period", "2024")
    assert replaced.code == 0 and 'period: "2024"' in path.read_text("utf-8")
    unknown = type_in("case", "draft", "exempel", "07.66", "--slug", "nytt")
    assert unknown.code == 2 and "Did you mean '07.06'" in unknown.err
    assert type_in("case", "draft", "exempel", "07", "--slug", "../nytt").code == 2
    assert type_in("case", "draft", "exempl", "07").code == 2
    assert [each.name for each in path.parent.iterdir()] == ["exempel-07.yml"]


def test_a_draft_without_assumptions_says_that_nothing_can_be_reckoned(
    type_in: Callable[..., Said], organisations: Callable[..., Path]
) -> None:
    folder = organisations(bar="\nreports: -> \nreports: {}\nold: ")
    bare = folder / "bar.yml"
    bare.write_text(bare.read_text("utf-8").split("\nold: ")[0], "utf-8")
    said = type_in("case", "draft", "bar", "07", params=folder)
    assert said.code == 0, said.err
    assert "Nothing can be reckoned yet" in said.out and "procanalysis check bar" in said.out
    assert "left out: Samla småfakturor per leverantör och månad. Kostnaden för att hantera en faktura" in said.out
    refused = type_in("check", "bar", "--out", str(folder / "out"))
    assert refused.code == 1 and "bar-07.yml: 1 problem(s)" in refused.err and "'alternatives'" in refused.err


# What stops a command before it has begun


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_organisation_is_exit_code_2(type_in: Callable[..., Said], command: str) -> None:
    said = type_in(command, "exempl")
    assert said.code == 2 and "Did you mean 'exempel'?" in said.err


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_organisation_file_that_is_wrong_alone_is_exit_code_2(
    type_in: Callable[..., Said], organisations: Callable[..., Path], command: str
) -> None:
    said = type_in(command, "fel", params=organisations(fel="currency: -> curency:"))
    assert said.code == 2 and "fel.yml" in said.err and "Did you mean 'currency'?" in said.err


@pytest.mark.parametrize("command", ["run", "check"])
def test_no_organisation_at_all_says_how_to_begin(type_in: Callable[..., Said], command: str, tmp_path: Path) -> None:
    said = type_in(command, params=tmp_path)
    assert said.code == 2 and "procanalysis init" in said.err


def test_an_unknown_report_is_exit_code_2(type_in: Callable[..., Said]) -> None:
    said = type_in("run", "exempel", "--report", "spend-overwiev")
    assert said.code == 2 and "Did you mean 'spend-overview'?" in said.err


@pytest.mark.parametrize("period", ["2025-13", "25", "2025-Q5", "2025-06--2025-01", "maj"])
def test_a_bad_period_is_exit_code_2(type_in: Callable[..., Said], period: str) -> None:
    said = type_in("run", "exempel", "--period", period)
    assert said.code == 2 and f"'{period}' is not a period" in said.err


def test_a_folder_that_cannot_be_written_is_said_in_words(type_in: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    said = type_in("check", "exempel", "--out", str(tmp_path / "file"))
    assert said.code == 1 and str(tmp_path / "file") in said.err


# list, example, run


def test_list_shows_organisations_reports_and_parameters(
    type_in: Callable[..., Said], organisations: Callable[..., Path]
) -> None:
    said = type_in("list", params=organisations(fel="currency: -> curency:"))
    assert said.code == 0
    assert re.search(r"exempel +Region Exempel, period 2025, fictional", said.out)
    assert re.search(r"fel +cannot be read: fel.yml", said.out)
    for words in ("data-quality", "spend-overview", "category-analysis", "Spendanalys", "category code; empty means"):
        assert words in said.out


def test_example_makes_the_ledger(
    type_in: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path))
    said = type_in("example", "--lines", "6000")
    assert said.code == 0 and "procanalysis run exempel" in said.out
    names = {path.name for path in (tmp_path / "data/example").iterdir()}
    assert "planted_truths.json" in names and "leverantorsreskontra-2025.csv" in names
    assert type_in("example", "--lines", "10").code == 2


@pytest.mark.slow
def test_run_takes_report_period_and_folder(published: Any, tmp_path: Path) -> None:
    done = published.command(
        "run", "exempel", "--report", "data-quality", "--period", "2024-Q1", "--out", str(tmp_path), "--jobs", "1"
    )
    assert done.returncode == 0, done.stderr
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    report = {f"exempel/2024-Q1/data-quality.{ending}" for ending in ("html", "ipynb", "json", "xlsx")}
    assert files == report | {"index.html"}
    assert "1 published, 0 unchanged, 0 failed." in done.stdout
    assert (tmp_path / "index.html").as_uri() in done.stdout
    assert "januari 2024–mars 2024" in (tmp_path / "exempel/2024-Q1/data-quality.html").read_text("utf-8")
