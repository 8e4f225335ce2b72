"""The fictional organisation: what its truths file says must be what a plain reading of its files finds."""

from __future__ import annotations

import csv
import datetime
import fnmatch
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from procanalysis.errors import ParamsError
from procanalysis.example import generate_example
from procanalysis.example.account_plan import ACCOUNTS, PROFILES, UNMAPPED_ACCOUNT
from procanalysis.example.organisation_numbers import (
    PREFIXES,
    check_digit,
    legal_numbers,
    personal_numbers,
    wrong_check_digit,
)
from procanalysis.schema import LOU_COVERED, REJECT_REASONS, RULES, SPEND_CLASSES, TIERS, names

ROOT = Path(__file__).parents[1]
SMALL = 6_000
YEARS = ("2023", "2024", "2025")
ENCODINGS = {"2023": "cp1252", "2024": "utf-8-sig", "2025": "utf-16"}
DELIMITERS = {"2023": ";", "2024": ";", "2025": ","}

Row = dict[str, Any]
Truths = dict[str, Any]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_example(tmp_path_factory.mktemp("small"), lines=SMALL).parent


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_example(tmp_path_factory.mktemp("full")).parent


@pytest.fixture(scope="module")
def middle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_example(tmp_path_factory.mktemp("middle"), lines=60_000, seed=11).parent


@pytest.fixture(scope="module", params=["small", "middle"])
def example(request: pytest.FixtureRequest) -> tuple[Truths, dict[str, list[Row]]]:
    directory: Path = request.getfixturevalue(request.param)
    truths = _truths(directory)
    return truths, {year: list(_accepted(directory, year, truths)) for year in YEARS}


def _truths(directory: Path) -> Truths:
    return json.loads((directory / "planted_truths.json").read_text(encoding="utf-8"))


def _file(directory: Path, year: str) -> Path:
    return directory / f"leverantorsreskontra-{year}.csv"


def _cells(directory: Path, year: str) -> list[list[str]]:
    with _file(directory, year).open(encoding=ENCODINGS[year], newline="") as handle:
        return list(csv.reader(handle, delimiter=DELIMITERS[year]))


def _accepted(directory: Path, year: str, truths: Truths) -> Iterator[Row]:
    """Read a file with nothing but the csv module, and leave out the rows that the truths call rejected."""
    rejected = {row["row_number"] for row in truths["rejected_rows"] if year in row["file"]}
    header, *records = _cells(directory, year)
    for number, cells in enumerate(records, start=2):
        if number not in rejected:
            row: Row = dict(zip(header, cells, strict=True))
            row["row_number"] = number
            row["ore"] = _ore(row["belopp"])
            row["plain_id"] = _plain_number(row["leverantor_id"])
            # The name parts those that have no number; a supplier with a number can have two names.
            row["supplier"] = row["plain_id"] or row["leverantor"]
            row["invoice"] = row["verifikationsnummer"]
            yield row


def _ore(written: str) -> int:
    text = written.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    sign = -1 if "-" in text else 1
    kronor, ore = text.strip("-").split(".")
    assert len(ore) == 2
    return sign * (int(kronor) * 100 + int(ore))


def _plain_number(written: str) -> str:
    text = written.replace(" ", "")
    if text.startswith("SE") and len(text) == 14:
        text = text[2:12]
    digits = text.replace("-", "")
    if not digits.isdigit():
        return written
    return digits[2:] if len(digits) == 12 and digits[:2] in ("16", "19") else digits


