"""Everything planted in the fictional ledger is found again, to the row and the öre, and nothing else."""

from __future__ import annotations

import html
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import pandas as pd
import pytest

import procanalysis as proc
from procanalysis.report.cleaning import clean_text

YEARS = ("2023", "2024", "2025")
Truths = dict[str, Any]


@pytest.fixture(scope="module")
def truths(example_project: Any) -> Truths:
    content: Truths = example_project.truths
    return content


@pytest.fixture(scope="module")
def organisations(session_environment: None) -> dict[str, Any]:
    return {year: proc.open_organisation("exempel", year) for year in YEARS}


@pytest.fixture(scope="module")
def frames(organisations: dict[str, Any]) -> dict[str, pd.DataFrame]:
    return {year: organisation.lines.df() for year, organisation in organisations.items()}


def each_year(truths: Truths) -> Iterator[tuple[str, Truths]]:
    yield from truths["years"].items()


def sums(frame: pd.DataFrame, key: str) -> dict[str, dict[str, int]]:
    """Sum rows and öre per value of a column."""
    grouped = frame.groupby(key, dropna=False)["amount_ore"].agg(["size", "sum"])
    return {str(value): {"rows": int(row["size"]), "amount_ore": int(row["sum"])} for value, row in grouped.iterrows()}


def without_suppliers(planted: dict[str, Truths]) -> dict[str, Truths]:
    return {key: {"rows": entry["rows"], "amount_ore": entry["amount_ore"]} for key, entry in planted.items()}


# What was read


def test_every_file_is_read_to_the_row_and_the_öre(organisations: dict[str, Any], truths: Truths) -> None:
    files = organisations["2025"].files.set_index("name")
    assert len(files) == 4
    copy, original = truths["repeated_delivery"]["file"], truths["repeated_delivery"]["identical_to"]
    for planted in truths["files"]:
        name = planted["file"]
        if name == original and files.loc[name, "rows_accepted"] == 0:
            name = copy
        read = files.loc[name]
        assert read["rows_read"] == planted["rows_in_file"]
        assert read["rows_accepted"] == planted["accepted_rows"]
        assert read["rows_rejected"] == planted["rejected_rows"]
        assert read["amount_accepted_ore"] == planted["accepted_ore"]
        assert read["sha256"] == planted["sha256"]
    control = organisations["2025"].facts["control"]
    assert control["rows_accepted"] == truths["all_years"]["rows"]
    assert control["amount_accepted_ore"] == truths["all_years"]["amount_ore"]
    assert control["rows_read"] == control["rows_accepted"] + control["rows_rejected"]
    assert control["amount_read_ore"] == control["amount_accepted_ore"] + control["amount_rejected_ore"]


def test_every_broken_row_is_rejected_for_its_reason(organisations: dict[str, Any], truths: Truths) -> None:
    rejected = organisations["2025"].rejected
    own = rejected[rejected["reason"] != "repeated_delivery"]
    found = {(row["file"], row["row_number"], row["reason"]) for row in own.to_dict("records")}
    planted = {(row["file"], row["row_number"], row["reason"]) for row in truths["rejected_rows"]}
    assert found == planted and len(own) == len(planted)
    amounts = own.set_index(["file", "row_number"])["amount_ore"]
    for row in truths["rejected_rows"]:
        amount = amounts.loc[(row["file"], row["row_number"])]
        assert (None if pd.isna(amount) else int(amount)) == row["amount_ore"], row


def test_the_repeated_delivery_is_rejected_whole(organisations: dict[str, Any], truths: Truths) -> None:
    rejected = organisations["2025"].rejected
    twice, planted = rejected[rejected["reason"] == "repeated_delivery"], truths["repeated_delivery"]
    assert twice["file"].nunique() == 1 and set(twice["file"]) <= {planted["file"], planted["identical_to"]}
    assert len(twice) == planted["rows_in_file"]
    assert int(twice["amount_ore"].sum()) == planted["amount_ore"]


