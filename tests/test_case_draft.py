"""A draft of a business case: what the category analysis found, nothing made up, and safe whatever the names are."""

from __future__ import annotations

import ast
import json
import re
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import procanalysis as proc
from procanalysis.business_case import build_case
from procanalysis.business_case.draft import NOT_SHARED, CategoryFindings, Draft, draft_case
from procanalysis.business_case.draft_file import category_findings, draft_path, write_draft
from procanalysis.business_case.opening import open_business_case
from procanalysis.errors import InputError, MappingError, ParamsError
from procanalysis.measures.business_case import lever_gains
from procanalysis.measures.opportunities import Opportunity
from procanalysis.params import business_case_parts as case_files
from procanalysis.params.business_case import load_business_case
from procanalysis.params.business_case_parts import BusinessCaseParams
from procanalysis.schema.levers import LEVER_KINDS

ROOT = Path(__file__).parents[1]
KR = 100
HOSTILE = (
    'Läkemedel: "A" # B', "- x\n  - y", "}, evil: {a: 1", "'; DROP", "{{name}}", "%TAG ! x", "&a *a",
    "!!python/object:os",
    "a\x85b\u2028c\u2029d", "\ufeff# slut", "tab\there\r\nfictional: true", "\U0001f600 \x07\x1b[31m", "  ", "null",
    "---\n...",
)  # fmt: skip


def opportunity(identity: str, volume: int, numerator: int, saving: int | None, **more: Any) -> Opportunity:
    unknown = "" if saving is not None else "Antagande om prisskillnad i procent är inte angivet"
    given: dict[str, Any] = {
        "id": identity, "name": f"Möjlighet {identity}", "amount_ore": None if saving is None else saving * KR,
        "volume_ore": volume * KR, "numerator": Decimal(numerator), "denominator": Decimal(20), "part_unit": "st",
        "reckoning": f"Så räknat för {identity}", "assumption": "Lägre pris", "unknown_because": unknown,
    }  # fmt: skip
    return Opportunity(**{**given, **more})


ASSUMED = {
    "invoice_handling_cost_sek": Decimal("237.50"),
    "small_supplier_saving_pct": Decimal("3.5"),
    "coordination_saving_pct": Decimal("1.25"),
}


def findings(**changes: Any) -> CategoryFindings:
    """A category of 800 000 kronor and 20 suppliers: 40 invoices too many, 70 000 kronor at 6 small suppliers."""
    common: dict[str, Any] = {
        "organisation": "exempel", "fictional": True, "category_code": "07.06", "category_name": "IT-konsulter",
        "period": "2025", "period_name": "2025", "months": 12, "starts_on": date(2026, 1, 1),
        "spend_ore": 800_000 * KR, "suppliers_count": 20, "assumptions": ASSUMED,
        "units": (("Region IT", Decimal("61.52")), ("Vård", Decimal(30))),
        "opportunities": (
            opportunity("fewer_invoices", 90_000, 40, 9_500),
            opportunity("small_suppliers", 70_000, 6, 2_450),
            opportunity("single_unit_suppliers", 330_000, 11, 4_125),
            opportunity("undecided_lou", 12_000, 12_000, None, part_unit="SEK"),
        ),
    }  # fmt: skip
    return CategoryFindings(**{**common, **changes})


TODAY = {"spend_sek": Decimal(800_000), "loyalty_pct": None, "suppliers_count": 20, "invoices_count": 500}


def loaded(text: str, folder: Path, name: str = "utkast") -> BusinessCaseParams:
    path = folder / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return load_business_case(path)


def filled_in(text: str) -> str:
    """Take '# ' away from every block that is a comment, and fill in what it asks for, as a person would."""
    bare = re.sub(r"^(?:# )+( +[-a-z])", r"\1", text, flags=re.MULTILINE)
    bare = re.sub(r"^# (do_nothing:|decision_by:|author:|realisation_rate_pct:)", r"\1", bare, flags=re.MULTILINE)
    bare = bare.replace("low: FILL_IN, likely: FILL_IN, high: FILL_IN", "low: 1, likely: 2, high: 3")
    bare = bare.replace("likelihood: FILL_IN, consequence: FILL_IN", "likelihood: 2, consequence: 4")
    return bare.replace("[FILL_IN, 100]", "[50, 100]").replace("FILL_IN", "ifyllt")


