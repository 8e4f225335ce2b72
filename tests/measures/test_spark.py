"""The same on Spark: every measure of the ledger gives the same, to the öre, from DuckDB, Polars, pandas and Spark."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import narwhals as nw
import nbformat
import pandas as pd
import polars as pl
import pytest

import procanalysis as proc
from procanalysis import measures
from procanalysis.errors import ParamsError
from procanalysis.measures import contract_matching, covered_purchases, frames, ledger_evidence, portfolio
from procanalysis.measures.direct_awards import postings, windows
from procanalysis.measures.portfolio import volumes
from procanalysis.organisation import Organisation, engines, open_organisation
from procanalysis.schema import MATCHED_COLUMNS, names

ENGINES = ("polars", "pandas", "spark")
"""What is held against DuckDB, the default."""


def beside(name: str) -> ModuleType:
    """Load another module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mapping, drawn = beside("test_categories"), beside("drawn_ledgers")


# The session


def java_version() -> int:
    """Tell which Java there is, 0 for none."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if not program:
        return 0
    told = subprocess.run([program, "-version"], capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


SMALL: dict[str, str] = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "2",
    # Hundreds of small questions, each asked once: to compile and to plan again costs more than to answer. With the
    # light compiler Java has room for so little compiled code that it would throw some away and compile it anew.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    # Otherwise each column that is named tells Java where in the code it was named, for its error messages.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}
AS_SHIPPED = {
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.adaptive.enabled": "true",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One small Spark in this process, or a skip with the reason."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("the package pyspark is not installed, so nothing can be tried on Spark; make spark installs it")
    if java_version() < 17:
        pytest.skip(f"Spark needs Java 17 or later, and here is {java_version() or 'none'}")
    from py4j import java_gateway
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("tests")
    for name, value in SMALL.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    with pytest.MonkeyPatch.context() as patch:
        # PySpark asks Java anew what each function's name means: a third of all that it asks.
        for kind in (java_gateway.JVMView, java_gateway.JavaClass):
            patch.setattr(kind, "__getattr__", cache(kind.__getattr__))
        yield session
    session.stop()


@pytest.fixture
def as_shipped(spark: Any) -> Iterator[None]:
    """Let Spark plan and compile as it does when nobody has told it otherwise."""
    for name, value in AS_SHIPPED.items():
        spark.conf.set(name, value)
    yield
    for name in AS_SHIPPED:
        spark.conf.set(name, SMALL[name])


@pytest.fixture(scope="session")
def to_spark(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[pd.DataFrame], Any]:
    """Hand a pandas frame to Spark, through Parquet as prepared lines are."""
    folder = tmp_path_factory.mktemp("spark")

    def hand_over(frame: pd.DataFrame) -> Any:
        path = folder / f"{len(list(folder.iterdir()))}.parquet"
        with duckdb.connect() as connection:
            connection.register("frame", frame)
            days = [f"{name}::date as {name}" for name in frame.columns if name.endswith("_on")]
            replaced = f"replace ({', '.join(days)})" if days else ""
            connection.sql(f"select * {replaced} from frame").write_parquet(str(path))
        return spark.read.parquet(str(path))

    return hand_over


# The ledger in four engines


@dataclass(frozen=True)
class Ledger:
    """Lines of a year, of the year before and of all years so far in one engine; the organisation has the registers."""

    lines: Any
    before: Any
    so_far: Any
    org: Organisation


@pytest.fixture(scope="module")
def project(example_project: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project of its own, so that its organisation file can say which engine to use."""
    root = example_project.copy(tmp_path_factory.mktemp("spark_project") / "root").root
    with pytest.MonkeyPatch.context() as patch:
        for name, value in example_project.environment(PROCANALYSIS_ROOT=str(root)).items():
            if name.startswith("PROCANALYSIS_"):
                patch.setenv(name, value)
        patch.delenv("PROCANALYSIS_PARAMS", raising=False)
        yield root


