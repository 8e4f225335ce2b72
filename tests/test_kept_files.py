"""What was read of each file is kept: only new and changed files are read again, and the result is the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from procanalysis.errors import InputError
from procanalysis.organisation import kept_files
from procanalysis.organisation.preparing import lines_of, prepare_organisation
from procanalysis.params import load_organisation_params
from procanalysis.read import ledger_lines

HEADER = "leverantor;leverantor_id;konto_nr;belopp;datum;forvaltning;fakturanummer;text"
RULES = """rule_id,tier,account,unit,supplier,text,category_code,spend_class,lou_covered,author,decided_on,reason
mat,account,64*,,,,1,adresserbar,ja,kategoriledare,2025-01-01,Prov.
rest,default,,,,,9,adresserbar,okänt,kategoriledare,2025-01-01,Prov.
"""
TREE = "category_code,parent_code,name,description,owner\n1,,Mat,,\n9,,Utan kategori,,\n"
PARAMS = """name: Provby
period: "2025"
ledger:
  files: ["../../data/*.csv"]
mapping:
  taxonomy: ../tree.csv
  rules: [../rules.csv]
"""
IN_CLEAR = "privacy: {mask_sole_traders: false}\n"
NUMBER, NAME = "900101-0017", "Hemlig Hemligsson"
FORBIDDEN = ("hemlig", "900101", "9001010017", "0410")
# Made like a personal number, but with a check digit that is wrong: hidden where a person's row shows whose it is.
UNCERTAIN = "1001000410"


def rows(count: int, month: int, **changes: str) -> str:
    """Write a ledger file; each row has an account without a rule now and then, and some cannot be read."""
    lines = [HEADER]
    for number in range(count):
        row = {
            "leverantor": f"Firma {number % 7} AB",
            "leverantor_id": ("556016-0680", "556036-0793", "212000-0142")[number % 3],
            "konto_nr": "6440" if number % 3 else "7010",
            "belopp": "fel" if number % 11 == 10 else f"{number},25",
            "datum": f"2025-{month:02d}-{number % 28 + 1:02d}",
            "forvaltning": "Skola",
            "fakturanummer": f"F{month}{number}",
            "text": f"Vara {number}",
        }
        lines.append(";".join((row | changes).values()) if number == 4 else ";".join(row.values()))
    return "\n".join(lines) + "\n"


FILES: dict[str, str] = {
    "a.csv": rows(40, 1),
    # Known as a person's here only: by number, and with a reference that is no certain personal number.
    "b.csv": rows(30, 2, leverantor=NAME, leverantor_id=NUMBER, fakturanummer=UNCERTAIN),
    # The same name without a number, and in another's text; the same reference on another's row.
    "c.csv": rows(30, 3, leverantor=NAME.upper(), leverantor_id="", text="Arvode Hemligsson Hemlig"),
    "d.csv": rows(30, 4, text=f"Till {NAME}, mars", fakturanummer=UNCERTAIN),
}


class Home:
    """A project in a folder, and what its preparation is."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in {"rules.csv": RULES, "tree.csv": TREE, "organisations/prov.yml": PARAMS}.items():
            path = root / "params" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (root / "data").mkdir()

    def set_params(self, text: str) -> None:
        (self.root / "params/organisations/prov.yml").write_text(text, encoding="utf-8")

    def write(self, files: dict[str, str]) -> None:
        for path in (self.root / "data").glob("*.csv"):
            path.unlink()
        for name, text in files.items():
            (self.root / "data" / name).write_text(text, encoding="utf-8")

    def prepare(self) -> tuple[str, list[str]]:
        """Prepare, and return a digest of what was prepared and the files that were read."""
        told: list[str] = []
        folder = prepare_organisation(load_organisation_params("prov"), progress=told.append)
        return digest(folder), [name for name in told if name.endswith(".csv")]

    @property
    def prepared(self) -> Path:
        return self.root / "data/prepared/prov"