# What is in it


def test_a_draft_can_be_opened_at_once(tmp_path: Path) -> None:
    draft = draft_case(findings())
    params = loaded(draft.text, tmp_path)
    assert params.title == "Utkast: möjligheter i IT-konsulter" and "kostnader saknas" in params.question
    assert (params.organisation, params.fictional) == ("exempel", True)
    assert (params.baseline.category, params.baseline.period) == ("07.06", "2025")
    assert params.starts_on == date(2026, 1, 1)
    assert [each.id for each in params.alternatives] == ["fewer_invoices", "small_suppliers", "single_unit_suppliers"]
    assert draft.alternatives == tuple(each.title for each in params.alternatives)
    assert [title for title, _ in draft.left_out] == ["Möjlighet undecided_lou"]
    for each in params.alternatives:
        assert not (each.one_off_costs or each.running_costs or each.risks)
        assert "kostnader saknas" in each.text and "Kostnaderna är angivna. I utkastet saknas de." in each.must_be_true
        assert [lever.realised_by for lever in each.levers] == [{NOT_SHARED: Decimal(100)}]


def test_the_case_gains_what_the_category_analysis_reckons(tmp_path: Path) -> None:
    found = findings()
    case = build_case(loaded(draft_case(found).text, tmp_path), TODAY)
    gains = lever_gains(case).set_index("alternative_id")
    for each in found.opportunities[:3]:
        assert gains.loc[each.id, "first_year_ore"] == each.amount_ore
    assert dict(gains["benefit"]) == {
        "fewer_invoices": "time", "small_suppliers": "cash", "single_unit_suppliers": "cash",
    }  # fmt: skip


def test_each_number_says_what_it_rests_on(tmp_path: Path) -> None:
    params = loaded(draft_case(findings()).text, tmp_path)
    drivers = {
        f"{lever.id}.{name}": estimate
        for each in params.alternatives
        for lever in each.levers
        for name, estimate in lever.drivers.items()
    }
    assert {name: estimate.low_likely_high for name, estimate in drivers.items()} == {
        "invoice_time.invoices_removed": (Decimal(40),) * 3,
        "invoice_time.cost_per_invoice_sek": (Decimal("237.5"),) * 3,
        "established_prices.coordinated_share_pct": (Decimal("8.75"),) * 3,
        "established_prices.price_effect_pct": (Decimal("3.5"),) * 3,
        "common_prices.coordinated_share_pct": (Decimal("41.25"),) * 3,
        "common_prices.price_effect_pct": (Decimal("1.25"),) * 3,
    }
    said = "Antagande i organisationsfilen (small_supplier_saving_pct)"
    assert drivers["established_prices.price_effect_pct"].evidence == said
    assert drivers["invoice_time.invoices_removed"].evidence == "Kategorianalys, 2025: Så räknat för fewer_invoices"
    assert all(estimate.is_certain and estimate.value is not None for estimate in drivers.values())


def test_no_number_is_made_up() -> None:
    """Also in what is a comment: only the ledger's, the organisation file's, and what the draft says it begins with."""
    numbers: list[Any] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers.append(value)

    bare = re.sub(r"^(?:# )+( +[-a-z])", r"\1", draft_case(findings()).text, flags=re.MULTILINE)
    content = yaml.safe_load(re.sub(r"^# (do_nothing:|realisation)", r"\1", bare, flags=re.MULTILINE))
    collect(content)
    known = {40, 8.75, 41.25, 1.5, 14, 237.5, 3.5, 1.25}
    begins_with = {5, 2.5, 100, 0}  # horizon, rate, all of the gain, year 0
    assert set(numbers) == known | begins_with
    for words in ("question", "costs", "who realises what", "ranges"):
        assert words in draft_case(findings()).text.split("title:")[0]