def say_engine(project: Path, engine: str) -> None:
    path = project / "params/organisations/exempel.yml"
    text = re.sub(r"^engine: .*\n", "", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(f"{text}\nengine: {engine}\n" if engine else text, "utf-8")


@pytest.fixture(scope="module")
def by_default(project: Path) -> Organisation:
    say_engine(project, "")
    return open_organisation("exempel", "2025")


@pytest.fixture(scope="module")
def on_spark(project: Path, by_default: Organisation, spark: Any) -> Organisation:
    """The same organisation opened on Spark, its lines kept in memory so that each test need not read them again."""
    say_engine(project, "spark")
    opened = open_organisation("exempel", "2025")
    assert opened.lines_before is not None
    for lines in (opened.all_lines, opened.lines, opened.lines_before, opened.lines_so_far):
        lines.cache()
    say_engine(project, "")
    return opened


@pytest.fixture(scope="module")
def ledgers(by_default: Organisation, on_spark: Organisation) -> dict[str, Ledger]:
    def of(org: Organisation, change: Callable[[Any], Any]) -> Ledger:
        return Ledger(change(org.lines), change(org.lines_before), change(org.lines_so_far), by_default)

    return {
        "duckdb": of(by_default, lambda lines: lines),
        "polars": of(by_default, lambda lines: pl.from_arrow(lines.to_arrow_table()).lazy()),
        "pandas": of(by_default, lambda lines: frames.collect_pandas(nw.from_native(lines).lazy())),
        "spark": of(on_spark, lambda lines: lines),
    }


def in_pandas(native: Any) -> pd.DataFrame:
    """Collect lines from any engine, in one order."""
    found = frames.collect_pandas(nw.from_native(native).lazy())
    return found.sort_values("line_id" if "line_id" in found else list(found.columns), ignore_index=True)


def plain(answer: Any) -> Any:
    """Make what a measure gives into pandas frames and plain values, whatever engine it lies in."""
    if isinstance(answer, pd.DataFrame):
        return answer
    if is_dataclass(answer) and not isinstance(answer, type):
        return {field.name: plain(getattr(answer, field.name)) for field in fields(answer)}
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items()}
    if isinstance(answer, tuple | list):
        return [plain(each) for each in answer]
    if isinstance(answer, nw.LazyFrame):
        return in_pandas(answer)
    return answer


