"""Assessment files and forms: every mistake is refused with its line or cell and the cure, and nothing is invented."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
import yaml

from procanalysis.assessment import open_assessment
from procanalysis.assessment.evidence import MEASURES, LedgerEvidence, evidence_frame
from procanalysis.assessment.form import form_layout, read_form, save_assessment, write_form
from procanalysis.cli import main
from procanalysis.errors import InputError, ParamsError
from procanalysis.measures import maturity, plan
from procanalysis.params.assessment import (
    IndicatorParams,
    assessment_identities,
    assessment_slugs,
    load_assessment_model,
    load_assessment_params,
)
from procanalysis.schema import KeyFigure

ROOT = Path(__file__).parents[1]
SHIPPED = sorted(path.stem for path in (ROOT / "params/assessments").glob("*.yml"))

GOOD: dict[str, Any] = {
    "organisation": "liten",
    "name": "Lilla kommunen",
    "fictional": True,
    "year": 2025,
    "model": "three-parts",
    "source": "Arbetsmöte",
    "may_be_compared": True,
    "dimensions": [
        {"dimension": "plan", "weight": 2, "finding": "=Ingen plan", "scores": [
            {"by": "Chef", "scored_on": date(2025, 3, 1), "now": 1, "wanted": 3},
            {"by": "Ekonom", "scored_on": date(2025, 3, 1), "now": 3, "wanted": 3},
        ]},
        {"dimension": "buy", "scores": [{"by": "Chef", "scored_on": date(2025, 3, 1)}]},
    ],
    "reported": [{"indicator": "small", "value": 79.5, "as_of": 2025, "source": "Brev"}],
    "causes": [{"cause": "Orsak", "challenges": ["Ett; två", "Tre"], "consequences": ["Följd"], "dimensions": ["buy"]}],
    "actions": [
        {"id": "first", "what": "Först", "start": "2025-Q1", "dimensions": ["plan"], "indicators": ["small"]},
        {"id": "then", "what": "Sedan", "start": "2025-Q1", "end": "2025-Q2", "depends_on": ["first"],
         "effort_days": 2.5, "role": "Chef", "done": "2025-Q3", "saving_sek": 1234.56, "saving_by": "Ekonom"},
        {"id": "always", "what": "Löpande", "when": "Löpande"},
    ],
    "phases": ["Analys", "Köp"],
    "roles": [{"role": "Chef", "phases": {"Analys": "Driver", "Köp": "Beslutar"}},
              {"role": "Köpare", "phases": {"Köp": "Driver"}}],
    "responsibilities": [{"role": "Chef", "answers_for": "Helheten"}],
    "conclusions": ["Mycket återstår"],
    "participants": [{"who": "Chef", "how": "Intervju", "when": "maj 2025"}, {"who": "Köpare", "how": "Workshop"}],
    "examined": ["Protokoll"],
    "expectations": [{"theme": "Pris", "words": ["=Billigare", "Sänk; priserna"], "mentions": 2},
                     {"theme": "Tid", "words": ["Snabbare"], "mentions": 5}],
    "procurement_kinds": [{"kind": "Direktupphandling", "performs": "Enheten"}],
    "controls": [{"risk": "Jäv", "control": "Utbildning", "result": "Ingen avvikelse"}],
    "decisions": [{"decision": "Besluta", "decided_by": "Nämnden", "until": "2025-Q2"}],
    "plan": {"most_actions": 2, "most_days": 12.5, "followed_up": "2025-Q3"},
    "not_examined": ["Kort"],
}  # fmt: skip

MODEL: dict[str, Any] = {
    "name": "Tre delar",
    "source": "Påhittad",
    "scale": {"lowest": 0, "names": ["Inget", "Något", "Mycket", "Allt"]},
    "indicators": {
        "small": {"name": "Små fakturor", "good": "lower", "thresholds": [80, 60, 40], "needs": "bok", "why": "Så"},
        "secret": {"name": "Okänt mått", "good": "higher", "thresholds": [1, 2, 3], "needs": "enkät", "why": "Så"},
    },
    "dimensions": [
        {"id": "plan", "name": "Plan", "question": "Finns plan?", "levels": list("abcd"), "evidence": ["secret"]},
        {"id": "buy", "name": "Köp", "question": "Hur köps?", "levels": list("abcd"), "evidence": ["small"]},
        {"id": "new", "name": "Nytt", "question": "Vad är nytt?", "levels": list("abcd")},
    ],
}  # fmt: skip

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write an assessment with something changed, in a project of its own with another model than the shipped one."""
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(tmp_path))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    folder = tmp_path / "params" / "assessments"
    (folder / "models").mkdir(parents=True)
    (tmp_path / "params" / "organisations").mkdir()

    def dump(path: Path, content: object) -> Path:
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return path

    dump(folder / "models" / "three-parts.yml", MODEL)

    def one(change: Callable[[dict[str, Any]], object] = lambda content: None, slug: str = "liten-2025") -> Path:
        content = copy.deepcopy(GOOD)
        change(content)
        return dump(folder / f"{slug}.yml", content)

    return one