def test_months_become_a_year(tmp_path: Path) -> None:
    params = loaded(draft_case(findings(months=3, period="2025-Q1", period_name="januari–mars 2025")).text, tmp_path)
    removed = params.alternatives[0].levers[0].drivers["invoices_removed"]
    assert removed.value == 160 and removed.evidence.endswith("omräknat till tolv månader från 3")
    share = params.alternatives[1].levers[0].drivers["coordinated_share_pct"]
    assert share.value == Decimal("8.75") and "tolv" not in share.evidence


def test_every_opportunity_has_a_lever_with_the_drivers_of_its_kind(opened: Any) -> None:
    found = category_findings(opened, "01")
    unknown = dict.fromkeys(ASSUMED)
    text = draft_case(replace(found, assumptions=unknown)).text
    content = yaml.safe_load(filled_in(text))
    levers = [lever for each in content["alternatives"] for lever in each["levers"]]
    assert {each["id"] for each in content["alternatives"]} <= {each.id for each in found.opportunities}
    assert [set(lever["drivers"]) for lever in levers] == [set(LEVER_KINDS[lever["kind"]].drivers) for lever in levers]


# What is left out


def test_an_assumption_that_nobody_has_given_is_a_comment_with_the_reason(tmp_path: Path) -> None:
    small = opportunity("small_suppliers", 70_000, 6, None)
    given = findings()
    found = replace(
        given,
        assumptions={**ASSUMED, "small_supplier_saving_pct": None},
        opportunities=(given.opportunities[0], small, *given.opportunities[2:]),
    )
    draft = draft_case(found)
    params = loaded(draft.text, tmp_path)
    assert [each.id for each in params.alternatives] == ["fewer_invoices", "single_unit_suppliers"]
    assert (small.name, small.unknown_because) in draft.left_out
    lines = draft.text.splitlines()
    at = lines.index("#   - id: small_suppliers")
    assert small.unknown_because in lines[at - 2]
    assert "reports.small_supplier_saving_pct in the organisation file" in lines[at - 1]
    assert "#           coordinated_share_pct: {value: 8.75, " in draft.text


def test_what_is_left_out_can_be_used_once_it_is_filled_in(tmp_path: Path) -> None:
    for found in (findings(), findings(assumptions=dict.fromkeys(ASSUMED))):
        params = loaded(filled_in(draft_case(found).text), tmp_path)
        assert len(params.alternatives) == 4
        kinds = [lever.kind for each in params.alternatives for lever in each.levers]
        assert sorted(kinds) == ["coordination", "coordination", "e_commerce", "fewer_suppliers", "renegotiation"]
        assert all(each.one_off_costs and each.running_costs and each.risks for each in params.alternatives)
        assert params.realisation_rate_pct is not None and params.do_nothing.yearly_change_pct is not None
        assert all(lever.phase_in_pct == (50, 100) for each in params.alternatives for lever in each.levers)


def test_without_any_assumption_the_file_is_refused_and_says_why(tmp_path: Path) -> None:
    nothing = tuple(replace(each, amount_ore=None) for each in findings().opportunities)
    draft = draft_case(findings(assumptions=dict.fromkeys(ASSUMED), opportunities=nothing))
    assert draft.alternatives == () and len(draft.left_out) == 4
    assert "this file is refused until one of them is filled in" in draft.text
    line = draft.text.splitlines().index("alternatives:") + 1
    with pytest.raises(ParamsError, match=f"line {line}: 'alternatives'"):
        loaded(draft.text, tmp_path)


def test_what_the_category_does_not_have_is_told_and_not_offered(tmp_path: Path) -> None:
    none = opportunity("small_suppliers", 0, 0, None, unknown_because="Inga små leverantörer")
    one_each = opportunity("fewer_invoices", 4_000, 0, 0)
    draft = draft_case(findings(opportunities=(one_each, none, *findings().opportunities[2:])))
    assert [each.id for each in loaded(draft.text, tmp_path).alternatives] == ["single_unit_suppliers"]
    assert ("Möjlighet small_suppliers", "Inga små leverantörer") in draft.left_out
    assert ("Möjlighet fewer_invoices", "Så räknat för fewer_invoices") in draft.left_out
    assert "id: small_suppliers" not in draft.text and 'Not found in this category: "Möjlighet small' in draft.text