def same(found: Any, expected: Any, where: str = "") -> None:
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_exact=True, obj=where or "frame")
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            same(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for place, value in enumerate(expected):
            same(found[place], value, f"{where}[{place}]")
    else:
        assert found == expected, where


# Every measure, with the words that the reports ask it


def _asked(ledger: Ledger) -> dict[str, Any]:
    org, direct = ledger.org, ledger.org.params.reports.direct_award
    period = {"period_starts_on": org.period.starts_on, "period_ends_on": org.period.ends_on, "as_of": org.as_of}
    return {**period, "limits": org.limits, "annex_2_categories": direct.annex_2_categories}


def _days(ledger: Ledger) -> dict[str, Any]:
    return {"starts_on": ledger.org.period.starts_on, "ends_on": ledger.org.period.ends_on}


def _follow_up(ledger: Ledger) -> Any:
    return ledger.org.params.reports.supplier_follow_up


def _kraljic(lines: Any, org: Organisation, level: int) -> portfolio.Portfolio:
    chosen = org.params.reports.supplier_follow_up
    return portfolio.kraljic(
        lines, org.contracts, org.procurements, as_of=org.as_of, level=level, taxonomy=org.taxonomy,
        criticality=chosen.category_risk, category_scores=chosen.category_scores,
    )  # fmt: skip


def _without_contract(ledger: Ledger) -> pd.DataFrame:
    org = ledger.org
    span = windows.windows_of("screening", org.period.starts_on, org.period.ends_on, org.as_of)
    found = postings.without_contract(ledger.so_far, "screening", span, _asked(ledger)["annex_2_categories"], True)
    keys = ["supplier_key", "category_path", "day", "contract"]
    return found.sort_values(keys, ignore_index=True)


def _three_way(ledger: Ledger) -> pd.DataFrame:
    asked, so_far = _asked(ledger), ledger.org.lines_so_far
    by_supplier = proc.direct_awards.screening(so_far, **asked)
    by_kind = proc.direct_awards.screening_by_kind(so_far, taxonomy=ledger.org.taxonomy, **asked)
    return proc.direct_awards.three_way_split(
        ledger.lines, by_supplier=by_supplier, by_kind=by_kind, annex_2_categories=asked["annex_2_categories"]
    )


def _above(ledger: Ledger) -> Any:
    return proc.direct_awards.suppliers_above_limit(
        ledger.so_far, proc.direct_awards.screening(ledger.org.lines_so_far, **_asked(ledger))
    )


def _excluded(ledger: Ledger) -> Any:
    ends, as_of = ledger.org.period.ends_on, ledger.org.as_of
    return proc.direct_awards.screening_exclusions(ledger.so_far, period_ends_on=ends, as_of=as_of)


def _changed_rules(ledger: Ledger) -> Any:
    rules = ledger.org.rules[ledger.org.rules["tier"] == "account"]
    return proc.preview_rule_change(ledger.lines, old=rules, new=rules.iloc[::2], taxonomy=ledger.org.taxonomy)


def _register_of(name: str) -> Callable[[Ledger], Any]:
    """Ask a measure of the contract register, with the lines as evidence."""

    def ask(ledger: Ledger) -> Any:
        org = ledger.org
        return getattr(proc.contract_register, name)(org.contracts, org.scopes, as_of=org.as_of, matched=ledger.lines)

    return ask


def _ending(name: str) -> Callable[[Ledger], Any]:
    def ask(ledger: Ledger) -> Any:
        org = ledger.org
        return getattr(proc.contract_register, name)(org.contracts, ledger.lines, as_of=org.next_day)

    return ask


def _in_category(ledger: Ledger) -> Any:
    org = ledger.org
    return proc.contract_register.contracts_in_category(
        org.contracts, org.scopes, ledger.lines, category_code="06", taxonomy=org.taxonomy, as_of=org.as_of
    )


def _chosen(ledger: Ledger) -> Any:
    org, chosen = ledger.org, _follow_up(ledger)
    return proc.follow_up_choice.choose_for_follow_up(
        ledger.lines, org.contracts, org.scopes, org.follow_ups, category_risk=chosen.category_risk,
        weights=chosen.weights, chosen_count=5, random_count=2, seed=1, as_of=org.as_of,
    )  # fmt: skip


def _followed_up(name: str) -> Callable[[Ledger], Any]:
    def ask(ledger: Ledger) -> Any:
        limit_ore = _follow_up(ledger).followed_up_above_ore
        return getattr(proc.follow_ups, name)(ledger.lines, ledger.org.follow_ups, above_ore=limit_ore, **_days(ledger))

    return ask


def _segments(ledger: Ledger) -> Any:
    # What goes into a measure beside the lines is the same small table for all: reckoned by the default engine.
    return portfolio.supplier_segments(ledger.lines, _kraljic(ledger.org.lines, ledger.org, 2))


def _classes(ledger: Ledger) -> Any:
    org = ledger.org
    return portfolio.contract_classes(org.contracts, ledger.lines, _kraljic(org.lines, org, 2), as_of=org.as_of)


def _starts(ledger: Ledger) -> Any:
    org = ledger.org
    return proc.procurement_plan.procurement_starts(
        org.contracts, ledger.lines, org.procurements, as_of=org.as_of, years_ahead=3, standstill_and_review_days=60,
        lead_time_days=240, least_history=5,
    )  # fmt: skip


def _opportunities(ledger: Ledger) -> Any:
    return proc.opportunities.savings_opportunities(
        ledger.lines, handling_cost_ore=250_00, months_covered=12, small_supplier_saving_pct=3,
        coordination_saving_pct=2,
    )  # fmt: skip


def _base(ledger: Ledger) -> Any:
    return covered_purchases.loyalty_base(ledger.lines, carried=["category_name"])


def _cells(ledger: Ledger) -> pd.DataFrame:
    cells = covered_purchases.covered_cells(_base(ledger).lines, ["category_code"], ["category_name"])
    return cells.sort_values(["category_code", *names(MATCHED_COLUMNS)[:4], "is_purchase"], ignore_index=True)


def _shared(ledger: Ledger) -> pd.DataFrame:
    return covered_purchases.covered_purchases(ledger.lines).cells(["category_code", "month"], ["category_name"])


def _evidence(ledger: Ledger) -> Any:
    org = ledger.org
    return proc.contract_loyalty.line_evidence(
        org.order_lines, contracts=org.contracts, scopes=org.scopes, price_lists=org.price_lists, taxonomy=org.taxonomy
    )


def _nothing_lost(ledger: Ledger) -> None:
    proc.categories.check_nothing_lost(ledger.lines, ledger.lines)


RADAR: dict[str, Any] = {"min_lines": 5, "usual_share_pct": 51}
Ask = Callable[[Ledger], Any]
MEASURES: dict[str, Ask | dict[str, Ask]] = {
    "categories.map_categories": lambda at: in_pandas(
        proc.map_categories(at.lines, rules=at.org.rules, taxonomy=at.org.taxonomy)
    ),
    "categories.in_category": lambda at: in_pandas(proc.in_category(at.lines, "06")),
    "categories.largest_categories": lambda at: proc.categories.largest_categories(at.lines, largest=5),
    "categories.rule_conflicts": lambda at: proc.categories.rule_conflicts(
        at.lines, rules=at.org.rules, taxonomy=at.org.taxonomy
    ),
    "categories.preview_rule_change": _changed_rules,
    "categories.check_nothing_lost": _nothing_lost,
    "coding.improbable_coding": lambda at: proc.coding.improbable_coding(at.lines, **RADAR),
    "coding.suspect_coding": lambda at: proc.coding.suspect_coding(at.lines, level="category", **RADAR),
    "contract_loyalty.shares.contract_loyalty_variants": lambda at: proc.contract_loyalty.contract_loyalty_variants(
        _evidence(at), rules=at.org.rules, taxonomy=at.org.taxonomy, ledger=at.lines
    ),
    "contract_loyalty.shares.e_commerce_share": lambda at: proc.contract_loyalty.e_commerce_share(
        _evidence(at), at.lines
    ),
    "contract_matching.match_contracts": lambda at: in_pandas(
        contract_matching.match_contracts(at.lines, scopes=at.org.scopes)
    ),
    "contract_matching.without_register": lambda at: in_pandas(contract_matching.without_register(at.lines)),
    "contract_register.bought_after_end": lambda at: proc.contract_register.bought_after_end(
        at.org.contracts, at.org.scopes, at.lines
    ),
    "contract_register.register_faults": _register_of("register_faults"),
    "contract_register.fault_counts": _register_of("fault_counts"),
    "contract_register.contract_register_quality": _register_of("contract_register_quality"),
    "contract_register.contracts_ending": _ending("contracts_ending"),
    "contract_register.contracts_by_year": _ending("contracts_by_year"),
    "contract_register.contracts_in_category": _in_category,
    "coverage.mapped_share": lambda at: proc.coverage.mapped_share(at.lines),
    "coverage.coverage": {by: lambda at, by=by: proc.coverage.coverage(at.lines, by) for by in ("tier", "lou_covered")},
    "coverage.unmapped": lambda at: proc.coverage.unmapped(at.lines),
    "coverage.rule_outcomes": lambda at: proc.coverage.rule_outcomes(at.lines, at.org.rules),
    "covered_purchases.loyalty_base": _base,
    "covered_purchases.covered_cells": _cells,
    "covered_purchases.covered_purchases": _shared,
    "covered_purchases.base_of": lambda at: covered_purchases.base_of(at.lines, include_investments=True),
    "direct_awards.figures.screening_exclusions": _excluded,
    "direct_awards.figures.three_way_split": _three_way,
    "direct_awards.figures.spend_without_contract": lambda at: proc.direct_awards.spend_without_contract(at.lines),
    "direct_awards.figures.suppliers_above_limit": _above,
    "direct_awards.postings.marked": lambda at: postings.marked(at.lines, "screening", True, "line_id"),
    "direct_awards.postings.has_register": lambda at: postings.has_register(at.lines, "screening"),
    "direct_awards.postings.without_contract": _without_contract,
    "direct_awards.postings.first_posting": lambda at: postings.first_posting(at.so_far, "screening"),
    "direct_awards.screening.screening": lambda at: proc.direct_awards.screening(at.so_far, **_asked(at)),
    "direct_awards.screening.screening_by_kind": lambda at: proc.direct_awards.screening_by_kind(
        at.so_far, taxonomy=at.org.taxonomy, **_asked(at)
    ),
    "environment.emissions.spend_emissions": lambda at: proc.environment.spend_emissions(
        at.lines, at.org.emission_factors, taxonomy=at.org.taxonomy
    ),
    "follow_up_choice.choose_for_follow_up": _chosen,
    "follow_ups.suppliers_followed_up_share": _followed_up("suppliers_followed_up_share"),
    "follow_ups.followed_up_volume_share": _followed_up("followed_up_volume_share"),
    "invoices.invoice_totals": lambda at: proc.invoices.invoice_totals(at.lines),
    "invoices.small_invoice_share": lambda at: proc.invoices.small_invoice_share(at.lines),
    "invoices.invoice_sizes": lambda at: proc.invoices.invoice_sizes(at.lines),
    "invoices.handling_cost": lambda at: proc.invoices.handling_cost(at.lines, 250_00),
    "invoices.largest_postings": lambda at: proc.invoices.largest_postings(at.lines, 7),
    "invoices.duplicate_postings": lambda at: proc.invoices.duplicate_postings(at.lines),
    "ledger_evidence.suppliers_per_category": lambda at: ledger_evidence.suppliers_per_category(at.lines),
    "ledger_evidence.lou_decided_share": lambda at: ledger_evidence.lou_decided_share(at.lines),
    "loyalty.loyalty_ladder": {
        "now": lambda at: proc.loyalty.loyalty_ladder(at.lines, include_investments=True),
        "then": lambda at: proc.loyalty.loyalty_ladder(at.lines, as_then=True),
    },
    "loyalty.supplier_loyalty": lambda at: proc.loyalty.supplier_loyalty(at.lines, target_pct=80),
    "loyalty.category_loyalty": lambda at: proc.loyalty.category_loyalty(at.lines),
    "loyalty.late_registered_share": lambda at: proc.loyalty.late_registered_share(at.lines),
    "loyalty.loyalty_by": {
        by: lambda at, by=by: proc.loyalty.loyalty_by(at.lines, by) for by in ("month", "supplier_size")
    },
    "loyalty.missing_by_rung": lambda at: proc.loyalty.missing_by_rung(at.lines),
    "loyalty.largest_without_contract": lambda at: proc.loyalty.largest_without_contract(at.lines, 9),
    "loyalty.loyalty_with_and_without_large": lambda at: proc.loyalty.loyalty_with_and_without_large(
        at.lines, large_item_limit_ore=1_000_000_00
    ),
    "opportunities.category_profile": lambda at: proc.opportunities.category_profile(proc.in_category(at.lines, "06")),
    "opportunities.deviations": lambda at: proc.opportunities.deviations(
        at.lines, at.before, peak_factor=0, peak_min_pct=1
    ),
    "opportunities.savings_opportunities": _opportunities,
    "portfolio.classes.supplier_segments": _segments,
    "portfolio.classes.contract_classes": _classes,
    "portfolio.concentration.category_concentration": lambda at: portfolio.category_concentration(
        at.lines, taxonomy=at.org.taxonomy
    ),
    "portfolio.matrix.kraljic": lambda at: _kraljic(at.lines, at.org, 1),
    "portfolio.volumes.purchases": lambda at: volumes.purchases(at.lines, ("line_id", "amount_ore"), "kraljic"),
    "procurement_plan.starts.procurement_starts": _starts,
    "quality.error_sources": lambda at: proc.quality.error_sources(at.lines),
    "realisation.estimated.contract_spend": lambda at: proc.realisation.contract_spend(
        at.lines, at.org.awards, **_days(at)
    ),
    "spend.spend_by": {
        "unit": lambda at: proc.spend_by(at.lines, "unit"),
        "month and category": lambda at: proc.spend_by(at.lines, ["month", "category"]),
    },
    "spend.total_spend": lambda at: proc.spend.total_spend(at.lines),
    "spend.spend_classes": lambda at: proc.spend.spend_classes(at.lines),
    "spend.purchases": lambda at: in_pandas(proc.spend.purchases(at.lines)),
    "spend.spend_by_month": lambda at: proc.spend.spend_by_month(at.lines),
    "spend.spend_change": lambda at: proc.spend.spend_change(at.lines, at.before, "supplier"),
    "spend.spend_matrix": lambda at: proc.spend.spend_matrix(at.lines, "category", "unit", largest=3),
    "spend.spend_cells": lambda at: proc.spend.spend_cells(at.lines, "account", "month"),
    "spend.months_compared": lambda at: proc.spend.months_compared(at.lines, at.before),
    "spend.addressable_share": lambda at: proc.spend.addressable_share(at.lines),
    "suppliers.supplier_count": lambda at: proc.suppliers.supplier_count(at.lines),
    "suppliers.tail_share": lambda at: proc.suppliers.tail_share(at.lines),
    "suppliers.effective_suppliers": lambda at: proc.suppliers.effective_suppliers(at.lines),
    "suppliers.gini": lambda at: proc.suppliers.gini(at.lines),
    "suppliers.concentration": lambda at: proc.suppliers.concentration(at.lines),
    "suppliers.pareto_curve": lambda at: proc.suppliers.pareto_curve(at.lines),
    "suppliers.small_supplier_rest": lambda at: proc.suppliers.small_supplier_rest(at.lines),
}
OF_ARTICLES = ("pd.DataFrame", "Lines")
"""What article lines are typed as: they are few and always pandas."""
NOT_OF_LINES = {"suppliers.register_quality": "looks at the register of suppliers, which is small and always pandas"}


def takes_lines(function: ast.FunctionDef) -> bool:
    """Tell whether a function is given ledger lines, by the type or the name of what it is given."""
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    typed = {each.arg: ast.unparse(each.annotation) for each in given if each.annotation}
    return any("NativeFrame" in kind for kind in typed.values()) or any(
        each.arg in {"lines", "matched", "mapped"} and typed.get(each.arg) not in OF_ARTICLES for each in given
    )


def measures_of_lines() -> set[str]:
    """List every public function of the measures that is given ledger lines, from the source."""
    home = Path(inspect.getfile(measures)).parent
    found = set()
    for path in home.rglob("*.py"):
        name = ".".join(path.relative_to(home).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
        found |= {f"{name}.{function.name}" for function in public if name != "frames" and takes_lines(function)}
    return found


def test_no_measure_of_the_ledger_is_forgotten() -> None:
    assert measures_of_lines() == {*MEASURES, *NOT_OF_LINES}


@pytest.mark.spark
@pytest.mark.parametrize("module", sorted({name.rpartition(".")[0] for name in MEASURES}))
def test_every_engine_gives_the_same(module: str, ledgers: dict[str, Ledger], subtests: pytest.Subtests) -> None:
    for name, asked in MEASURES.items():
        if name.rpartition(".")[0] == module:
            for variant, ask in (asked if isinstance(asked, dict) else {"": asked}).items():
                expected = plain(ask(ledgers["duckdb"]))
                for engine in ENGINES:
                    with subtests.test(measure=name, variant=variant, engine=engine):
                        same(plain(ask(ledgers[engine])), expected)


# The rules of mapping and the ladder, as Spark runs when nobody has told it otherwise


@pytest.mark.spark
def test_rules_of_every_kind_decide_alike(as_shipped: None, to_spark: Any, make_lines: Any) -> None:
    rows = mapping.draw_lines(3)
    lines = make_lines(pd.DataFrame(rows, dtype="object")).drop(columns=mapping.ADDED)
    empty = {"account": "", "unit": "", "supplier": "", "project": "", "text": "", "valid_from": None, "valid_to": None}
    written: list[dict[str, Any]] = [
        {"tier": "override", "supplier": "el (nät) A.B", "account": "64*"},
        {"tier": "supplier", "supplier": "dold:abc", "unit": "vård"},
        {"tier": "unit", "unit": "O'HARA", "account": "6440-6449"},
        {"tier": "account", "account": "6449", "valid_from": mapping.DAYS[1]},
        {"tier": "account", "account": "6440", "project": "P1", "valid_to": mapping.DAYS[2]},
        *({"tier": "text", "text": word} for word in mapping.WORDS if word.strip()),
        {"tier": "default"},
    ]
    leaves, kinds = mapping.LEAVES, ("adresserbar", "ej adresserbar")
    rules = [
        {"rule_id": f"r{place}", "category_code": leaves[place % 4], "spend_class": kinds[place % 2],
         "lou_covered": "ja", **empty, **row}
        for place, row in enumerate(written)
    ]  # fmt: skip
    expected = [mapping.expected_marks(mapping.decide(rules, row)) for row in rows]
    found = in_pandas(proc.map_categories(to_spark(lines), rules=pd.DataFrame(rules), taxonomy=mapping.TREE))
    assert mapping.plain(found, mapping.ADDED) == expected
    assert len({mark["rule_id"] for mark in expected}) > 12


@pytest.mark.spark
def test_contracts_and_the_ladder_are_alike_on_drawn_ledgers(to_spark: Any, make_lines: Any) -> None:
    made, scopes = drawn.drawn_ledgers(200, seed=9)
    lines = make_lines(made)
    with duckdb.connect() as connection:
        connection.register("lines", lines)
        native = connection.sql("select * replace (booked_on::date as booked_on) from lines")
        expected = in_pandas(contract_matching.match_contracts(native, scopes=scopes))
    matched = contract_matching.match_contracts(to_spark(lines), scopes=scopes).cache()
    pd.testing.assert_frame_equal(in_pandas(matched), expected)
    assert set(expected["proven_rung"]) == set(expected["possible_rung_then"]) == {0, 1, 2, 3, 4}
    same(proc.loyalty.loyalty_ladder(matched), proc.loyalty.loyalty_ladder(expected))


@pytest.mark.spark
def test_the_ladder_is_the_same_as_spark_is_shipped(as_shipped: None, ledgers: dict[str, Ledger]) -> None:
    expected, found = (proc.loyalty.loyalty_ladder(ledgers[engine].lines) for engine in ("duckdb", "spark"))
    same(found, expected)


@pytest.mark.spark
def test_whole_numbers_beyond_what_a_float_can_hold_come_back_exact(to_spark: Any, make_lines: Any) -> None:
    lines = make_lines([{"supplier_key": "a", "amount_ore": 2**53}, {"supplier_key": "a", "amount_ore": 1}])
    native = to_spark(lines.assign(proven_rung=pd.array([2**53 + 1, None], dtype="Int64")))
    assert frames.totals(frames.lazy(native)) == (2, 2**53 + 1)
    rungs = in_pandas(native)["proven_rung"]
    assert (rungs[0], rungs.dtype, rungs.isna().tolist()) == (2**53 + 1, "Int64", [False, True])


# The organisation file


@pytest.mark.spark
def test_an_organisation_on_spark_is_prepared_once_and_tells_the_same(
    by_default: Organisation, on_spark: Organisation
) -> None:
    assert on_spark.folder == by_default.folder
    assert type(on_spark.lines).__module__.startswith("pyspark")
    assert on_spark.facts_of_period == by_default.facts_of_period
    pd.testing.assert_frame_equal(on_spark.reconciliation, by_default.reconciliation)
    unit = by_default.chosen_units()[1]
    assert on_spark.chosen_units() == by_default.chosen_units()
    ours, theirs = on_spark.month(unit), by_default.month(unit)
    assert (ours.period, ours.called, ours.not_compared_because) == (
        theirs.period, theirs.called, theirs.not_compared_because,
    )  # fmt: skip
    for name in ("lines", "lines_so_far", "year_back", "before", "before_so_far"):
        assert engines.count_lines(getattr(ours, name)) == engines.count_lines(getattr(theirs, name))
    with pytest.raises(ParamsError, match="Did you mean"):
        on_spark.month(f"{unit}x")


def key_figures(project: Path, engine: str) -> tuple[list[Any], type]:
    """Run the cells that make a report's key figures, and return these and what the lines lay in."""
    say_engine(project, engine)
    notebook = project / "notebooks/spend_overview.ipynb"
    space: dict[str, Any] = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        wanted = "parameters" in cell.metadata.get("tags", []) or re.search("open_organisation|figures", cell.source)
        if cell.cell_type == "code" and wanted:
            exec(compile(cell.source, notebook.name, "exec"), space)
    say_engine(project, "")
    return space["figures"], type(space["org"].lines)


@pytest.mark.spark
def test_the_spend_overview_shows_the_same_key_figures(project: Path, on_spark: Organisation) -> None:
    expected, kind = key_figures(project, "duckdb")
    assert kind is duckdb.DuckDBPyRelation
    found, kind = key_figures(project, "spark")
    assert kind is type(on_spark.lines)
    assert len(found) > 4
    assert found == expected


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_the_page_about_spark_does_what_it_says(project: Path, by_default: Organisation, tmp_path: Path) -> None:
    say_engine(project, "")
    text = (project / "docs/spark.md").read_text("utf-8")
    blocks = "".join(re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    for written, here in (("/srv/nation", str(tmp_path)), ('["exempel"]', '["exempel", "tvilling"]')):
        assert written in blocks
        blocks = blocks.replace(written, here)
    organisations = project / "params/organisations"
    twin = shutil.copy(organisations / "exempel.yml", organisations / "tvilling.yml")
    prepared = by_default.folder  # named after what it rests on, which is the same for the twin
    shutil.copytree(prepared, prepared.parents[1] / "tvilling" / prepared.name)
    space: dict[str, Any] = {}
    exec(compile(blocks, "spark.md", "exec"), space)
    Path(twin).unlink()
    rows, amount = engines.count_lines(by_default.lines)
    assert space["own_total"] == proc.spend.total_spend(by_default.lines)
    assert engines.count_lines(space["year"]) == (2 * rows, 2 * amount)
    alone, both = (proc.invoices.invoice_totals(lines) for lines in (by_default.lines, space["year"]))
    # An invoice of the one is never taken for one of the other.
    assert len(in_pandas(both)) == 2 * len(in_pandas(alone))
    one, two = proc.loyalty.loyalty_ladder(by_default.lines), space["ladder"]
    assert two["proven_ore"].dropna().tolist() == (one["proven_ore"].dropna() * 2).tolist()
    assert space["units"]["amount_ore"].sum() == 2 * amount


def test_without_the_package_the_organisation_file_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(ParamsError, match=r"pyspark is not installed.*make spark.*engine: duckdb"):
        engines.read_lines(Path("lines.parquet"), "spark")


@pytest.mark.spark
@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="the package pyspark is not installed")
def test_without_java_the_organisation_file_is_told_what_to_do(tmp_path: Path) -> None:
    code = (
        "import pathlib, procanalysis.organisation.engines as engines\n"
        "engines.read_lines(pathlib.Path('lines.parquet'), 'spark')"
    )
    environment = {**os.environ, "JAVA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert "ParamsError: The organisation file says 'engine: spark', but Spark did not start." in done.stderr
    assert "Java 17 or later" in done.stderr