def digest(folder: Path) -> str:
    """Return a digest of every prepared table, whatever the order in which its rows lie."""
    found = hashlib.sha256()
    for name in ("lines", "register", "rejected"):
        table = duckdb.read_parquet(str(folder / f"{name}.parquet"))
        found.update("\n".join(sorted(map(str, table.fetchall()))).encode())
    return found.hexdigest()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path))
    monkeypatch.setenv("PROCANALYSIS_MASK_KEY", "prov")
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    return Home(tmp_path)


@pytest.fixture(scope="module")
def first_reading(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[str]]:
    """A project whose files have been read once: its folder, what was prepared, and which files were read."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("first_reading")
        patch.setenv("PROCANALYSIS_ROOT", str(root))
        patch.setenv("PROCANALYSIS_MASK_KEY", "prov")
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        home = Home(root)
        home.write(FILES)
        return root, *home.prepare()


def from_scratch(home: Home) -> str:
    shutil.rmtree(home.root / "data/prepared", ignore_errors=True)
    return home.prepare()[0]


def written_below(folder: Path) -> str:
    """Return everything that the files below a folder hold, the columns of Parquet files unpacked."""
    texts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            texts += [str(value) for column in pq.read_table(path).columns for value in column.unique().to_pylist()]
            texts.append(str(pq.read_metadata(path).to_dict()))
        else:
            texts.append(path.read_bytes().decode("utf-8", errors="replace"))
    return "\n".join(texts).casefold()


Change = Callable[[dict[str, str]], dict[str, str]]
CHANGES: dict[str, tuple[Change, list[str]]] = {
    "a rule": (lambda files: files, []),
    "a file more": (lambda files: files | {"e.csv": rows(30, 5)}, ["e.csv"]),
    "a file changed": (lambda files: files | {"a.csv": rows(41, 1)}, ["a.csv"]),
    "a file less": (lambda files: {name: files[name] for name in ("b.csv", "c.csv", "d.csv")}, []),
    # Without the file that showed who is a person, those that were hidden by it are read again.
    "the person's file less": (lambda files: {name: files[name] for name in ("a.csv", "c.csv", "d.csv")},
                               ["c.csv", "d.csv"]),
    "a file delivered again": (lambda files: files | {"z.csv": files["a.csv"]}, ["z.csv"]),
    "the same postings in another dress": (
        lambda files: files | {"z.csv": files["a.csv"].replace("556016-0680", "5560160680")}, ["z.csv"]),
    "another order": (lambda files: {"0.csv": files["d.csv"], **{n: files[n] for n in ("a.csv", "b.csv", "c.csv")}},
                      ["0.csv"]),
    "numbers of their own": (
        lambda files: files | {"e.csv": HEADER + "\n" + "".join(
            f"Firma {n};{n + 10};6440;1,00;2025-01-01;Skola;F{n};Vara\n" for n in range(20))},
        ["e.csv", "a.csv", "b.csv", "c.csv", "d.csv"]),
}  # fmt: skip


QUICK = ("a file more", "the person's file less", "a file delivered again")


@pytest.mark.parametrize(
    "change", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CHANGES]
)
def test_a_change_reads_only_what_it_must_and_gives_what_a_first_reading_gives(
    change: str, home: Home, first_reading: tuple[Path, str, list[str]]
) -> None:
    change_files, expected = CHANGES[change]
    folder, first, read = first_reading
    assert sorted(set(read)) == sorted(FILES)
    shutil.copytree(folder, home.root, dirs_exist_ok=True)
    home.write(change_files(dict(FILES)))
    if change == "a rule":
        path = home.root / "params/rules.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("64*", "7010"), encoding="utf-8")
    again, read = home.prepare()
    assert sorted(set(read)) == sorted(expected)
    assert again == from_scratch(home)
    assert again != first


def test_a_person_whom_only_another_file_knows_is_in_no_file(home: Home) -> None:
    home.write({name: FILES[name] for name in ("a.csv", "c.csv", "d.csv")})
    home.prepare()
    assert "hemlig" in written_below(home.prepared)  # nobody knows yet that it is a person
    for folder in home.prepared.iterdir():
        if not folder.name.startswith("_"):
            shutil.rmtree(folder)
    home.write(FILES)
    _, read = home.prepare()
    assert read == ["b.csv"]
    written = written_below(home.prepared)
    assert [word for word in FORBIDDEN if word in written] == []
    assert "firma 3 ab" in written


def test_what_no_preparation_rests_on_is_forgotten(home: Home) -> None:
    for number in range(5):
        home.write({"a.csv": FILES["a.csv"], "e.csv": rows(20 + number, 5)})
        home.prepare()
    kept = [path for path in (home.prepared / "_files").iterdir() if path.is_dir()]
    assert len(kept) == 1 + 3


def test_masking_off_keeps_what_is_written(home: Home) -> None:
    files = {name: FILES[name] for name in ("b.csv", "d.csv")}
    home.write(files)
    home.set_params(PARAMS + IN_CLEAR)
    first, _ = home.prepare()
    home.write(files | {"e.csv": rows(30, 5)})
    again, read = home.prepare()
    assert read == ["e.csv"]
    assert again != first
    assert again == from_scratch(home)


KILLED_AT = """
import os, signal, sys
from procanalysis.organisation import kept_files, preparing
from procanalysis.params import load_organisation_params

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