@pytest.mark.parametrize("spend", [0, -5_000, 60_000])
def test_a_share_that_is_more_than_the_whole_is_unknown(spend: int, tmp_path: Path) -> None:
    draft = draft_case(findings(spend_ore=spend * KR))
    assert [each.id for each in loaded(draft.text, tmp_path).alternatives] == ["fewer_invoices"]
    reasons = dict(draft.left_out)
    assert "andelen kan inte räknas ut" in reasons["Möjlighet small_suppliers"]


# Whatever the names are


def hostile(text: str, reckoning: str = "Så") -> Draft:
    given = findings()
    nothing = opportunity("small_suppliers", 0, 0, None)
    words = {"name": text, "reckoning": reckoning, "assumption": text, "unknown_because": text}
    named = tuple(replace(each, **words) for each in (*given.opportunities, nothing))
    return draft_case(replace(given, category_name=text, units=((text, Decimal(1)),), opportunities=named))


@cache
def ordinary_content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(draft_case(findings()).text)
    return content


def assert_only_text(draft: Draft, text: str) -> None:
    content = yaml.safe_load(draft.text)
    plain = ordinary_content()
    assert content.keys() == plain.keys()
    assert content["title"] == f"Utkast: möjligheter i {text}"
    assert [each["title"] for each in content["alternatives"]] == [text] * 3
    for each, ordinary in zip(content["alternatives"], plain["alternatives"], strict=True):
        assert each.keys() == ordinary.keys() and each["levers"][0].keys() == ordinary["levers"][0].keys()
    filled = yaml.safe_load(filled_in(draft.text))
    assert len(filled["alternatives"]) == 4, "a comment has come loose"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_nothing_but_text(text: str, tmp_path: Path) -> None:
    draft = hostile(text, text)
    assert_only_text(draft, text)
    if text.strip():
        assert loaded(draft.text, tmp_path).alternatives[0].title == text.strip()


@settings(max_examples=30, deadline=None)
@given(st.text())
def test_any_name_is_nothing_but_text(text: str) -> None:
    # FILL_IN is what a person replaces, in these tests everywhere.
    assert_only_text(hostile(text.replace("FILL_IN", "")), text.replace("FILL_IN", ""))


def test_an_organisation_that_is_not_fictional_is_not_called_so(tmp_path: Path) -> None:
    assert "fictional" not in yaml.safe_load(draft_case(findings(fictional=False)).text)


# From the fictional ledger


@pytest.fixture(scope="module")
def opened(session_environment: None) -> Any:
    return proc.open_organisation("exempel")


@pytest.fixture
def own_params(in_project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of case files of the test's own, beside an organisation file that reads the shared ledger."""
    folder = tmp_path / "params"
    for name in ("organisations", "mappings", "taxonomies"):
        shutil.copytree(in_project.root / "params" / name, folder / name)
    # The same inputs by the same names, so that what is prepared already is used.
    (tmp_path / "data").symlink_to(in_project.root / "data")
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(folder / "organisations"))
    return folder / "business_cases"


def test_it_finds_what_the_category_analysis_finds(opened: Any) -> None:
    notebook = json.loads((ROOT / "notebooks/category_analysis.ipynb").read_text("utf-8"))
    cell = next("".join(c["source"]) for c in notebook["cells"] if "savings_opportunities(" in "".join(c["source"]))
    wanted = [node for node in ast.parse(cell).body if isinstance(node, ast.Assign)]
    chosen = opened.params.reports
    names: dict[str, Any] = {"proc": proc, "org": opened, "limit_ore": chosen.small_invoice_limit_ore}
    for code in ("01", "07.06", "13.01"):
        names["lines"] = proc.in_category(opened.lines, code, must_exist=False)
        exec(compile(ast.Module(wanted, type_ignores=[]), "cell", "exec"), names)
        assert category_findings(opened, code).opportunities == names["options"]


