"""The benchmarks do what they say: ledgers add up, rivals agree to the öre, the table tells what was measured."""

from __future__ import annotations

import csv
import doctest
import importlib
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.ledgers import HEADER, Totals, write_ledger
from benchmarks.make_project import make_project
from benchmarks.measured_code import CodeChangedError, describe_code, unchanged
from benchmarks.measuring import Record, ResultsDifferError, refuse_differences
from benchmarks.project import Project, open_project
from benchmarks.questions import QUESTIONS, SUMMED, Answers, PutAside, digest, digests
from benchmarks.reports import report_rows
from benchmarks.results import as_markdown, rows_of, write_table
from benchmarks.runs import PLOT, Run, read_runs
from benchmarks.targets import NOT_RUN, target_rows
from benchmarks.upkeep import without_last_line
from benchmarks.work import do

LINES = 3_000


def records_of(paths: list[Path]) -> list[dict[str, str]]:
    return [row for path in paths for row in csv.DictReader(path.open(encoding="utf-8"), delimiter=";")]


@pytest.mark.parametrize("name", ["ledgers", "measuring", "questions", "targets"])
def test_examples_in_the_documentation_hold(name: str) -> None:
    tried = doctest.testmod(importlib.import_module(f"benchmarks.{name}"))
    assert tried.attempted and not tried.failed