def line_of(path: Path, words: str, nth: int = 1) -> int:
    found = [n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if words in line]
    return found[nth - 1]


@pytest.mark.parametrize("slug", SHIPPED)
def test_every_shipped_assessment_is_valid(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(ROOT))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    params, model = load_assessment_params(slug)
    assert model.slug == "strategic-purchasing" and len(model.dimensions) == 11
    assert {each.dimension for each in params.dimensions} == {each.id for each in model.dimensions}
    assert all(len(each.levels) == 5 and all(each.levels) for each in model.dimensions)


@pytest.mark.parametrize("slug", sorted(path.stem for path in (ROOT / "params/assessments/models").glob("*.yml")))
def test_every_shipped_model_is_valid_and_each_dimension_has_evidence(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(ROOT))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    model = load_assessment_model(slug)
    assert all(len(each.levels) == len(model.scale.names) and each.evidence for each in model.dimensions)
    assert {name for each in model.dimensions for name in each.evidence} == set(model.indicators)


MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], object], str, str]] = {
    "score above the scale": (
        lambda c: c["dimensions"][0]["scores"][1].update(now=4),
        "now: 4", "4 is outside the scale. Give a level from 0 to 3"
    ),
    "score below the scale": (
        lambda c: c["dimensions"][0]["scores"][1].update(wanted=-1), "wanted: -1", "-1 is outside the scale"
    ),
    "score that is no level": (lambda c: c["dimensions"][0]["scores"][1].update(now=2.5), "now: 2.5", "whole number"),
    "unknown dimension": (
        lambda c: c["dimensions"][1].update(dimension="buyy"),
        "dimension: buyy", "Did you mean 'buy'"
    ),
    "dimension twice": (lambda c: c["dimensions"][1].update(dimension="plan"), "dimension: plan", "stands twice"),
    "assessor twice": (
        lambda c: c["dimensions"][0]["scores"][1].update(by="Chef"), "by: Chef", "'Chef' scores the dimension twice"
    ),
    "weight of zero": (lambda c: c["dimensions"][0].update(weight=0), "weight: 0", "greater than 0"),
    "unknown indicator": (
        lambda c: c["reported"][0].update(indicator="smal"),
        "indicator: smal", "unknown indicator 'smal'. Did you mean 'small'"
    ),
    "unknown indicator of an action": (
        lambda c: c["actions"][0].update(indicators=["smalll"]), "- smalll", "unknown indicator 'smalll'"
    ),
    "action that waits for itself": (
        lambda c: c["actions"][1].update(depends_on=["then"]), "depends_on:", "'then' depends on itself"
    ),
    "actions in a circle": (
        lambda c: c["actions"][0].update(depends_on=["then"]),
        "depends_on:", "wait for each other: first → then → first"
    ),
    "unknown action": (
        lambda c: c["actions"][1].update(depends_on=["frist"]),
        "- frist", "unknown action 'frist'. Did you mean 'first'"
    ),
    "action twice": (lambda c: c["actions"][2].update(id="first"), "id: first", "'first' stands twice"),
    "no quarter": (
        lambda c: c["actions"][0].update(start="2025-Q5"),
        "start: 2025-Q5", "'2025-Q5' is not a quarter. Write year and"
    ),
    "end before start": (lambda c: c["actions"][1].update(end="2024-Q4"), "- id: then", "before it starts 2025-Q1"),
    "neither quarter nor words": (lambda c: c["actions"][2].pop("when"), "- id: always", "'always' has no start"),
    "role without phase": (lambda c: c["roles"][1].update(phases={}), "role: Köpare", "role 'Köpare' has no phase"),
    "unknown phase": (
        lambda c: c["roles"][1]["phases"].update(Kop="Beslutar"),
        "Kop: Beslutar", "unknown phase 'Kop'. Did you mean 'Köp'"
    ),
    "two drivers": (
        lambda c: c["roles"][0]["phases"].update(Köp="Driver"), "Köp: Driver", "several drivers: Chef, Köpare. Keep one"
    ),
    "no driver": (
        lambda c: c["roles"][0]["phases"].update(Analys="Beslutar"), "- Analys", "the phase 'Analys' has no driver"
    ),
    "unknown part": (
        lambda c: c["roles"][0]["phases"].update(Köp="Beslutr"), "Köp: Beslutr", "Did you mean 'Beslutar'"
    ),
    "saving by nobody": (lambda c: c["actions"][1].pop("saving_by"), "- id: then", "needs both saving_sek"),
    "saving of nothing": (lambda c: c["actions"][1].pop("saving_sek"), "- id: then", "needs both saving_sek"),
    "saving below zero": (lambda c: c["actions"][1].update(saving_sek=-1), "saving_sek: -1", "greater than or equal"),
    "theme without words": (lambda c: c["expectations"][0].update(words=[]), "words: []", "must not be empty"),
    "fewer mentions than words": (
        lambda c: c["expectations"][0].update(mentions=1), "mentions: 1", "2 words but 1 mentions"
    ),
    "some themes counted": (
        lambda c: c["expectations"][1].pop("mentions"), "theme: Tid", "Count every theme, or none"
    ),
    "theme twice": (lambda c: c["expectations"][1].update(theme="Pris"), "theme: Pris", "'Pris' stands twice"),
    "participant without how": (lambda c: c["participants"][1].pop("how"), "- who: Köpare", "how"),
    "unknown key": (lambda c: c.update(namn="x"), "namn: x", "unknown key 'namn'. Did you mean 'name'"),
    "unknown model": (lambda c: c.update(model="tree-parts"), "model: tree-parts", "Did you mean 'three-parts'"),
    "nothing left out": (lambda c: c.update(not_examined=[]), "not_examined", "must not be empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_refused_with_file_line_and_cure(write: Write, name: str) -> None:
    change, words, cure = MISTAKES[name]
    path = write(change)
    with pytest.raises(ParamsError) as caught:
        load_assessment_params("liten-2025")
    message = str(caught.value)
    assert "liten-2025.yml" in message and cure in message
    nth = 2 if name in ("dimension twice", "assessor twice", "action twice", "two drivers", "theme twice") else 1
    nth = {"two drivers": 2, "actions in a circle": 1}.get(name, nth)
    expected = line_of(path, words, nth)
    if name in ("action that waits for itself", "actions in a circle"):
        assert f"line {expected}" in message
    else:
        assert f"line {expected}: " in message or f"line {expected}:" in message, message


def test_a_good_file_opens_and_a_model_by_file_has_its_own_scale(write: Write) -> None:
    write()
    opened = open_assessment("liten-2025")
    row = maturity.position(opened.scores).iloc[0]
    assert (row["now"], row["spread"], row["agreement"], row["gap"], row["weighted_gap"]) == (2, 2, "Oeniga", 1, 2)
    evidence = opened.evidence.set_index("indicator_id")
    assert evidence.loc["small", "level"] == 1, "0 is the lowest level: 79,5 reaches one threshold"
    assert evidence.loc["secret", "value"] is None and evidence.loc["secret", "missing"] == "Behöver enkät"
    assert plan.schedule(opened.actions)["scheduled_start"].tolist() == ["2025-Q1", "2025-Q1", None]


def test_expectations_and_savings_are_told_as_given_and_nothing_is_made_up(write: Write) -> None:
    write()
    opened = open_assessment("liten-2025")
    assert opened.expectations.to_numpy().tolist() == [
        ["Tid", 5, "Snabbare"],
        ["Pris", 2, "=Billigare · Sänk; priserna"],
    ]
    assert opened.mentions_are_counted
    assert opened.actions["saving_ore"].tolist() == [None, 1234_56, None], "what nobody has estimated is not zero"
    assert opened.participants["when"].tolist() == ["maj 2025", None]
    write(lambda c: [each.pop("mentions") for each in c["expectations"]])
    uncounted = open_assessment("liten-2025")
    assert uncounted.expectations["mentions_count"].tolist() == [2, 1] and not uncounted.mentions_are_counted
    gone = ("expectations", "participants", "examined", "conclusions", "controls", "procurement_kinds")
    write(lambda c: [c.pop(key) for key in gone])
    empty = open_assessment("liten-2025")
    assert empty.expectations.empty and empty.participants.empty and empty.controls.empty


def figure_of(value: Decimal | None, **more: Any) -> KeyFigure:
    because = "" if value is not None else "Organisationen har inget avtalsregister i underlaget"
    return KeyFigure(id="x", label="x", value=value, unit="%", method="x", unknown_because=because, **more)


def test_a_register_s_figure_holds_before_a_reported_one_and_an_unknown_one_says_why(write: Write) -> None:
    folder = write(lambda c: c["reported"].append(
        {"indicator": "secret", "value": 2, "as_of": 2025, "source": "Brev"})).parent  # fmt: skip
    content = copy.deepcopy(MODEL)
    content["indicators"]["secret"]["ledger"] = "supplier_loyalty"
    (folder / "models" / "three-parts.yml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    params, model = load_assessment_params("liten-2025")
    parts = {"numerator": Decimal(1), "denominator": Decimal(50), "part_unit": "st", "comparison": "mellan 2 och 3"}
    known = LedgerEvidence({"supplier_loyalty": figure_of(Decimal(3), **parts)})
    row = evidence_frame(params, model, known).set_index("indicator_id").loc["secret"]
    assert (row["value"], row["level"], row["source"]) == (3, 3, "Leverantörsreskontran och avtalsregistret")
    assert row["note"] == "1 av 50 st; mellan 2 och 3"
    unknown = LedgerEvidence({"supplier_loyalty": figure_of(None)})
    row = evidence_frame(params, model, unknown).set_index("indicator_id").loc["secret"]
    assert (row["value"], row["source"], row["note"]) == (2, "Brev, 2025", ""), "what is reported stands in for it"
    write()
    row = (
        evidence_frame(load_assessment_params("liten-2025")[0], model, unknown).set_index("indicator_id").loc["secret"]
    )
    assert row["value"] is None and row["missing"] == "Organisationen har inget avtalsregister i underlaget"


def test_every_measure_that_a_model_may_name_is_reckoned_and_the_other_way_round() -> None:
    named = set(get_args(IndicatorParams.model_fields["ledger"].annotation)) - {""}
    assert named == {name for measures in MEASURES.values() for name in measures}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m["dimensions"][0].update(levels=["a"]), "1 descriptions for 4 levels"),
        (lambda m: m["dimensions"][0].update(evidence=["smal"]), "unknown indicator 'smal'"),
        (lambda m: m["indicators"]["small"].update(thresholds=[40, 60, 80]), "thresholds must go that way"),
        (lambda m: m["indicators"]["small"].update(thresholds=[80, 60]), "2 thresholds for 4 levels"),
        (lambda m: m["indicators"]["small"].update(thresholds=[80, 20, 40]), "all rise or all fall"),
        (lambda m: m["indicators"]["small"].update(ledger="tail"), "must be one of"),
        (lambda m: m["dimensions"][1].update(id="plan"), "stands twice"),
    ],
)
def test_a_model_that_does_not_hang_together_is_refused(
    write: Write, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    folder = write().parent
    content = copy.deepcopy(MODEL)
    change(content)
    (folder / "models" / "three-parts.yml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with pytest.raises(ParamsError, match=words) as caught:
        load_assessment_model("three-parts")
    assert "three-parts.yml" in str(caught.value) and "line " in str(caught.value)


def test_movement_needs_an_earlier_assessment_of_the_same_organisation(write: Write) -> None:
    def earlier(content: dict[str, Any]) -> None:
        content["year"] = 2024
        content["dimensions"][0]["scores"][0]["now"] = 0
        content["dimensions"][0]["scores"][1]["now"] = 1

    write(earlier, "liten-2024")
    write(lambda c: c.update(earlier="liten-2024"))
    opened = open_assessment("liten-2025")
    moved = maturity.movement(maturity.position(opened.scores), opened.positions_before)
    assert float(moved.iloc[0]["change"]) == 1.5 and moved.iloc[0]["direction"] == "Framåt"
    assert open_assessment("liten-2024").positions_before is None
    write(lambda c: c.update(earlier="liten-2025"), "liten-2024")
    with pytest.raises(ParamsError, match="is not an earlier assessment of liten"):
        open_assessment("liten-2024")


def test_only_those_who_agree_are_compared(write: Write) -> None:
    write()
    write(lambda c: c.update(organisation="stor", name="Stora kommunen"), "stor-2025")
    write(lambda c: c.update(organisation="nej", name="Nejkommunen", may_be_compared=False), "nej-2025")
    assert set(open_assessment("liten-2025").compared_with()) == {"Lilla kommunen 2025", "Stora kommunen 2025"}
    assert open_assessment("nej-2025").compared_with() == {}
    with pytest.raises(ParamsError, match=r"nej-2025\.yml: the assessment cannot be compared"):
        open_assessment("liten-2025").compared_with(["nej-2025"])


def test_a_broken_file_still_tells_whose_it_is_as_far_as_it_can(write: Write) -> None:
    write(lambda c: c.update(actions="nonsense"))
    (write(slug="trasig").parent / "trasig.yml").write_text("a: [", "utf-8")
    found = {each.slug: each for each in assessment_identities()}
    assert (found["liten-2025"].organisation, found["liten-2025"].year) == ("liten", 2025)
    assert (found["trasig"].organisation, found["trasig"].year) == ("", 0)


# The form


def test_the_form_makes_a_round_trip_unchanged(write: Write, tmp_path: Path) -> None:
    write()
    before, model = load_assessment_params("liten-2025")
    form = tmp_path / "form.xlsx"
    write_form(form, model, before)
    after, _ = read_form(form)
    assert after == before
    write_form(tmp_path / "again.xlsx", model, after)
    assert (tmp_path / "again.xlsx").read_bytes() == form.read_bytes()
    save_assessment(after, replace=True)
    assert load_assessment_params("liten-2025")[0] == before


@pytest.mark.parametrize("slug", SHIPPED)
def test_the_form_of_every_shipped_assessment_makes_a_round_trip(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(ROOT))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    params, model = load_assessment_params(slug)
    write_form(tmp_path / "form.xlsx", model, params)
    assert read_form(tmp_path / "form.xlsx")[0] == params


def test_the_form_describes_every_level_and_no_cell_is_a_formula(write: Write, tmp_path: Path) -> None:
    write()
    params, model = load_assessment_params("liten-2025")
    write_form(tmp_path / "form.xlsx", model, params)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    sheets = [each.sheet for each in form_layout(model).dimensions]
    assert len(sheets) == len(model.dimensions) and set(sheets) < set(book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}, "no formula, though a finding begins with ="
    first = {str(row[0].value): row[1].value for row in book[sheets[0]].iter_rows(max_col=2)}
    assert [first[f"Nivå {n}: {name}"] for n, name in enumerate(model.scale.names)] == list(model.dimensions[0].levels)
    assert first["Iakttagelse"] == "=Ingen plan"


def change_cell(form: Path, sheet: str, label: str, value: object, column: int = 2) -> str:
    """Write a cell beside (or below, for a header) a label; return its address."""
    book = openpyxl.load_workbook(form)
    cell = next(c for row in book[sheet].iter_rows() for c in row if c.value == label)
    target = book[sheet].cell(cell.row, column) if column > cell.column else book[sheet].cell(cell.row + 1, cell.column)
    target.value = value
    book.save(form)
    return str(target.coordinate)


@pytest.mark.parametrize(
    ("sheet", "label", "value", "words"),
    [
        ("1 Plan", "I dag", 9, "9 is outside the scale"),
        ("1 Plan", "I dag", "tre", "'tre' is not a whole number"),
        ("1 Plan", "Datum", "i mars", "is not a date"),
        ("Åtgärder", "Börjar", "våren", "'våren' is not a quarter"),
        ("Åtgärder", "Väntar på", "first", "'first' depends on itself"),
        ("Rapporterade mått", "Mått", "smal", "unknown indicator 'smal'"),
        ("Åtgärder", "Besparing per år (kr, uppskattad)", "mycket", "'mycket' is not a number"),
        ("Förväntningar", "Antal gånger", 1, "2 words but 1 mentions"),
    ],
)
def test_a_mistake_in_the_form_is_refused_with_file_sheet_and_cell(
    write: Write, tmp_path: Path, sheet: str, label: str, value: object, words: str
) -> None:
    write()
    params, model = load_assessment_params("liten-2025")
    form = tmp_path / "form.xlsx"
    write_form(form, model, params)
    address = change_cell(form, sheet, label, value, column=0)
    with pytest.raises(InputError) as caught:
        read_form(form)
    assert "form.xlsx" in str(caught.value) and words in str(caught.value)
    assert f"sheet '{sheet}', cell {address}" in str(caught.value)


def test_a_wrong_fact_is_refused_with_its_cell(write: Write, tmp_path: Path) -> None:
    write()
    params, model = load_assessment_params("liten-2025")
    form = tmp_path / "form.xlsx"
    write_form(form, model, params)
    address = change_cell(form, "2 Köp", "Vikt", 0)
    with pytest.raises(InputError, match=f"sheet '2 Köp', cell {address}: .*greater than 0"):
        read_form(form)


def test_what_is_no_form_is_refused(write: Write, tmp_path: Path) -> None:
    write()
    with pytest.raises(InputError, match=r"There is no file 'none\.xlsx'"):
        read_form(tmp_path / "none.xlsx")
    (tmp_path / "text.xlsx").write_text("hello")
    with pytest.raises(InputError, match="not an Excel workbook"):
        read_form(tmp_path / "text.xlsx")
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    with pytest.raises(InputError, match="the sheet 'Uppgifter' is missing"):
        read_form(tmp_path / "empty.xlsx")
    params, model = load_assessment_params("liten-2025")
    write_form(tmp_path / "form.xlsx", model, params)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    book["Åtgärder"]["C1"] = "Vadå"
    book.save(tmp_path / "form.xlsx")
    with pytest.raises(InputError, match="sheet 'Åtgärder', cell C1: the header 'Vad' is missing"):
        read_form(tmp_path / "form.xlsx")


def test_a_new_assessment_needs_no_yaml(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write()

    def command(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["procanalysis", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    form = tmp_path / "ny.xlsx"
    assert command("assessment", "form", "ny-2025", "--model", "three-parts", "--out", str(form)) == 0
    assert command("assessment", "read", str(form)) != 0, "an empty form says what is missing"
    facts = {"Organisationens kortnamn": "ny", "Organisationens namn": "Nya kommunen", "År": 2025, "Källa": "Möte"}
    for label, value in facts.items():
        change_cell(form, "Uppgifter", label, value)
    change_cell(form, "1 Plan", "Bedömare", "Chef", column=0)
    change_cell(form, "1 Plan", "Datum", "2025-05-01", column=0)
    change_cell(form, "1 Plan", "I dag", 2, column=0)
    change_cell(form, "Inte undersökt", "Vad som inte undersökts", "Kort", column=0)
    assert command("assessment", "read", str(form)) == 0
    assert "ny-2025" in assessment_slugs()
    opened = open_assessment("ny-2025")
    assert [each.dimension for each in opened.params.dimensions] == ["plan"]
    assert maturity.position(opened.scores)["now"].tolist() == [2]
    assert command("assessment", "read", str(form)) == 2, "a file that exists is not written over unasked"
    assert command("assessment", "form", "ny-2025", "--out", str(form)) == 2
    assert "Traceback" not in capsys.readouterr().err