def _luhn_holds(number: str) -> bool:
    """Reckon Luhn from the right, in another way than the generator does."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _sums(rows: list[Row], key: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[key]] += row["ore"]
    return dict(sums)


# --- repeatable, and nothing stands in it that should not -----------------------------------------


def test_the_same_seed_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    again = generate_example(tmp_path / "again", lines=SMALL).parent
    for path in sorted(small.iterdir()):
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    other = generate_example(tmp_path / "other", lines=SMALL, seed=7).parent
    assert _file(small, "2025").read_bytes() != _file(other, "2025").read_bytes()


def test_too_few_lines_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="at least 5000"):
        generate_example(tmp_path, lines=100)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_and_the_smallest_size_work(tmp_path: Path, seed: int) -> None:
    truths = _truths(generate_example(tmp_path, lines=5_000, seed=seed).parent)
    assert truths["years"]["2025"]["miscoded"]["rows"] >= 1
    assert truths["years"]["2025"]["supplier_tail"]["suppliers_at_or_below_zero"] == 0


# --- files and dialects ---------------------------------------------------------------------------


def test_every_year_is_written_in_its_dialect(small: Path) -> None:
    cp1252, utf8, utf16 = (_file(small, year).read_bytes() for year in YEARS)
    assert b"\r\n" in cp1252 and b"\n" not in cp1252.replace(b"\r\n", b"")
    with pytest.raises(UnicodeDecodeError):
        cp1252.decode("utf-8")
    assert any("\u00a0" in cells[7] for cells in _cells(small, "2023") if len(cells) > 7)
    assert any(cells[7].endswith("-") for cells in _cells(small, "2023") if len(cells) > 7)
    assert utf8.startswith(b"\xef\xbb\xbf") and b"\r" not in utf8
    assert all("-" in cells[4] for cells in _cells(small, "2024")[1:] if cells[4].startswith("559"))
    assert all("," not in cells[7] and "." in cells[7] for cells in _cells(small, "2024")[1:])
    assert utf16.startswith(b"\xff\xfe")
    text = utf16.decode("utf-16")
    assert "\r" not in text and ',"' in text and all("," in row["belopp"] for row in _rows_2025(small))


def _rows_2025(directory: Path) -> list[Row]:
    return list(_accepted(directory, "2025", _truths(directory)))


def test_files_hold_the_rows_öre_and_bytes_that_the_truths_say(
    example: tuple[Truths, dict[str, list[Row]]], request: pytest.FixtureRequest
) -> None:
    truths, rows = example
    for entry in truths["files"]:
        mine = rows[str(entry["year"])]
        assert len(mine) == entry["accepted_rows"]
        assert sum(row["ore"] for row in mine) == entry["accepted_ore"]
        assert entry["accepted_rows"] + entry["rejected_rows"] == entry["rows_in_file"]
        assert {row["datum"][:4] for row in mine} == {str(entry["year"])}
    assert truths["all_years"]["rows"] == sum(map(len, rows.values()))
    assert truths["all_years"]["amount_ore"] == sum(row["ore"] for year in YEARS for row in rows[year])


def test_2024_is_delivered_twice(small: Path) -> None:
    truths = _truths(small)["repeated_delivery"]
    copy = (small / truths["file"]).read_bytes()
    assert copy == (small / truths["identical_to"]).read_bytes()
    assert hashlib.sha256(copy).hexdigest() == truths["sha256"]
    assert fnmatch.fnmatch(truths["file"], "leverantorsreskontra-*.csv")


def test_broken_rows_stand_where_the_truths_say_and_are_broken_so(small: Path) -> None:
    truths = _truths(small)
    cells = {year: _cells(small, year) for year in YEARS}
    rejected = truths["rejected_rows"]
    assert len(rejected) == 13
    assert {row["reason"] for row in rejected} <= set(REJECT_REASONS)
    for row in rejected:
        year = row["file"][-8:-4]
        found = cells[year][row["row_number"] - 1]
        header = cells[year][0]
        match row["reason"]:
            case "too_few_cells":
                assert len(found) < len(header)
            case "too_many_cells":
                assert len(found) > len(header)
            case "repeated_header":
                assert found == header
            case "totals_row":
                assert row["row_number"] == len(cells[year]) and "Summa" in found
                accepted = next(entry for entry in truths["files"] if entry["file"] == row["file"])
                assert _ore(found[7]) == row["amount_ore"] == accepted["accepted_ore"]
            case "date_unreadable":
                with pytest.raises(ValueError):
                    datetime.date.fromisoformat(found[8])
                assert _ore(found[7]) == row["amount_ore"]
            case "shifted":
                assert found[3] == "" and "," in found[8] and found[9].startswith("2025-")
            case _:
                assert found[header.index(row["column"])] == row["value"]


# --- the planted shares ---------------------------------------------------------------------------


def test_full_size_has_the_published_shares(full: Path) -> None:
    truths = _truths(full)
    assert 295_000 <= truths["all_years"]["rows"] <= 305_000
    assert 3_800 <= truths["all_years"]["suppliers"] <= 4_000
    year = truths["years"]["2025"]
    tail, small_invoices = year["supplier_tail"], year["small_invoices"]
    assert abs(tail["numerator"] * 100 / tail["denominator"] - 94) < 0.05
    assert abs(small_invoices["numerator"] * 100 / small_invoices["denominator"] - 79) < 0.01
    assert year["miscoded"]["rows"] >= 100
    rise, fall = truths["planted_changes"]["rise"], truths["planted_changes"]["fall"]
    assert rise["amount_ore"] > 1.35 * rise["before_ore"]
    assert fall["amount_ore"] < 0.7 * fall["before_ore"]


def test_tail_and_small_invoices_agree_with_a_plain_count(
    example: tuple[Truths, dict[str, list[Row]]],
) -> None:
    truths, rows = example
    for year in YEARS:
        told = truths["years"][year]
        suppliers = sorted(_sums(rows[year], "supplier").values(), reverse=True)
        assert min(suppliers) > 0 and len(suppliers) == told["suppliers"]
        total, reached, head = sum(suppliers), 0, 0
        for amount in suppliers:
            if reached * 5 >= total * 4:
                break
            reached, head = reached + amount, head + 1
        assert len(suppliers) - head == told["supplier_tail"]["numerator"]
        assert len(suppliers) == told["supplier_tail"]["denominator"]
        invoices = list(_sums(rows[year], "invoice").values())
        ordinary = [amount for amount in invoices if amount >= 0]
        assert len(invoices) == told["invoices"]
        assert len(ordinary) == told["small_invoices"]["denominator"]
        assert sum(amount < 1_000_000 for amount in ordinary) == told["small_invoices"]["numerator"]
        assert len(invoices) - len(ordinary) == told["credit_notes"]["invoices"]
        negative = [row["ore"] for row in rows[year] if row["ore"] < 0]
        assert (len(negative), sum(negative)) == (
            told["credit_notes"]["rows"],
            told["credit_notes"]["amount_ore"],
        )


def test_an_invoice_number_is_one_invoice_of_its_supplier(
    example: tuple[Truths, dict[str, list[Row]]],
) -> None:
    _, rows = example
    vouchers = defaultdict(set)
    for year in YEARS:
        for row in rows[year]:
            if row["fakturanummer"] not in ("", "-"):
                vouchers[row["supplier"], row["fakturanummer"]].add(row["invoice"])
    assert all(len(found) == 1 for found in vouchers.values())


def test_duplicates_are_equal_in_every_cell(example: tuple[Truths, dict[str, list[Row]]]) -> None:
    truths, rows = example
    for year in YEARS:
        count: Counter[tuple[str, ...]] = Counter(
            tuple(str(value) for key, value in row.items() if key != "row_number") for row in rows[year]
        )
        told = truths["years"][year]["duplicates"]
        assert told["groups"] == sum(number > 1 for number in count.values())
        assert told["rows"] == sum(number for number in count.values() if number > 1)
        assert told["extra_rows"] >= 1


# --- suppliers ------------------------------------------------------------------------------------


def test_supplier_numbers_are_made_up_and_of_the_type_told(
    example: tuple[Truths, dict[str, list[Row]]],
) -> None:
    truths, rows = example
    personal = {entry["number"] for entry in truths["sole_traders_raw"]}
    ranges = [(int(low), int(high)) for low, high in truths["number_ranges"].values()]
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows["2025"]:
        number = row["plain_id"]
        if not number:
            found["missing"].add(row["supplier"])
        elif number in personal:
            assert _luhn_holds(number) and number[4:6] in ("00", "60") and number[2] in "01"
            found["personal"].add(number)
        elif len(number) == 10 and number.isdigit():
            assert any(low <= int(number[:6]) <= high for low, high in ranges), number
            assert int(number[2]) >= 2
            found["valid" if _luhn_holds(number) else "checksum"].add(number)
        elif number[:2].isalpha() and number[2:].isdigit():
            found["foreign"].add(number)
        else:
            found["malformed"].add(number)
    told = truths["years"]["2025"]["number_statuses"]
    assert {status: len(numbers) for status, numbers in found.items()} == {
        status: entry["suppliers"] for status, entry in told.items()
    }


def test_sole_traders_are_listed_with_all_that_must_stay_hidden(
    example: tuple[Truths, dict[str, list[Row]]],
) -> None:
    truths, rows = example
    raw = {entry["number"]: entry for entry in truths["sole_traders_raw"]}
    mine = [row for row in rows["2025"] if row["plain_id"] in raw]
    told = truths["years"]["2025"]["supplier_types"]["sole_trader"]
    assert (len(mine), sum(row["ore"] for row in mine)) == (told["rows"], told["amount_ore"])
    assert len({row["plain_id"] for row in mine}) == told["suppliers"]
    for year in YEARS:
        for row in rows[year]:
            if row["plain_id"] in raw:
                assert row["leverantor"] == raw[row["plain_id"]]["name"]
                assert row["leverantor_id"].strip() in raw[row["plain_id"]]["written"]


def test_names_are_unique_and_hostile_ones_occur(example: tuple[Truths, dict[str, list[Row]]]) -> None:
    truths, rows = example
    numbers, spellings = defaultdict(set), defaultdict(set)
    for row in rows["2025"]:
        numbers[row["leverantor"].casefold()].add(row["supplier"])
        spellings[row["supplier"]].add(row["leverantor"])
    assert all(len(found) == 1 for found in numbers.values())
    assert truths["years"]["2025"]["suppliers_with_several_names"] == sum(
        len(found) > 1 for found in spellings.values()
    )
    seen = {row["leverantor"] for year in YEARS for row in rows[year]}
    assert set(truths["hostile_supplier_names"]) <= seen


def test_check_digits_of_known_numbers() -> None:
    # Printed numbers of a company, an authority and a municipality.
    assert check_digit("556016068") == "0"
    assert check_digit("202100544") == "8"
    assert check_digit("212000204") == "9"
    for kind in PREFIXES:
        made = legal_numbers(kind, 300)
        assert len(set(made)) == 300 and all(map(_luhn_holds, made))
        assert not any(_luhn_holds(wrong_check_digit(number)) for number in made)


def test_no_personal_number_on_a_real_day_can_be_asked_for() -> None:
    with pytest.raises(ValueError, match="no real person"):
        personal_numbers(3, "17", np.random.default_rng(1))
    made = personal_numbers(500, "00", np.random.default_rng(1))
    assert len(set(made)) == 500 and all(_luhn_holds(number) and number[4:6] == "00" for number in made)


# --- categories and rules -------------------------------------------------------------------------


def test_parts_add_up_to_the_whole(example: tuple[Truths, dict[str, list[Row]]]) -> None:
    truths, _ = example
    for year in YEARS:
        told = truths["years"][year]
        parts = "category_code main_category_code spend_class lou_covered tier unit month supplier_types"
        for part in (*parts.split(), "number_statuses"):
            assert sum(entry["rows"] for entry in told[part].values()) == told["rows"], part
            assert sum(entry["amount_ore"] for entry in told[part].values()) == told["amount_ore"], part
        assert told["mapped"]["rows"] + told["unmapped"]["rows"] == told["rows"]
        assert told["mapped"]["amount_ore"] + told["unmapped"]["amount_ore"] == told["amount_ore"]
        for code, units in told["category_by_unit_ore"].items():
            assert sum(units.values()) == told["category_code"][code]["amount_ore"]


def _rules() -> list[dict[str, str]]:
    with (ROOT / "params/mappings/exempel.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _holds(rule: dict[str, str], row: Row) -> bool:
    """Decide whether a rule holds for a row, read straight from the meaning of the rule file."""
    account, written = row["konto_nr"], rule["account"]
    if written.endswith("*") and not account.startswith(written[:-1]):
        return False
    if "-" in written and not written.split("-")[0] <= account <= written.split("-")[1]:
        return False
    if written and not written.endswith("*") and "-" not in written and account != written:
        return False
    supplier = rule["supplier"]
    if supplier and supplier.replace("-", "") != row["plain_id"] and supplier != row["leverantor"]:
        return False
    if rule["unit"] and rule["unit"] != row["forvaltning"]:
        return False
    if rule["text"] and not fnmatch.fnmatch(row["konto_text"].casefold(), rule["text"]):
        return False
    return (not rule["valid_from"] or rule["valid_from"] <= row["datum"]) and (
        not rule["valid_to"] or row["datum"] <= rule["valid_to"]
    )


def test_the_rules_reach_the_planted_categories(example: tuple[Truths, dict[str, list[Row]]]) -> None:
    truths, rows = example
    rules = _rules()
    decided: dict[tuple[str, ...], dict[str, str]] = {}
    fired = set()
    for year in YEARS:
        sums: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for row in rows[year]:
            ruled = row["supplier"] in ("5599999009", "2120998006")
            key = (row["konto_nr"], row["forvaltning"], year, row["supplier"] if ruled else "")
            if key not in decided:
                holding = [rule for rule in rules if _holds(rule, row)]
                best = min(list(TIERS).index(rule["tier"]) for rule in holding)
                first = [rule for rule in holding if rule["tier"] == list(TIERS)[best]]
                assert len(first) == 1, (key, [rule["rule_id"] for rule in first])
                decided[key] = first[0]
            rule = decided[key]
            fired.add(rule["rule_id"])
            for part in ("category_code", "spend_class", "lou_covered", "tier"):
                entry = sums[part][rule[part]]
                entry[0], entry[1] = entry[0] + 1, entry[1] + row["ore"]
        told = truths["years"][year]
        for part, found in sums.items():
            assert {value: entry[0] for value, entry in found.items()} == {
                value: entry["rows"] for value, entry in told[part].items()
            }
            assert {value: entry[1] for value, entry in found.items()} == {
                value: entry["amount_ore"] for value, entry in told[part].items()
            }
    if truths["lines_wanted"] > SMALL:
        assert fired == {rule["rule_id"] for rule in rules}, "every rule decides something in three years"


def test_rule_file_is_complete_and_within_the_tree() -> None:
    rules = _rules()
    assert list(rules[0]) == names(RULES)
    with (ROOT / "params/taxonomies/procanalysis.csv").open(encoding="utf-8", newline="") as handle:
        codes = {row["category_code"] for row in csv.DictReader(handle)}
    assert {rule["category_code"] for rule in rules} <= codes
    assert {account.category_code for account in ACCOUNTS} | set(PROFILES) <= codes
    assert len({rule["rule_id"] for rule in rules}) == len(rules)
    assert {rule["tier"] for rule in rules} == set(TIERS)
    assert {rule["spend_class"] for rule in rules} == set(SPEND_CLASSES)
    assert {rule["lou_covered"] for rule in rules} <= set(LOU_COVERED)
    for rule in rules:
        datetime.date.fromisoformat(rule["decided_on"])
        assert rule["author"] and len(rule["reason"]) > 20
    default = [rule for rule in rules if rule["tier"] == "default"]
    assert [rule["category_code"][:2] for rule in default] == ["99"]
    assert not any(UNMAPPED_ACCOUNT.code in rule["account"] for rule in rules)


def test_miscodings_stand_on_suppliers_that_otherwise_keep_to_one_category(
    example: tuple[Truths, dict[str, list[Row]]],
) -> None:
    truths, rows = example
    by_number = {row["row_number"]: row for row in rows["2025"]}
    category = {account.code: account.category_code for account in ACCOUNTS}
    wrong_rows = {entry["row_number"] for entry in truths["miscodings"]}
    assert len(wrong_rows) == len(truths["miscodings"]) == truths["years"]["2025"]["miscoded"]["rows"]
    others = defaultdict(list)
    for row in rows["2025"]:
        if row["row_number"] not in wrong_rows:
            others[row["supplier"]].append(category[row["konto_nr"]])
    for entry in truths["miscodings"]:
        row = by_number[entry["row_number"]]
        assert entry["year"] == 2025 and entry["supplier_type"] != "sole_trader"
        assert (row["konto_nr"], row["ore"]) == (entry["wrong_account"], entry["amount_ore"])
        assert category[row["konto_nr"]] == entry["wrong_category_code"] != entry["right_category_code"]
        beside = others[row["supplier"]]
        assert len(beside) >= 39 and set(beside) == {entry["right_category_code"]}


def test_the_organisation_file_points_at_what_is_generated(small: Path) -> None:
    path = ROOT / "params/organisations/exempel.yml"
    organisation = yaml.safe_load(path.read_text(encoding="utf-8"))
    truths = _truths(small)
    assert organisation["fictional"] is True
    assert organisation["name"] == truths["organisation"]
    assert organisation["organisation_number"].replace("-", "") == truths["organisation_number"]
    assert organisation["period"] == truths["period"]
    pattern = Path(organisation["ledger"]["files"][0]).name
    assert len(list(small.glob(pattern))) == 4
    for relative in (organisation["mapping"]["taxonomy"], *organisation["mapping"]["rules"]):
        assert (path.parent / relative).is_file()