@pytest.mark.parametrize("period", ["", "2025-Q1"])
def test_the_file_opens_with_the_numbers_of_the_ledger(own_params: Path, period: str) -> None:
    written = write_draft("exempel", "07", period=period)
    assert written.path == own_params / "exempel-07.yml"
    paper = open_business_case("exempel-07")
    found = category_findings(proc.open_organisation("exempel", period), "07")
    gains = lever_gains(paper.case).set_index("alternative_id")["first_year_ore"]
    per_year = 12 // found.months
    amounts = {each.id: each.amount_ore for each in found.opportunities if each.amount_ore}
    assert set(gains.index) == set(amounts) and len(amounts) >= 2
    for name, amount in amounts.items():
        assert abs(gains[name] - amount * per_year) <= 100, "a share has six decimals"
    assert paper.params.fictional and paper.period.label == (period or "2025")


def test_no_supplier_is_named_and_no_sole_trader(opened: Any) -> None:
    hidden = "* REPLACE ('Anna Personsson' AS supplier_name, 'sole_trader' AS supplier_type)"
    unmasked = replace(opened, lines=opened.lines.project(hidden))
    text = draft_case(category_findings(unmasked, "07")).text
    assert "Personsson" not in text
    names = opened.lines.project("supplier_name").distinct().fetchall()
    own = draft_case(category_findings(opened, "07")).text
    assert [name for (name,) in names if name and name in own] == []


def test_a_file_that_exists_is_left_alone(own_params: Path) -> None:
    own_params.mkdir()
    path = own_params / "exempel-07.yml"
    path.write_text("ifyllt av en människa", "utf-8")
    with pytest.raises(ParamsError, match=r"exempel-07\.yml exists already.*--replace"):
        write_draft("exempel", "07")
    assert path.read_text("utf-8") == "ifyllt av en människa"
    assert write_draft("exempel", "07", slug="annat-namn").path.name == "annat-namn.yml"
    write_draft("exempel", "07", replace=True)
    assert load_business_case(path).title.startswith("Utkast")


def test_what_cannot_be_drafted_is_said_and_nothing_is_written(own_params: Path, opened: Any) -> None:
    used = {code for (path,) in opened.lines.project("category_path").fetchall() for code in (path or "").split("/")}
    without_lines = next(code for code in opened.taxonomy["category_code"] if code not in used)
    with pytest.raises(ParamsError, match=r"There is no category '07\.66' in the tree\. Did you mean '07\.06'"):
        write_draft("exempel", "07.66")
    with pytest.raises(MappingError, match=f"No line lies in the category '{without_lines}'"):
        write_draft("exempel", without_lines)
    with pytest.raises(InputError, match="no posting lies in the period 2019"):
        write_draft("exempel", "07", period="2019")
    for slug in ("../utkast", "Ett Namn", "a--b", "åtgärd"):
        with pytest.raises(ParamsError, match="cannot be the short name of a case"):
            write_draft("exempel", "07", slug=slug)
    assert not own_params.exists()


def test_the_default_name(own_params: Path) -> None:
    assert draft_path("exempel", "07.06").name == "exempel-07-06.yml"
    assert draft_path("region-nord", "A.1").name == "region-nord-a-1.yml"
    with pytest.raises(ParamsError, match="--slug"):
        draft_path("exempel", "../07")


# docs/own-business-case.md


PAGE = (ROOT / "docs/own-business-case.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_first_example_is_a_whole_case(tmp_path: Path) -> None:
    params = loaded(EXAMPLES[0], tmp_path)
    gains = lever_gains(build_case(params))
    assert gains["first_year_ore"].tolist() == [3_000 * 12 * KR]


def test_the_second_example_opens_with_the_fictional_ledger(own_params: Path) -> None:
    own_params.mkdir()
    loaded(EXAMPLES[1], own_params, "exempel-trohet")
    paper = open_business_case("exempel-trohet")
    assert [each.id for each in paper.params.alternatives] == ["loyalty"] and len(paper.qualities) == 1
    assert len(EXAMPLES) == 2


def test_the_page_names_every_key_lever_and_driver() -> None:
    parts = [
        each
        for each in vars(case_files).values()
        if isinstance(each, type) and issubclass(each, case_files.Part) and each.__module__ == case_files.__name__
    ]
    keys = {name for part in parts for name in part.model_fields} - {"slug", "path"}
    keys |= set(LEVER_KINDS) | {driver for kind in LEVER_KINDS.values() for driver in kind.drivers}
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
    assert keys - words == set()
