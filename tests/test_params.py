"""Organisation files: every mistake is named with file, line, key and remedy; periods; paths; what is shipped loads."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from typer.testing import CliRunner

from procanalysis.cli import app
from procanalysis.errors import InputError, ParamsError, did_you_mean, examples
from procanalysis.params import (
    READABLE_COLUMNS,
    OrganisationParams,
    Period,
    load_organisation_params,
    load_params,
    organisation_slugs,
    parse_period,
    project_root,
    yaml_file,
)
from procanalysis.params.articles import (
    ARTICLE_TAG_COLUMNS,
    EMISSION_FACTOR_COLUMNS,
    ORDER_COLUMNS,
    PRICE_INDEX_COLUMNS,
    PRICE_LIST_COLUMNS,
)
from procanalysis.params.contracts import CONTRACT_COLUMNS, FOLLOW_UP_COLUMNS, PROCUREMENT_COLUMNS
from procanalysis.params.savings import AWARD_COLUMNS, BID_COLUMNS, PRICE_COLUMNS, PURCHASE_COLUMNS, SHARE_COLUMNS

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "procanalysis" / "organisation_template.yml"
LEAST = """\
name: Prov
period: 2025
ledger:
  files: [ledger.csv]
mapping:
  rules: [rules.csv]
"""


def write(folder: Path, text: str | bytes = LEAST, name: str = "prov.yml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(ParamsError) as error:
        load_params(path)
    return str(error.value)


def test_the_least_file_has_sensible_defaults(tmp_path: Path) -> None:
    params = load_params(write(tmp_path))
    assert (params.slug, params.name, params.period, params.currency, params.kind) == (
        "prov",
        "Prov",
        "2025",
        "SEK",
        "other",
    )
    assert params.privacy.mask_sole_traders
    assert (params.ledger.encoding, params.ledger.control_total.rows) == ("auto", None)
    assert params.reports.invoice_handling_cost_sek is None


def test_parameters_are_frozen_all_the_way_down(tmp_path: Path) -> None:
    params = load_params(write(tmp_path))
    parts: list[tuple[Any, str]] = [(params, "name"), (params.ledger, "files"), (params.privacy, "mask_sole_traders")]
    for part, name in parts:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, "x")


# Mistakes: what is written → line, key and the words that help

MISTAKES = {
    "unknown key": ("perod: x", 7, ["unknown key 'perod'", "Did you mean 'period'?"]),
    "unknown key in a group": (
        "privacy:\n  mask_sole_trader: true", 8, ["privacy.mask_sole_trader", "mask_sole_traders"]
    ),
    "unknown key two groups down": (
        "reports:\n  category_analysis:\n    larges: 3", 9, ["reports.category_analysis.larges", "'largest'"]
    ),
    "nothing near": ("zzz: 1", 7, ["unknown key 'zzz'", "Valid: article_tags, contracts, currency, distribution"]),
    "a day that is none": ("zzz: 2025-02-29", 7, ["there is no such date or number as 2025-02-29", "within quotes"]),
    "own name": ("slug: annat", 7, ["unknown key 'slug'", "The file's name decides it"]),
    "key that YAML takes for true": ("on: 1", 7, ["unknown key 'on'"]),
    "key that YAML takes for a number": ("2025: 1", 7, ["unknown key '2025'"]),
    "not one of the choices": ("kind: kommun", 7, ["'kind'", "'region', 'municipality'", "now: kommun"]),
    "not true or false": ("fictional: kanske", 7, ["'fictional' must be true or false", "now: kanske"]),
    "not a currency": ("currency: kronor", 7, ["'currency'", "three capitals", "SEK", "now: kronor"]),
    "a colour that became a comment": (
        "style:\n  accent_colour: #12436D", 8, ["'style.accent_colour'", "within quotes", "now: nothing"]
    ),
    "not a colour": ('style: {accent_colour: "blue"}', 7, ["'style.accent_colour'", "#12436D", "now: blue"]),
    "text for a number": ("reports:\n  small_invoice_limit_sek: tio", 8, ["must be a whole number", "now: tio"]),
    "too small": ("reports: {category_analysis: {largest: 0}}", 7, ["category_analysis.largest", "now: 0"]),
    "amount with a comma": ('reports: {invoice_handling_cost_sek: "2,50"}', 7, ["with a decimal point", "now: 2,50"]),
    "amount with thirds": ("reports: {invoice_handling_cost_sek: 2.505}", 7, ["two decimals at most", "now: 2.505"]),
    "text for a group": ("privacy: ja", 7, ["'privacy' must be a group of 'key: value' lines", "now: ja"]),
    "empty group": ("privacy:\n  # mask_sole_traders: true", 7, ["'privacy' must be a group", "now: nothing"]),
    "code that lost its nought": (
        "reports: {category_analysis: {categories: [11.10]}}", 7, ["categories.0", "within quotes", "now: 11.1"]
    ),
    "doubled key": ("name: En till", 7, ["'name' stands twice", "first in line 1", "Keep one"]),
    "doubled key in a group": ("style: {logo: a, logo: b}", 7, ["'style.logo' stands twice"]),
    "contracts without files": ("contracts:\n  encoding: auto", 7, ["'contracts.files' is missing"]),
    "unknown key of the contract register": (
        "contracts: {files: [a.csv], owner_gone: [x]}", 7, ["contracts.owner_gone", "Did you mean 'owners_gone'?"]
    ),
    "unknown column of the contract register": (
        "contracts: {files: [a.csv], columns: {end_on: Slut}}", 7, ["unknown column 'end_on'", "'ends_on'"]
    ),
    "unknown column of the follow-ups": (
        "follow_ups: {files: [a.csv], columns: {plannd_on: X}}", 7, ["unknown column 'plannd_on'", "'planned_on'"]
    ),
    "unknown column of the procurements": (
        "procurements: {files: [a.csv], columns: {titel: X}}", 7, ["unknown column 'titel'", "'title'"]
    ),
    "a kind that there is not": (
        "contracts: {files: [a.csv], kinds: {Ramavtal: ram}}", 7,
        ["contracts.kinds.Ramavtal", "'framework'", "now: ram"],
    ),
    "an end that there is not": (
        "contracts:\n  files: [a.csv]\n  empty_end: open", 9, ["'contracts.empty_end'", "'open_ended'", "now: open"]
    ),
    "participants that there are not": (
        "contracts: {files: [a.csv], empty_participants: all}", 7, ["contracts.empty_participants", "'everyone'"]
    ),
    "a list of owners that is a text": ("contracts: {files: [a], owners_gone: x}", 7, ["must be a list, as in [a, b]"]),
    "a share above a hundred": ("reports: {loyalty: {target_pct: 101}}", 7, ["reports.loyalty.target_pct", "now: 101"]),
    "a risk that is not 1 to 5": (
        'reports:\n  supplier_follow_up:\n    category_risk: {"05.02": 6}', 9,
        ["the risk of category 05.02 is 6", "1 (low)"],
    ),
    "a score without a reason": (
        'reports: {supplier_follow_up: {category_scores: {"05": {risk: 3}}}}', 7,
        ["category_scores.05.reason", "missing"],
    ),
    "a class that there is not": (
        "reports: {supplier_follow_up: {months_between: {E: 3}}}", 7, ["supplier_follow_up.months_between.E", "now: E"]
    ),
    "weights that are all nought": (
        "reports: {procurement_plan: {weight_potential: 0, weight_expiry: 0, weight_risk: 0, weight_ease: 0}}", 7,
        ["reports.procurement_plan", "all four weights are 0"],
    ),
    "an ease that is not 1 to 5": (
        'reports: {procurement_plan: {category_ease: {"05": 0}}}', 7, ["the ease of category 05 is 0"]
    ),
    "too large a wave": ("reports: {procurement_plan: {categories_per_wave: 4}}", 7, ["categories_per_wave", "now: 4"]),
    "unknown key two groups down in the plan": (
        "reports: {procurement_plan: {coordinated: {at_lest: 2}}}", 7,
        ["coordinated.at_lest", "Did you mean 'at_least'?"],
    ),
    "unknown key of the direct awards": (
        "reports: {direct_award: {near_limit: 80}}", 7, ["direct_award.near_limit", "Did you mean 'near_limit_pct'?"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_line_key_and_remedy(mistake: str, tmp_path: Path) -> None:
    added, line, words = MISTAKES[mistake]
    said = refused(write(tmp_path, f"{LEAST}{added}\n"))
    assert said.startswith("prov.yml")
    assert f"line {line}" in said
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: Prov\n", "", ["'name' is missing"]),
        ("name: Prov", "name:", ["line 1", "'name' must be text", "now: nothing"]),
        ("name: Prov", 'name: " "', ["line 1", "'name' must not be empty"]),
        ("period: 2025", "period: 2025-13", ["line 2", "'2025-13' is not a period", "2025-Q1"]),
        ("period: 2025", "period: 2025-01-31", ["line 2", "'2025-01-31' is not a period"]),
        ("period: 2025", "period: 2025.5", ["line 2", "'period' must be text"]),
        ("  files: [ledger.csv]", "  files: ledger.csv", ["line 4", "'ledger.files' must be a list, as in [a, b]"]),
        ("  files: [ledger.csv]", "  files: []", ["line 4", "'ledger.files' must not be empty"]),
        ("  rules: [rules.csv]", "  rules: [1]", ["line 6", "'mapping.rules.0' must be text"]),
        ("  rules: [rules.csv]", "  taxonomy: x.csv", ["line 5", "'mapping.rules' is missing"]),
        ("ledger.csv]", "ledger.csv]\n  columns: {unti: Nämnd}", ["line 5", "unknown column 'unti'", "'unit'"]),
        ("ledger.csv]", "ledger.csv]\n  columns: {unit: 17}", ["line 5", "'ledger.columns.unit' must be text"]),
        ("ledger.csv]", "ledger.csv]\n  encoding: latin1", ["line 5", "'ledger.encoding'", "'cp1252'", "now: latin1"]),
        ("ledger.csv]", "ledger.csv]\n  control_total: {rows: -1}", ["line 5", "control_total.rows"]),
        ("ledger.csv]", 'ledger.csv]\n  control_total: {amount: "1 234"}', ["line 5", "control_total.amount"]),
    ],
)
def test_a_mistake_in_what_is_needed_is_named(old: str, new: str, words: list[str], tmp_path: Path) -> None:
    assert LEAST.count(old) == 1
    said = refused(write(tmp_path, LEAST.replace(old, new)))
    assert [word for word in ["prov.yml", *words] if word not in said] == []


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    said = refused(write(tmp_path, f"{LEAST}kind: x\nfictional: x\ncolour: x\n"))
    assert "3 problem(s) to correct" in said
    assert [line.split(":")[0].strip() for line in said.splitlines()[1:]] == ["line 7", "line 8", "line 9"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", ["is empty or not a list"]),
        (b"# bara en kommentar\n", ["is empty or not a list"]),
        (b"- a\n- b\n", ["is empty or not a list", "procanalysis init"]),
        (b"name: [a\nperiod: x\n", ["line 2", "not valid YAML", "Indent with spaces"]),
        (b"name: a\n\tkind: region\n", ["line 2", "not valid YAML"]),
        (b"name: a: b\n", ["line 1", "not valid YAML", "within quotes"]),
        (b"name: a\n---\nname: b\n", ["line 2", "not valid YAML"]),
        (b"name: \x00\n", ["not valid YAML"]),
        (b"name: !!python/object:os.system x\n", ["line 1", "not valid YAML"]),
        (b"name: *okand\n", ["not valid YAML"]),
        (b"? [a, b]\n: c\n", ["not valid YAML"]),
        (b"ledger: &a {files: *a}\n", ["lies within itself"]),
        ("name: Örebro\n".encode("cp1252"), ["not written in UTF-8", "Save it as UTF-8"]),
    ],
)
def test_what_is_no_organisation_file_is_refused_in_plain_words(text: bytes, words: list[str], tmp_path: Path) -> None:
    said = refused(write(tmp_path, text))
    assert said.startswith("prov.yml")
    assert [word for word in words if word not in said] == []


def test_a_byte_order_mark_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    text = "\ufeff" + LEAST.replace("\n", "\r\n")
    assert load_params(write(tmp_path, text)).name == "Prov"


def test_codes_with_a_leading_nought_and_bare_numbers_stay_as_written(tmp_path: Path) -> None:
    text = f"{LEAST}organisation_number: 2120001942\nreports: {{category_analysis: {{categories: [05, 06.10, 011]}}}}\n"
    params = load_params(write(tmp_path, text))
    assert params.organisation_number == "2120001942"
    assert params.reports.category_analysis.categories == ("05", "06.10", "011")


@pytest.mark.parametrize("name", ["Örebro.yml", "Prov.yml", "a_b.yml", "-a.yml", "a--b.yml", "a b.yml", "a\n.yml"])
def test_a_file_name_that_cannot_be_a_short_name_is_refused(name: str, tmp_path: Path) -> None:
    said = refused(write(tmp_path, name=name))
    assert "short name" in said
    assert "Rename the file" in said


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "mapp.yml").mkdir()
    assert "mapp.yml: the file cannot be opened" in refused(tmp_path / "mapp.yml")
    assert "There is no organisation file 'saknas.yml'" in refused(tmp_path / "saknas.yml")


# Finding the file


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "params" / "organisations"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    return folder


def test_an_organisation_is_found_by_its_short_name(project: Path) -> None:
    write(project, name="region-nord.yml")
    write(project, name="orebro.yml")
    assert organisation_slugs() == ["orebro", "region-nord"]
    assert load_organisation_params("orebro").slug == "orebro"
    with pytest.raises(ParamsError, match=r"no organisation 'orbro'\. Did you mean 'orebro'.*init orbro"):
        load_organisation_params("orbro")


@pytest.mark.parametrize("slug", ["../utanfor", "/utanfor", "mapp/utanfor", ""])
def test_a_short_name_never_leads_to_a_file_elsewhere(slug: str, project: Path) -> None:
    write(project.parent, name="utanfor.yml")
    (project / "mapp").mkdir()
    write(project / "mapp", name="utanfor.yml")
    write(project, name="orebro.yml")
    with pytest.raises(ParamsError):
        load_organisation_params(slug)


def test_the_folder_of_organisations_can_be_set(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write(other, name="annan.yml")
    monkeypatch.setenv("PROCANALYSIS_PARAMS", str(other))
    assert organisation_slugs() == ["annan"]


def test_the_project_is_found_from_a_folder_within_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCANALYSIS_ROOT")
    monkeypatch.chdir(project)
    assert project_root() == project.parents[1].resolve()


# Paths


def resolved(folder: Path, *files: str) -> list[str]:
    listed = ", ".join(f"'{name}'" for name in files)
    params = load_params(write(folder, LEAST.replace("[ledger.csv]", f"[{listed}]")))
    return [path.relative_to(folder.resolve()).as_posix() for path in params.ledger_paths()]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("a-1.csv", "a-2.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv", "[2025].csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "mapp.csv").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("given_names", "expected"),
    [
        (["b.csv"], ["b.csv"]),
        (["sub/../b.csv"], ["b.csv"]),
        (["a-*.csv"], ["a-1.csv", "a-2.csv"]),
        (["a-?.csv"], ["a-1.csv", "a-2.csv"]),
        (["a-[2-9].csv"], ["a-2.csv"]),
        (["*/c.csv"], ["sub/c.csv"]),
        (["**/d.csv"], ["sub/deep/d.csv"]),
        (["m*.csv", "b.csv"], []),
        (["[2025].csv"], ["[2025].csv"]),
        (["b.csv", "a-*.csv", "b.csv", "a-1.csv"], ["b.csv", "a-1.csv", "a-2.csv"]),
    ],
)
def test_paths_are_relative_to_the_file_and_may_have_stars(
    given_names: list[str], expected: list[str], files: Path
) -> None:
    if expected:
        assert resolved(files, *given_names) == expected
    else:
        with pytest.raises(InputError, match=r"prov\.yml: ledger\.files: no file matches 'm\*\.csv'"):
            resolved(files, *given_names)


@pytest.mark.parametrize("name", ["saknas.csv", "mapp.csv", "sub"])
def test_a_file_that_is_not_there_is_named_with_its_key(name: str, files: Path) -> None:
    with pytest.raises(InputError, match=rf"prov\.yml: ledger\.files: there is no file '{name}'.*delivered"):
        resolved(files, name)
    params = load_params(files / "prov.yml")
    with pytest.raises(InputError, match=r"mapping\.rules: there is no file 'rules\.csv'"):
        params.rule_paths()
    with pytest.raises(InputError, match=r"mapping\.taxonomy: there is no file"):
        params.taxonomy_path()


@pytest.mark.parametrize("written", ["${LEDGER_FOLDER}/b.csv", "$LEDGER_FOLDER/b.csv", "${LEDGER_FOLDER}/[b].csv"])
def test_an_environment_variable_is_filled_in(written: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_FOLDER", str(files))
    assert resolved(files, written) == ["b.csv"]


def test_an_environment_variable_that_is_not_set_or_empty_is_named(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for prepare in (
        lambda: monkeypatch.delenv("LEDGER_FOLDER", False),
        lambda: monkeypatch.setenv("LEDGER_FOLDER", ""),
    ):
        prepare()
        with pytest.raises(ParamsError, match=r"prov\.yml: ledger\.files: .*variable LEDGER_FOLDER is not set"):
            resolved(files, "${LEDGER_FOLDER}/b.csv")


@pytest.mark.parametrize("part", ["contracts", "follow_ups", "procurements"])
def test_the_files_of_a_register_are_found_and_named_when_they_are_missing(part: str, files: Path) -> None:
    paths = {"contracts": "contract_paths", "follow_ups": "follow_up_paths", "procurements": "procurement_paths"}
    assert getattr(load_params(write(files)), paths[part])() == []
    params = load_params(write(files, f"{LEAST}{part}: {{files: ['a-*.csv', b.csv]}}\n"))
    assert [path.name for path in getattr(params, paths[part])()] == ["a-1.csv", "a-2.csv", "b.csv"]
    params = load_params(write(files, f"{LEAST}{part}: {{files: [saknas.csv]}}\n"))
    with pytest.raises(InputError, match=rf"prov\.yml: {part}\.files: there is no file 'saknas\.csv'"):
        getattr(params, paths[part])()


def test_the_file_of_supplier_groups(files: Path) -> None:
    text = LEAST + "contracts: {files: [b.csv], supplier_groups: %s}\n"
    found = load_params(write(files, text % "a-1.csv")).supplier_groups_path()
    assert found is not None
    assert found.name == "a-1.csv"
    assert load_params(write(files, text % '""')).supplier_groups_path() is None
    with pytest.raises(InputError, match=r"contracts\.supplier_groups: there is no file"):
        load_params(write(files, text % "borta.csv")).supplier_groups_path()


# Periods


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2025", "2025-01-01", "2025-12-31", "2024"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01"),
        ("2025-01", "2025-01-01", "2025-01-31", "2024-12"),
        ("2025-Q1", "2025-01-01", "2025-03-31", "2024-Q4"),
        ("2025-Q4", "2025-10-01", "2025-12-31", "2025-Q3"),
        ("2020-04--2021-03", "2020-04-01", "2021-03-31", "2019-04--2020-03"),
        ("2025-01--2025-12", "2025-01-01", "2025-12-31", "2024"),
        ("2025-01--2025-06", "2025-01-01", "2025-06-30", "2024-07--2024-12"),
        ("2025-03--2025-03", "2025-03-01", "2025-03-31", "2025-02"),
    ],
)
def test_a_period_is_whole_days_and_has_one_as_long_before_it(text: str, first: str, last: str, before: str) -> None:
    period = parse_period(text)
    assert (period.label, str(period.starts_on), str(period.ends_on)) == (text, first, last)
    assert period.before() == Period(before, *_days(before))


def _days(text: str) -> tuple[Any, Any]:
    period = parse_period(text)
    return period.starts_on, period.ends_on


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25",
        "20255",
        "2025-0",
        "2025-00",
        "2025-13",
        "2025-1",
        "2025-Q0",
        "2025-Q5",
        "2025-q1",
        "2025Q1",
        "2025-01-01",
        "2025-02--2025-01",
        "2025--2026",
        "2025-01--",
        "0000",
        "0001-01",
        "9999",
        "٢٠٢٥",
        " 2025",
        "2025\n",
        "nästa år",
    ],
)
def test_what_is_no_period_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(ParamsError) as refused_period:
        parse_period(text)
    assert f"'{text}' is not a period" in str(refused_period.value)
    assert "2025-Q1" in str(refused_period.value)


years = st.integers(1900, 2099)
months = st.builds(lambda year, month: f"{year}-{month:02d}", years, st.integers(1, 12))
periods = st.one_of(
    years.map(str),
    months,
    st.builds(lambda year, quarter: f"{year}-Q{quarter}", years, st.integers(1, 4)),
    st.tuples(months, months).map(lambda pair: "--".join(sorted(pair))),
)


@given(periods)
@example("1900")
@example("1900-01--2099-12")
def test_the_period_before_ends_the_day_before_and_has_as_many_months(text: str) -> None:
    period = parse_period(text)
    before = period.before()
    assert before.ends_on == period.starts_on - timedelta(days=1)
    assert before.months == period.months
    assert before.starts_on.day == period.starts_on.day == 1
    assert (period.ends_on + timedelta(days=1)).day == 1
    if before.starts_on.year >= 1900:
        assert parse_period(before.label) == before


@given(st.text("0129-Qq ", max_size=16))
def test_any_text_is_a_period_or_is_refused(text: str) -> None:
    with contextlib.suppress(ParamsError):
        assert parse_period(text).label == text


# What is shipped


def keys_of(content: Any, above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if not isinstance(content, dict):
        return set()
    return {(*above, key) for key in content} | {
        found for key, value in content.items() for found in keys_of(value, (*above, key))
    }


def keys_of_model(model: Any = OrganisationParams, above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, field in model.model_fields.items():
        if above or name not in ("slug", "path"):
            found.add((*above, name))
            of_union = get_args(field.annotation) if isinstance(field.annotation, UnionType) else ()
            for part in (field.annotation, *of_union):  # also the part of `Part | None`
                if hasattr(part, "model_fields"):
                    found |= keys_of_model(part, (*above, name))
    return found


def opened_template() -> dict[str, Any]:
    """The template with every key that is commented out taken in."""
    text = TEMPLATE.read_text(encoding="utf-8").replace("columns: {}", "columns:", 1)
    content = yaml.safe_load(re.sub(r"^( *)# ( *[a-z_0-9]+:.*)$", r"\1\2", text, flags=re.MULTILINE))
    assert isinstance(content, dict)
    return content


def test_init_writes_a_file_that_is_valid_as_it_is(project: Path) -> None:
    done = CliRunner().invoke(app, ["init", "min-kommun"])
    assert done.exit_code == 0, done.output
    params = load_organisation_params("min-kommun")
    assert params.ledger.files == ("../../data/min-kommun/*.csv",)
    assert "SLUG" not in (project / "min-kommun.yml").read_text(encoding="utf-8")


def test_the_template_shows_every_key_also_those_that_are_commented_out() -> None:
    shown = keys_of(opened_template())
    columns = {keys for keys in shown if keys[:2] == ("ledger", "columns") and len(keys) == 3}
    assert {keys[2] for keys in columns} <= set(READABLE_COLUMNS)
    classes = {("reports", "supplier_follow_up", "months_between", letter) for letter in "ABCD"}
    left_out = {("style", "logo")}
    assert keys_of_model() - (shown - columns) - left_out == set()
    assert shown - columns - classes - keys_of_model() == set()


def test_the_template_with_everything_in_it_is_valid(tmp_path: Path) -> None:
    content = opened_template() | {"style": {}}
    params = load_params(write(tmp_path, yaml.safe_dump(content, allow_unicode=True)))
    assert params.contracts is not None
    assert params.contracts.supplier_groups == "groups.csv"
    assert params.reports.supplier_follow_up.months_between == {"A": 4, "B": 12, "C": 24, "D": 24}
    assert params.reports.procurement_plan.coordinated.at_least == 2


def test_what_the_template_shows_of_the_contract_reports_is_what_holds_without_it(tmp_path: Path) -> None:
    shown = load_params(write(tmp_path, yaml.safe_dump(opened_template() | {"style": {}}))).reports
    held = load_params(write(tmp_path)).reports
    decided = {
        "target_pct",
        "yearly_goal",
        "lead_time_days",
        "on_time_goal_pct",
        "e_commerce_target_pct",
    }  # nothing holds when they are left out
    for part in ("loyalty", "direct_award", "supplier_follow_up", "procurement_plan", "savings", "articles"):
        assert getattr(shown, part).model_dump(exclude=decided) == getattr(held, part).model_dump(exclude=decided)


def test_the_template_lists_every_column_that_can_be_named() -> None:
    parts = TEMPLATE.read_text(encoding="utf-8").split("# Ours: ")[1:]
    ends = ("columns:", "contracts:", "follow_ups:", "procurements:")
    ends += ("awards:", "bids:", "prices:", "shares:", "purchases:")
    ends += ("orders:", "price_lists:", "price_indexes:", "article_tags:", "emission_factors:")
    known = (READABLE_COLUMNS, CONTRACT_COLUMNS, FOLLOW_UP_COLUMNS, PROCUREMENT_COLUMNS)
    known += (AWARD_COLUMNS, BID_COLUMNS, PRICE_COLUMNS, SHARE_COLUMNS, PURCHASE_COLUMNS)
    known += (ORDER_COLUMNS, PRICE_LIST_COLUMNS, PRICE_INDEX_COLUMNS, ARTICLE_TAG_COLUMNS, EMISSION_FACTOR_COLUMNS)
    for part, end, columns in zip(parts, ends, known, strict=True):
        assert sorted(part.split(end)[0].replace("#", " ").split()) == sorted(columns)


def test_the_fictional_and_the_real_organisation_load(monkeypatch: pytest.MonkeyPatch) -> None:
    fictional = load_params(ROOT / "params" / "organisations" / "exempel.yml")
    assert fictional.fictional
    assert fictional.taxonomy_path().is_file()
    assert all(path.is_file() for path in fictional.rule_paths())
    real = load_params(ROOT / "tests" / "cases" / "ledgers" / "orebro" / "orebro.yml")
    assert not real.fictional
    assert (real.ledger.control_total.rows, str(real.ledger.control_total.amount)) == (68_021, "450187283.39")
    assert real.taxonomy_path() == fictional.taxonomy_path()
    monkeypatch.delenv("PROCANALYSIS_TEST_DATA", raising=False)
    with pytest.raises(ParamsError, match="PROCANALYSIS_TEST_DATA is not set"):
        real.ledger_paths()


REGISTER_PAGES = "".join(
    (ROOT / "docs" / f"own-{page}.md").read_text(encoding="utf-8") for page in ("contracts", "orders", "invoices")
)


@pytest.mark.parametrize("shown", re.findall(r"^```yaml\n(.*?)^```", REGISTER_PAGES, flags=re.MULTILINE | re.DOTALL))
def test_every_example_of_a_register_in_the_documentation_is_valid(shown: str, tmp_path: Path) -> None:
    assert load_params(write(tmp_path, f"{LEAST}{shown}")).slug == "prov"


def test_the_documentation_tells_of_every_column_of_the_registers() -> None:
    articles = (ORDER_COLUMNS, PRICE_LIST_COLUMNS, PRICE_INDEX_COLUMNS)
    for columns in (CONTRACT_COLUMNS, FOLLOW_UP_COLUMNS, PROCUREMENT_COLUMNS, *articles):
        assert [name for name in columns if f"`{name}`" not in REGISTER_PAGES] == []


# The words of every message


@given(st.lists(st.text(min_size=1, max_size=5), max_size=12), st.integers(1, 6))
def test_examples_show_no_more_than_the_limit_and_say_how_many_there_are(values: list[str], limit: int) -> None:
    said = examples(values, limit)
    assert said.startswith(", ".join(values[:limit]))
    assert (f"({len(values)} in all)" in said) == (len(values) > limit)


@given(st.text(max_size=8), st.sets(st.text(min_size=1, max_size=8), max_size=6))
def test_a_word_is_answered_with_a_valid_one_or_with_them_all(word: str, valid: set[str]) -> None:
    said = did_you_mean(word, valid)
    if said.startswith("Did you mean"):
        assert said.removeprefix("Did you mean '").removesuffix("'?") in valid
    else:
        assert said == f"Valid: {', '.join(sorted(valid))}."


@pytest.mark.parametrize("path", sorted((ROOT / "params").rglob("*.yml")), ids=lambda path: path.stem)
def test_the_fast_loader_reads_the_same_keys_lines_and_values(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not yaml_file._is_deep(text)
    assert yaml_file._loaded(yaml_file._FastLoader(text)) == yaml_file._loaded(yaml_file._Loader(text))


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 50_000, "- " * 50_000 + "a", "a: " + "{b: " * 50_000, "? " * 50_000 + "a", "a: \ud800"]
)
def test_what_would_end_the_process_is_told_as_a_mistake(text: str) -> None:
    with pytest.raises(ParamsError, match=r"x\.yml"):
        yaml_file.parse_yaml(text, "x.yml")