def test_every_year_has_its_rows_öre_invoices_and_suppliers(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    for year, planted in each_year(truths):
        frame = frames[year]
        assert (len(frame), int(frame["amount_ore"].sum())) == (planted["rows"], planted["amount_ore"])
        assert frame["supplier_key"].nunique() == planted["suppliers"]
        assert frame["invoice_key"].nunique() == planted["invoices"]
        assert proc.suppliers.supplier_count(frame).value == planted["suppliers"]


# Suppliers


def test_supplier_types_and_number_statuses(
    organisations: dict[str, Any], frames: dict[str, pd.DataFrame], truths: Truths
) -> None:
    for year, planted in each_year(truths):
        frame = frames[year]
        assert sums(frame, "supplier_type") == without_suppliers(planted["supplier_types"])
        counted = frame.groupby("supplier_type")["supplier_key"].nunique().to_dict()
        assert counted == {kind: entry["suppliers"] for kind, entry in planted["supplier_types"].items()}
    register = organisations["2025"].register
    assert int(register["rows"].sum()) == truths["all_years"]["rows"]
    planted_rows: dict[str, int] = {}
    for _, planted in each_year(truths):
        for status, entry in planted["number_statuses"].items():
            planted_rows[status] = planted_rows.get(status, 0) + entry["rows"]
    assert register.groupby("number_status")["rows"].sum().to_dict() == planted_rows


def test_suppliers_written_with_several_names(organisations: dict[str, Any], frames: Any, truths: Truths) -> None:
    register = organisations["2025"].register
    names = register.groupby("supplier_key")["name_as_written"].nunique()
    several = set(names[names > 1].index)
    assert len(several) >= max(planted["suppliers_with_several_names"] for _, planted in each_year(truths)) > 0
    assert register.groupby("supplier_key")["supplier_name"].nunique().max() == 1, "one chosen name per supplier"
    listed = proc.suppliers.register_quality(register).several_names
    assert len(listed) == len(several)


# Measures


def test_the_tail(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    for year, planted in each_year(truths):
        tail = proc.suppliers.tail_share(frames[year])
        wanted = planted["supplier_tail"]
        assert (tail.numerator, tail.denominator) == (wanted["numerator"], wanted["denominator"])
        assert sum(excluded.rows for excluded in tail.excluded) == 0 or wanted["suppliers_at_or_below_zero"]


def test_small_invoices(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    for year, planted in each_year(truths):
        wanted = planted["small_invoices"]
        small = proc.invoices.small_invoice_share(frames[year], limit_ore=wanted["limit_ore"])
        assert (small.numerator, small.denominator) == (wanted["numerator"], wanted["denominator"])


def test_credit_notes(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    for year, planted in each_year(truths):
        wanted, frame = planted["credit_notes"], frames[year]
        negative = frame[frame["amount_ore"] < 0]
        assert (len(negative), int(negative["amount_ore"].sum())) == (wanted["rows"], wanted["amount_ore"])
        assert int((frame.groupby("invoice_key")["amount_ore"].sum() < 0).sum()) == wanted["invoices"]


def test_duplicates_are_kept_and_counted(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    for year, planted in each_year(truths):
        wanted = planted["duplicates"]
        found = proc.invoices.duplicate_postings(frames[year])
        assert (len(found), int(found["copies"].sum())) == (wanted["groups"], wanted["rows"])
        assert int(found["extra_ore"].sum()) == wanted["extra_ore"]
        assert set(found["row_number"]) == {min(rows) for rows in wanted["row_numbers"]}


@pytest.mark.parametrize(
    ("planted_name", "column"),
    [
        ("category_code", "category_code"), ("main_category_code", "main_category_code"), ("unit", "unit"),
        ("spend_class", "spend_class"), ("lou_covered", "lou_covered"), ("tier", "tier"),
    ],
)  # fmt: skip
def test_sums_per_dimension(frames: dict[str, pd.DataFrame], truths: Truths, planted_name: str, column: str) -> None:
    for year, planted in each_year(truths):
        assert sums(frames[year], column) == without_suppliers(planted[planted_name]), year


def test_sums_per_month_and_per_category_and_unit(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    for year, planted in each_year(truths):
        months = proc.spend.spend_by_month(frames[year])
        found = dict(zip(months["month"], months["amount_ore"], strict=True))
        assert found == {month: entry["amount_ore"] for month, entry in planted["month"].items()}
        cells = frames[year].groupby(["category_code", "unit"])["amount_ore"].sum()
        wanted = {
            (code, unit): ore for code, units in planted["category_by_unit_ore"].items() for unit, ore in units.items()
        }
        assert cells.to_dict() == wanted


def test_the_unmapped_account_is_named(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    for year, planted in each_year(truths):
        unmapped = proc.coverage.unmapped(frames[year])
        assert set(unmapped["account"]) == {truths["unmapped_account"]}
        assert int(unmapped["lines_count"].sum()) == planted["unmapped"]["rows"]
        assert int(unmapped["amount_ore"].sum()) == planted["unmapped"]["amount_ore"]
        mapped = frames[year][frames[year]["is_mapped"] == 1]
        assert (len(mapped), int(mapped["amount_ore"].sum())) == (
            planted["mapped"]["rows"], planted["mapped"]["amount_ore"],
        )  # fmt: skip


def test_every_miscoding_is_found_and_nothing_else(frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    assert truths["miscodings"]
    for year in YEARS:
        suspects = proc.coding.improbable_coding(frames[year])
        planted = {entry["row_number"]: entry for entry in truths["miscodings"] if str(entry["year"]) == year}
        assert set(suspects["row_number"]) == set(planted) and len(suspects) == len(planted)
        for row in suspects.to_dict("records"):
            wanted = planted[row["row_number"]]
            assert (row["account"], row["amount_ore"], row["unit"]) == (
                wanted["wrong_account"], wanted["amount_ore"], wanted["unit"],
            )  # fmt: skip
            assert row["category_code"] == wanted["wrong_category_code"]
            assert row["usual_code"] == wanted["right_category_code"][:2]
        at_stake = proc.coding.suspect_coding(frames[year])
        assert at_stake.value is not None
        assert at_stake.value * 100 == sum(abs(entry["amount_ore"]) for entry in planted.values())


def test_planted_rise_and_fall(organisations: dict[str, Any], truths: Truths) -> None:
    organisation = organisations["2025"]
    change = proc.spend.spend_change(organisation.lines, organisation.lines_before, "category").set_index(
        "category_code"
    )
    for planted in truths["planted_changes"].values():
        row = change.loc[planted["category_code"]]
        assert (row["amount_ore"], row["before_ore"]) == (planted["amount_ore"], planted["before_ore"])


# What is published


def published_texts(published: Any) -> Iterator[tuple[str, str]]:
    """Give every published file as text, workbooks unzipped."""
    files = [path for path in sorted(published.reports.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".ipynb", ".xlsx", ".json", ".csv"}
    for path in files:
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                for name in book.namelist():
                    yield f"{path.name}/{name}", html.unescape(book.read(name).decode("utf-8"))
        elif path.suffix in (".json", ".ipynb"):
            text = path.read_text("utf-8")
            # Decoded and encoded again, so that no escape hides a name.
            yield path.name, html.unescape(json.dumps(json.loads(text), ensure_ascii=False))
        else:
            yield path.name, html.unescape(path.read_text("utf-8"))


def test_no_sole_trader_is_named_or_numbered_anywhere(published: Any, truths: Truths) -> None:
    secrets = {trader["name"] for trader in truths["sole_traders_raw"]}
    for trader in truths["sole_traders_raw"]:
        secrets |= {form.strip() for form in trader["written"]} | {trader["number"]}
        secrets.add(f"{trader['number'][:6]}-{trader['number'][6:]}")
    assert len(secrets) > 20
    for name, text in published_texts(published):
        assert not [secret for secret in secrets if secret in text], name


def test_prepared_data_hold_no_sole_trader_either(organisations: dict[str, Any], truths: Truths) -> None:
    names = {trader["name"] for trader in truths["sole_traders_raw"]}
    numbers = {trader["number"] for trader in truths["sole_traders_raw"]}
    organisation = organisations["2025"]
    for frame in (organisation.all_lines.df(), organisation.register, organisation.rejected):
        for column in frame.columns:
            if not pd.api.types.is_numeric_dtype(frame[column]) and "_on" not in column:
                values = set(frame[column].dropna().astype(str))
                plain = {value.replace("-", "").replace(" ", "") for value in values}
                assert not values & names and not any(number in value for value in plain for number in numbers), column


def test_hostile_names_are_only_text(published: Any, frames: dict[str, pd.DataFrame], truths: Truths) -> None:
    hostile = set(truths["hostile_supplier_names"])
    bought = set(frames["2025"]["supplier_name"]) & {clean_text(name) for name in hostile} | (
        set(frames["2025"]["supplier_name"]) & hostile
    )
    assert bought, "no hostile name occurs in the period that is published"
    for path in published.reports.rglob("*.html"):
        text = path.read_text("utf-8")
        assert "<script" not in text.lower()
        for name in hostile:
            assert "<" not in name or name not in text, path.name
    book = openpyxl.load_workbook(published.reports / "exempel/2025/spend-overview.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}, "a formula or an error"
    written = {cell.value for cell in cells if cell.data_type == "s"}
    assert {clean_text(name) for name in bought} <= written
    assert not [cell for cell in cells if cell.hyperlink]


def test_every_file_says_that_it_is_fictional(published: Any) -> None:
    folder = published.reports / "exempel/2025"
    assert "Fiktiv" in (published.reports / "index.html").read_text("utf-8")
    for path in sorted(folder.glob("*.html")):
        assert "Fiktiva uppgifter" in path.read_text("utf-8")
        assert "Fiktiv" in path.with_suffix(".ipynb").read_text("utf-8")
        assert json.loads(path.with_suffix(".json").read_text("utf-8"))["fictional"] is True
        first = openpyxl.load_workbook(path.with_suffix(".xlsx"), read_only=True).worksheets[0]
        assert any("Fiktiva uppgifter" in str(cell) for row in first.iter_rows(values_only=True) for cell in row)


def test_published_figures_are_those_planted(published: Any, truths: Truths) -> None:
    folder, planted = published.reports / "exempel/2025", truths["years"]["2025"]

    def figures(name: str) -> dict[str, Any]:
        content = json.loads((folder / f"{name}.json").read_text("utf-8"))
        return {figure["id"]: figure for figure in content["figures"]}

    spend, quality = figures("spend-overview"), figures("data-quality")
    assert spend["total_spend"]["value"] == f"{planted['amount_ore'] / 100:.2f}"
    tail = planted["supplier_tail"]
    assert [spend["tail_share"][part] for part in ("numerator", "denominator")] == [
        f"{tail[part]}.00" for part in ("numerator", "denominator")
    ]
    accepted = quality["accepted_share"]
    assert accepted["numerator"] == f"{truths['all_years']['rows']}.00"
    for path in folder.glob("category-analysis-*.json"):
        code = path.stem.removeprefix("category-analysis-")
        wanted = planted["category_code"][code]["amount_ore"]
        assert figures(path.stem)["total_spend"]["value"] == f"{wanted / 100:.2f}"
    largest = sorted(path.stem[-5:] for path in folder.glob("category-analysis-*.json"))
    in_kronor = {
        code: entry["amount_ore"] for code, entry in planted["category_code"].items() if code[:2] not in ("90", "99")
    }
    assert largest == sorted(sorted(in_kronor, key=in_kronor.__getitem__, reverse=True)[:2])