def test_the_same_seed_gives_the_same_bytes_whole_or_in_parts(tmp_path: Path) -> None:
    whole, again, other = (tmp_path / f"{name}.csv" for name in ("whole", "again", "other"))
    parts = [tmp_path / f"part-{number}.csv" for number in range(3)]
    totals = write_ledger([whole], LINES, seed=7)
    assert write_ledger([again], LINES, seed=7) == write_ledger(parts, LINES, seed=7) == totals
    assert again.read_bytes() == whole.read_bytes()
    assert write_ledger([other], LINES, seed=8) != totals
    bodies = [part.read_bytes().partition(b"\n")[2] for part in parts]
    assert b"".join(bodies) == whole.read_bytes().partition(b"\n")[2]
    assert {body.count(b"\n") for body in bodies} == {LINES // 3}


def test_a_smaller_ledger_is_the_beginning_of_a_larger_one(tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    write_ledger([small], 1_000)
    write_ledger([large], LINES)
    assert large.read_bytes().startswith(small.read_bytes())


def test_a_ledger_adds_up_and_looks_as_the_trials_did(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    totals = write_ledger([path], LINES)
    rows = records_of([path])
    assert tuple(rows[0]) == HEADER
    amounts = [Decimal(row["Belopp"].replace(",", ".")) for row in rows]
    assert totals == Totals(len(rows), int(sum(amounts) * 100))
    assert all(amount == amount.quantize(Decimal("0.01")) and amount for amount in amounts)
    assert 0.02 < sum(amount < 0 for amount in amounts) / LINES < 0.06
    assert 85 < path.stat().st_size / LINES < 100
    assert {row["Bokföringsdatum"][:4] for row in rows} == {"2021", "2022", "2023", "2024", "2025"}
    # An invoice has one supplier, one buyer and one day, however many lines.
    of_invoice: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        same = (row["Organisationsnummer"], row["Leverantör"], row["Köpare_id"], row["Bokföringsdatum"])
        of_invoice.setdefault(row["Fakturanummer"], set()).add(same)
    assert len(of_invoice) < LINES
    assert all(len(found) == 1 for found in of_invoice.values())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("bench") / "project", LINES, files=2, contracts=1_000)


def test_a_project_is_shared_by_organisations_and_written_once(tmp_path: Path) -> None:
    made = make_project(tmp_path / "three", 100, organisations=3, contracts=30)
    assert made == open_project(tmp_path / "three") and made.lines == 100 and len(made.slugs) == 3
    rows = records_of([path for slug in made.slugs for path in made.ledger(slug)])
    assert sum(int(row["Belopp"].replace(",", "")) for row in rows) == made.amount_ore
    kept = made.ledger()[0].stat().st_mtime_ns
    make_project(tmp_path / "three", 100, organisations=3, contracts=30)
    assert made.ledger()[0].stat().st_mtime_ns == kept
    make_project(tmp_path / "three", 101, organisations=3, contracts=30)
    assert made.ledger()[0].stat().st_mtime_ns != kept


@pytest.fixture(scope="module")
def found(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PROCANALYSIS_ROOT", "PROCANALYSIS_MASK_KEY"):
            patch.setenv(name, "")  # so that what a work sets is taken away again
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        works = ("sql", "floor", "shipped", "portable-pandas", "pandas-careful", "pandas-loop")
        return {work: do(work, project, tmp_path_factory.mktemp(work)) for work in works}


def test_the_rivals_agree_with_ours_to_the_ore(found: dict[str, dict[str, Any]]) -> None:
    ours = found["shipped"]["digests"]
    assert len(ours) == 2 * len(QUESTIONS) + 1 == 41
    for work in ("sql", "portable-pandas", "pandas-careful", "pandas-loop"):
        assert found[work]["digests"] == ours, work
    assert found["floor"]["digests"].items() <= ours.items()


def test_the_rules_and_contracts_decide_something_of_every_kind(project: Project, found: dict[str, Any]) -> None:
    lines = pd.read_parquet(next((project.root / "data/prepared").glob("bench-01/*/lines.parquet")))
    assert set(lines["tier"]) == {"override", "supplier", "unit", "account", "default"}
    assert set(lines["proven_rung"]) >= {0, 1, 2, 3} and set(lines["proven_rung_then"]) >= {0, 1, 2}
    assert lines["contract_id"].notna().any() and lines["contract_id"].isna().any()
    assert int(lines["amount_ore"].sum()) == project.amount_ore


def test_answers_that_are_put_aside_come_back_as_they_were(tmp_path: Path) -> None:
    aside = PutAside(tmp_path / "aside")
    answers = {
        name: pd.DataFrame(
            {
                "unit": pd.Series([name, None], dtype="str"),
                "year": 2025,
                "amount_ore": [1, 2**60],
                "lines_count": [1, 2],
            }
        )
        for name in ("unit", "unit × year", "../unit")
    }
    for name, answer in answers.items():
        aside[name] = answer.iloc[:1]
        aside[name] = answer
    del aside["../unit"]
    assert list(aside) == ["unit", "unit × year"]
    assert len(list(tmp_path.rglob("*.pickle"))) == 2
    for name in ("unit", "unit × year"):
        pd.testing.assert_frame_equal(aside[name], answers[name])
    assert digests(Answers(summed=aside)) == digests(Answers(summed=answers))
    with pytest.raises(KeyError):
        aside["../unit"]


def test_every_work_tells_its_stages_and_its_peak(found: dict[str, dict[str, Any]]) -> None:
    assert set(found["shipped"]["wall"]) == {"prepare", "summed", "counted"}
    assert (
        set(found["sql"]["wall"]) == set(found["portable-pandas"]["wall"]) == {"registers", "map", "summed", "counted"}
    )
    assert all(told["peak_mib"] > 50 for told in found.values())


def test_an_ore_of_difference_is_refused() -> None:
    answer = pd.DataFrame({"unit": ["Norr", "Syd"], "amount_ore": [10_000, 25], "lines_count": [2, 1]})
    one, other = (digest(frame, ["unit"], SUMMED) for frame in (answer, answer.assign(amount_ore=[10_000, 26])))
    with pytest.raises(ResultsDifferError, match="'sql' answers otherwise than the works before it: unit"):
        refuse_differences("sql", {"unit": one}, {"unit": other})


def test_a_file_gets_its_last_line_back(project: Project) -> None:
    file = project.ledger()[-1]
    whole = file.read_bytes()
    with without_last_line(file):
        assert file.read_bytes() == whole[: whole.rindex(b"\n", 0, -1) + 1]
    assert file.read_bytes() == whole


def record(work: str, number: int, wall: dict[str, float], **more: Any) -> Record:
    told: dict[str, Any] = {"group": "ledger", "lines": 1_000_000, "cpu": wall, "peak_mib": 100.0} | more
    return Record(work=work, round=number, wall=wall, process_wall=sum(wall.values()) + 1, process_cpu=1.0, **told)


def test_ratios_are_taken_round_by_round() -> None:
    records = [
        *(record("floor", number, {"all": seconds}) for number, seconds in ((1, 1.0), (2, 2.0), (3, 10.0))),
        *(record("shipped", number, {"prepare": seconds, "summed": 1.0, "counted": 9.0})
          for number, seconds in ((1, 2.0), (2, 1.0), (3, 19.0))),
    ]  # fmt: skip
    rows = {row.target: row for row in target_rows(records, 2)}
    plain = rows["The same with twenty plain sums, as in the trials: at most 2 ×"]
    # 3/1, 2/2 and 20/10: the median is 2.
    assert (plain.lines, plain.measured, plain.verdict) == ("1 M", "2.00 × (computing 2.00 ×)", "met")
    counted = rows["CSV to mapped Parquet and twenty measures, against DuckDB's scan: at most 2 ×"]
    assert (counted.measured, counted.verdict) == ("5.00 × (computing 5.00 ×)", "**missed**")  # 11, 5 and 2.8
    assert counted.made_of == "prepare 2.0 s, counted 9.0 s against all 2.0 s"


def test_what_was_not_run_says_so() -> None:
    assert {row.verdict for row in [*target_rows([], 2), *report_rows({})]} == {NOT_RUN}


def test_a_size_that_is_too_large_for_a_rival_says_so() -> None:
    records = [record("floor", 1, {"all": 1.0}), record("shipped", 1, {"prepare": 2.0, "summed": 1.0, "counted": 9.0})]
    rows = [row for row in target_rows(records, 2) if row.target.startswith("Careful pandas, against our whole way")]
    assert [(row.lines, row.verdict, row.made_of) for row in rows] == [
        ("1 M", NOT_RUN, "`pandas-careful` not at this size")
    ]


STAGES = {"prepare": 100.0, "summed": 1.0, "counted": 1.0}


def held(lines: int, peak_mib: float, **more: Any) -> Record:
    return record("shipped", 1, STAGES, lines=lines, memory="1GB", peak_mib=peak_mib, **more)


def test_limits_that_are_not_ratios() -> None:
    records = [
        held(10_000_000, 1000.0),
        held(50_000_000, 1300.0),
        record("from nothing", 1, {"prepare": 20.0}, group="one organisation of twenty"),
        record("changed", 1, {"prepare": 3.0}, group="one organisation of twenty"),
        record("run again", 1, {"all": 1.5}, group="nothing changed"),
        record("open", 1, {"open": 0.4, "first figure": 0.1}, group="nothing changed"),
    ]
    told = {row.target.split(":")[0]: (row.measured, row.verdict) for row in target_rows(records, 2)}
    growth = "Peak memory at 50 million lines against that at 10 million, engine held to 1 GB"
    assert told[growth] == ("1.30 ×", "**missed**")
    assert told["50 M lines through on two cores, engine held to 1 GB"] == ("103 s, peak 1300 MiB", "met")
    assert told["50 M lines through on two cores"] == (NOT_RUN, NOT_RUN)
    # The same computing time for five times the lines.
    per_line = "Computing time per line at 50 million lines against that at 10 million"
    assert told[f"{per_line}, engine held to 1 GB"] == ("0.20 ×", "no target")
    assert told[per_line] == (NOT_RUN, NOT_RUN)
    assert told["One organisation of twenty changed"] == ("0.15 × (computing 0.15 ×)", "met")
    assert told["`procanalysis run` with nothing changed"] == ("2.50 s", "met")
    assert told["Open the organisation on prepared data"] == ("0.40 s", "met")
    assert told["One digest over 100 runs, any number of threads, and on DuckDB, Polars and pandas"][1] == NOT_RUN
    through = [row for row in target_rows(records, 16) if row.target.startswith("50 M lines through")]
    assert [(row.verdict, row.made_of) for row in through] == [(NOT_RUN, ""), (NOT_RUN, "run on 16 cores")]


@pytest.mark.parametrize(("peak", "verdict"), [(1250.0, "met"), (1250.1, "**missed**")])
def test_a_limit_that_is_just_reached_is_met(peak: float, verdict: str) -> None:
    rows = target_rows([held(10_000_000, 1000.0), held(50_000_000, peak)], 2)
    assert next(row for row in rows if row.target.startswith("Peak memory")).verdict == verdict


def seconds(spent: float) -> dict[str, float]:
    return {"wall_s": spent, "cpu_s": spent}


def test_reports_are_judged_by_the_median_of_ratios_within_each_round() -> None:
    rounds = [
        {"warm_up": seconds(1.0), "warm": seconds(1.0 + own), "cells_s": 10.0, "commands": {"a": seconds(theirs)}}
        for own, theirs in ((11.0, 330.0), (12.0, 300.0), (50.0, 50.0))
    ]
    rows = report_rows({"reports": ["a"], "rounds": rounds, "unchanged": [2.0, 3.0, 9.0]})
    assert [(row.measured, row.verdict) for row in rows] == [
        ("1.20 ×", "met"), ("25.0 ×", "met"), ("3.00 s", "**missed**")
    ]  # fmt: skip
    assert "with the warm-up counted as ours 23.1 ×" in rows[1].made_of


MACHINE = {"cores": "2", "load when it began": "0.1"}


def run_of(began: str, *records: Record, **more: Any) -> Run:
    return Run(f"make {began}", began, "commit abc", MACHINE, "2026-01-31 22:00:00", records, **more)


def test_the_table_is_written_as_it_always_was() -> None:
    records = [record("floor", 1, {"all": 1.0}), record("shipped", 1, {"prepare": 2.0, "summed": 1.0, "counted": 9.0})]
    text = as_markdown([run_of("2026-01-31 20:00:00", *records)], plot="a.svg")
    assert "# Benchmarks of procanalysis\n\nCode measured: commit abc. All data are fictional.\n\n**Rows: " in text
    assert (
        "| CSV to mapped Parquet and twenty measures, against DuckDB's scan: at most 2 × | 1 M "
        "| 11.00 × (computing 11.00 ×) | **missed** | prepare 2.0 s, counted 9.0 s against all 1.0 s | 1 |\n"
    ) in text
    assert "| 1 | `make 2026-01-31 20:00:00` | 2026-01-31 20:00:00 | 2026-01-31 22:00:00 | 0.1 |\n" in text
    assert (
        "| ledger | shipped | 1 M |  | 1 | 12.00 | 12.00 | 13.0 | 1.0 | 100 "
        "| prepare 2.0, summed 1.0, counted 9.0 | 1 |\n"
    ) in text
    assert text.endswith("## Machine\n\n| what | value |\n| --- | --- |\n| cores | 2 |\n")
    assert "](a.svg)" in text


def test_commands_stand_side_by_side_and_are_never_divided_by_each_other(tmp_path: Path) -> None:
    """A second command adds to the table; sizes that two commands have run are two numbers, not a growth."""
    run_of("2026-01-31 20:00:00", held(10_000_000, 1000.0)).save(tmp_path)
    run_of("2026-01-31 23:59:59", held(50_000_000, 9000.0), record("floor", 1, {"all": 1.0})).save(tmp_path)
    runs = read_runs(tmp_path)
    assert [run.records[0].lines for run in runs] == [10_000_000, 50_000_000]
    rows = [(number, row) for number, row in rows_of(runs) if row.target.startswith("Peak memory")]
    assert [(number, row.verdict, row.made_of) for number, row in rows] == [
        ("1", NOT_RUN, "10 M: 1000 MiB, of which 0 when prepared"),
        ("2", NOT_RUN, "50 M: 9000 MiB, of which 0 when prepared"),
    ]
    through = [(number, row.verdict) for number, row in rows_of(runs) if row.target.startswith("50 M lines through")]
    assert through == [("", NOT_RUN), ("2", "met")]
    text = write_table(tmp_path).read_text(encoding="utf-8")
    assert "| 2 | `make 2026-01-31 23:59:59` |" in text and (tmp_path / PLOT).read_bytes().startswith(b"<?xml")


def test_what_one_command_has_measured_is_not_called_not_run_for_another() -> None:
    measured = run_of("2026-01-31 20:00:00", record("run again", 1, {"all": 1.5}, group="nothing changed"))
    rows = [row for _, row in rows_of([measured, run_of("2026-01-31 21:00:00")]) if "run` with nothing" in row.target]
    assert [row.verdict for row in rows] == ["met"]


def test_a_fact_that_differs_between_commands_is_told_for_each() -> None:
    other = Run("make", "2026-02-01 20:00:00", "commit abc", MACHINE | {"cores": "4"})
    text = as_markdown([run_of("2026-01-31 20:00:00"), other])
    assert "| cores | 2 (command 1); 4 (command 2) |" in text
    assert "| 2 | `make` | 2026-02-01 20:00:00 | goes on, or was stopped | 0.1 |" in text


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    (tmp_path / "procanalysis").mkdir()
    (tmp_path / "procanalysis/a.py").write_text("A = 1\n", encoding="utf-8")
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "A"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    return tmp_path


def test_the_code_measured_is_named_by_its_commit_and_changes_in_no_commit_are_told(repository: Path) -> None:
    clean = describe_code(repository)
    assert clean.commit and not clean.changed and clean.name == f"{clean.day}-{clean.commit[:12]}"
    assert clean.in_words() == f"commit {clean.commit[:12]} of {clean.day}, nothing changed since"
    results = repository / "benchmarks/results"
    results.mkdir(parents=True)
    (results / "table.md").write_text("-", encoding="utf-8")
    assert describe_code(repository) == clean
    (repository / "procanalysis/a.py").write_text("A = 2\n", encoding="utf-8")
    changed = describe_code(repository)
    assert changed.changed == ("procanalysis/a.py",) and changed.name.startswith(f"{clean.name}-changed-")
    assert "**with changes that are in no commit** (procanalysis/a.py)" in changed.in_words()


def test_code_that_changes_while_it_is_measured_is_told_of_whatever_else_went_wrong(repository: Path) -> None:
    code = describe_code(repository)
    with unchanged(code, repository):
        pass
    with pytest.raises(CodeChangedError, match=r"while it was measured: procanalysis/a\.py\."), \
         unchanged(code, repository):  # fmt: skip
        (repository / "procanalysis/a.py").write_text("A = 2\n", encoding="utf-8")
        raise ResultsDifferError("nothing changed: run again should say '2 unchanged'")


def test_a_ledger_that_a_killed_run_left_short_is_drawn_again(tmp_path: Path) -> None:
    made = make_project(tmp_path / "one", 100, contracts=10)
    whole = made.ledger()[0].read_bytes()
    made.ledger()[0].write_bytes(whole[:-50])
    (tmp_path / "one/notebooks/data_quality.ipynb").write_text("of another code", encoding="utf-8")
    make_project(tmp_path / "one", 100, contracts=10)
    assert made.ledger()[0].read_bytes() == whole
    assert "cells" in (tmp_path / "one/notebooks/data_quality.ipynb").read_text(encoding="utf-8")