point = sys.argv[1]
if point == "second file":
    read, calls = kept_files.read_part, []
    kept_files.read_part = lambda *given: kill() if len(calls) else (calls.append(1), read(*given))[1]
elif point == "half a file":
    from procanalysis.read import parts
    parts.write_facts = kill
elif point == "second piece":
    from procanalysis.read import ledger_lines
    ledger_lines.LINES_AT_A_TIME = 50
    write = preparing._write_lines
    preparing._write_lines = lambda lines, path: kill() if path.stem.endswith("2") else write(lines, path)
elif point == "lines":
    preparing.refuse_loss = kill
else:
    preparing.KeptFiles.note_used = kill
preparing.prepare_organisation(load_organisation_params("prov"))
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize(
    "point",
    ["second file", "second piece", "lines", pytest.param("half a file", marks=pytest.mark.slow),
     pytest.param("last", marks=pytest.mark.slow)],
)  # fmt: skip
def test_killed_anywhere_the_earlier_data_stay_and_the_next_call_finishes(
    point: str, home: Home, example_project: Any, first_reading: tuple[Path, str, list[str]]
) -> None:
    home.write({"a.csv": FILES["a.csv"]})
    home.prepare()
    before = {path: path.read_bytes() for path in home.prepared.glob("[!_]*/**/*") if path.is_file()}
    home.write(FILES)
    done = example_project.at(home.root).python(KILLED_AT, point, PROCANALYSIS_MASK_KEY="prov")
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert {path: path.read_bytes() for path in before} == before
    finished, read = home.prepare()
    assert "a.csv" not in read
    assert ("b.csv" in read) == (point == "half a file")
    assert not list(home.prepared.glob("_files/.draft-*"))
    assert finished == first_reading[1]


@pytest.mark.parametrize("at_a_time", [17, 60])
def test_in_pieces_a_ledger_gives_the_same(at_a_time: int, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    # Rows are rejected in between, a delivery comes twice, and two files are too small to be told apart.
    small = {name: rows(2, 5) for name in ("e.csv", "f.csv")}
    home.write(FILES | small | {"z.csv": FILES["a.csv"]})
    whole = from_scratch(home)
    forget_preparations(home)
    monkeypatch.setattr(ledger_lines, "LINES_AT_A_TIME", at_a_time)
    assert home.prepare()[0] == whole
    pieces = [pq.read_table(path)["line_id"].to_pylist() for path in home.prepared.glob("[!_]*/lines.parquet/*")]
    assert len(pieces) >= 120 // at_a_time
    assert max(map(len, pieces)) <= at_a_time
    assert sorted(line for piece in pieces for line in piece) == list(range(1, sum(map(len, pieces)) + 1))


def test_the_pieces_are_told_of(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write(FILES)
    monkeypatch.setattr(ledger_lines, "LINES_AT_A_TIME", 70)
    assert [told for told in told_by(home) if "avtalen" in told] == [
        "kategoriserar och jämför med avtalen (1 av 2)",
        "kategoriserar och jämför med avtalen (2 av 2)",
    ]


def test_any_number_of_threads_gives_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write({name: FILES[name] for name in ("b.csv", "c.csv")} | {"e.csv": rows(6_000, 5)})
    found = set()
    connect = duckdb.connect
    for threads in (1, 2, 4):

        def connected(database: str, config: Any = None, threads: int = threads) -> Any:
            return connect(database, config={**(config or {}), "threads": threads})

        monkeypatch.setattr(duckdb, "connect", connected)
        found.add(from_scratch(home))
    assert len(found) == 1


def told_by(home: Home) -> list[str]:
    told: list[str] = []
    prepare_organisation(load_organisation_params("prov"), progress=told.append)
    return told


def forget_preparations(home: Home) -> None:
    """Leave only what was kept of each file."""
    for folder in home.prepared.glob("[!_]*"):
        shutil.rmtree(folder)


def test_a_workbook_with_two_kinds_of_supplier_numbers_is_read_to_an_end(home: Home) -> None:
    workbook = openpyxl.Workbook()
    for title, numbers in {"egna": range(1000, 1010), "organisation": ("556016-0680", "212000-0142")}.items():
        sheet = workbook.create_sheet(title)
        sheet.append(["leverantor_id", "leverantor", "konto_nr", "fakturanummer", "datum", "belopp"])
        for number in numbers:
            sheet.append([str(number), f"Firma {number} AB", "6440", f"F{number}", "2025-01-02", "10,50"])
    del workbook["Sheet"]
    workbook.save(home.root / "data/w.xlsx")
    home.set_params(PARAMS.replace("*.csv", "*.xlsx"))
    assert told_by(home).count("w.xlsx") == 2  # as it is, and with the kind of numbers that most of it has
    forget_preparations(home)
    assert "w.xlsx" not in told_by(home)


def test_a_file_delivered_in_two_folders_counts_once(home: Home) -> None:
    home.set_params(PARAMS.replace('["../../data/*.csv"]', '["../../data/[12]/*.csv", "../../data/*.csv"]'))
    home.write({"b.csv": FILES["b.csv"]})
    for folder in ("1", "2"):
        (home.root / "data" / folder).mkdir()
        # With rows that are rejected, and a person whom only the other file knows.
        (home.root / "data" / folder / "c.csv").write_text(FILES["c.csv"], encoding="utf-8")
    assert sorted(home.prepare()[1]) == ["b.csv", "c.csv"]
    folder = next(home.prepared.glob("[!_]*"))
    lines, rejected = (pq.read_table(folder / f"{name}.parquet") for name in ("lines", "rejected"))
    assert sorted(lines["line_id"].to_pylist()) == list(range(1, 57))
    assert (rejected["reason"].to_pylist().count("repeated_delivery"), rejected.num_rows) == (28, 34)
    assert [word for word in FORBIDDEN if word in written_below(home.prepared)] == []
    shutil.rmtree(home.root / "data/2")
    home.write({"a.csv": FILES["a.csv"]})
    assert sorted(set(home.prepare()[1])) == ["a.csv", "c.csv"]  # what only b.csv hid is found again


def test_a_company_keeps_no_personal_number_either(home: Home) -> None:
    text = rows(40, 1, leverantor=f"Bolag c/o {NUMBER}") + "Okänd Lada;900101;6440;1,00;2025-01-02;Skola;F1;Vara\n"
    home.write({"a.csv": text})
    home.prepare()
    written = written_below(home.prepared)
    assert "900101" not in written
    assert "bolag c/o [nummer dolt]" in written and "okänd lada" in written


def damaged_rows(folder: Path) -> None:
    (folder / "rows-0.parquet").write_bytes(b"")


def damaged_suppliers(folder: Path) -> None:
    (folder / "suppliers-0.parquet").unlink()


def damaged_facts(folder: Path) -> None:
    (folder / "facts.json").write_text("[", encoding="utf-8")


def facts_of_another_kind(folder: Path) -> None:
    (folder / "facts.json").write_text("[]", encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [damaged_rows, damaged_facts, pytest.param(damaged_suppliers, marks=pytest.mark.slow),
     pytest.param(facts_of_another_kind, marks=pytest.mark.slow)],
)  # fmt: skip
def test_a_damaged_kept_file_is_read_again(damage: Callable[[Path], None], home: Home) -> None:
    home.write({"a.csv": FILES["a.csv"]})
    first, _ = home.prepare()
    damage(next(home.prepared.glob("_files/*-organisation")))
    forget_preparations(home)
    assert home.prepare() == (first, ["a.csv"])
    forget_preparations(home)
    assert home.prepare() == (first, [])


def test_a_note_that_cannot_be_read_stops_nothing(home: Home) -> None:
    home.write({"a.csv": FILES["a.csv"]})
    home.prepare()
    next(home.prepared.glob("[!_]*/files.json")).write_text("[", encoding="utf-8")
    home.write(FILES)
    home.prepare()


def test_a_preparation_forgotten_at_the_last_moment_is_made_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write({"a.csv": FILES["a.csv"]})
    first, _ = home.prepare()
    touch, forgotten = os.utime, []

    def forget_first(path: Any, *given: Any, **named: Any) -> None:
        if not forgotten and Path(path).parent == home.prepared:
            forgotten.append(shutil.rmtree(path))
        touch(path, *given, **named)

    monkeypatch.setattr(os, "utime", forget_first)
    assert home.prepare() == (first, [])
    assert forgotten


@pytest.mark.parametrize("was_masked_before", [False, True])
def test_with_masking_nothing_made_without_it_stays(was_masked_before: bool, home: Home) -> None:
    home.write({"b.csv": FILES["b.csv"]})
    if was_masked_before:
        home.prepare()
    home.set_params(PARAMS + IN_CLEAR)
    home.prepare()
    assert "hemlig" in written_below(home.prepared)
    home.set_params(PARAMS)
    home.prepare()
    assert [word for word in FORBIDDEN if word in written_below(home.prepared)] == []
    assert json.loads(next(home.prepared.glob("[!_]*/prepared.json")).read_text(encoding="utf-8"))["masked"]


def test_a_file_that_changes_before_it_is_read_is_not_kept_as_what_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write({"a.csv": FILES["a.csv"]})
    read_part = kept_files.read_part

    def changed_first(*given: Any) -> Any:
        home.write({"a.csv": FILES["b.csv"]})
        return read_part(*given)

    monkeypatch.setattr(kept_files, "read_part", changed_first)
    with pytest.raises(InputError, match="changed while it was read"):
        home.prepare()
    assert not list(home.prepared.glob("_files/[!_.]*"))


def test_who_waits_for_another_says_so(home: Home) -> None:
    fcntl = pytest.importorskip("fcntl")
    home.write({"a.csv": FILES["a.csv"]})
    (home.prepared / "_files").mkdir(parents=True)
    with (home.prepared / "_files/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told: list[str] = []

        def tell(message: str) -> None:
            told.append(message)
            fcntl.flock(lock, fcntl.LOCK_UN)  # the other one is finished

        prepare_organisation(load_organisation_params("prov"), progress=tell)
    assert told[:2] == ["väntar på en annan körning", "a.csv"]


def test_without_a_lock_what_may_be_in_use_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    home.write({"a.csv": FILES["a.csv"]})
    new, old = (home.prepared / "_files" / name for name in (".draft-new", ".draft-old"))
    for folder in (new, old):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    home.prepare()
    assert new.is_dir() and not old.exists()


def test_what_the_folders_above_are_called_is_no_column(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {name: FILES[name] for name in ("b.csv", "c.csv")}
    home.write(some)
    expected = home.prepare()
    root = tmp_path / "account=9/c0=9/supplier_place=0/amount_ore=9"
    root.mkdir(parents=True)
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(root))
    other = Home(root)
    other.write(some)
    assert other.prepare() == expected
    assert set(lines_of(next(other.prepared.glob("[!_]*"))).fetchdf()["account"]) == {"6440", "7010"}
