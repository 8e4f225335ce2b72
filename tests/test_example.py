"""The fictional organisation: what its truths file says must be what a plain reading of its files finds."""

from __future__ import annotations

import csv
import datetime
import fnmatch
import hashlib
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from procanalysis.errors import ParamsError
from procanalysis.example import contracts as example_contracts
from procanalysis.example import generate_example
from procanalysis.example.account_plan import ACCOUNTS, PROFILES, UNMAPPED_ACCOUNT
from procanalysis.example.contract_suppliers import ANNEX_2_CATEGORIES, LIMIT_ORE, NEAR_PCT
from procanalysis.example.follow_ups import FOLLOW_UP_HEADER, KINDS, MONTHS_BETWEEN
from procanalysis.example.organisation_numbers import (
    PREFIXES,
    check_digit,
    legal_numbers,
    personal_numbers,
    wrong_check_digit,
)
from procanalysis.example.procurements import PROCUREMENT_HEADER, STANDSTILL_AND_REVIEW_DAYS
from procanalysis.example.register_files import CATEGORY_WORDS, CONTRACT_HEADER, GROUP_HEADER
from procanalysis.example.register_truths import LEAST_HISTORY
from procanalysis.params.organisation import load_params
from procanalysis.schema import LOU_COVERED, REJECT_REASONS, RULES, SPEND_CLASSES, TIERS, names

ROOT = Path(__file__).parents[1]
SMALL = 6_000
YEARS = ("2023", "2024", "2025")
ENCODINGS = {"2023": "cp1252", "2024": "utf-8-sig", "2025": "utf-16"}
DELIMITERS = {"2023": ";", "2024": ";", "2025": ","}

Row = dict[str, Any]
Truths = dict[str, Any]
Generated = Callable[..., Path]


@pytest.fixture(scope="module")
def small(generated: Generated) -> Path:
    return generated(SMALL)


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


def test_the_same_seed_gives_the_same_bytes(small: Path, tmp_path: Path, generated: Generated) -> None:
    again = generate_example(tmp_path, lines=SMALL).parent
    made = sorted(path.relative_to(small) for path in small.rglob("*") if path.is_file())
    assert len(made) == 75
    for path in made:
        assert (small / path).read_bytes() == (again / path).read_bytes(), path
    assert _file(small, "2025").read_bytes() != _file(generated(SMALL, seed=7), "2025").read_bytes()


def test_too_few_lines_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="at least 5000"):
        generate_example(tmp_path, lines=100)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_and_the_smallest_size_work(generated: Generated, seed: int) -> None:
    truths = _truths(generated(5_000, seed))
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


def _decided(
    rules: list[dict[str, str]], row: Row, year: str, known: dict[tuple[str, ...], dict[str, str]]
) -> dict[str, str]:
    """Find the one rule that decides a row; `known` remembers what was found."""
    ruled = row["supplier"] in ("5599999009", "2120998006")
    key = (row["konto_nr"], row["forvaltning"], year, row["supplier"] if ruled else "")
    if key not in known:
        holding = [rule for rule in rules if _holds(rule, row)]
        best = min(list(TIERS).index(rule["tier"]) for rule in holding)
        first = [rule for rule in holding if rule["tier"] == list(TIERS)[best]]
        assert len(first) == 1, (key, [rule["rule_id"] for rule in first])
        known[key] = first[0]
    return known[key]


def test_the_rules_reach_the_planted_categories(example: tuple[Truths, dict[str, list[Row]]]) -> None:
    truths, rows = example
    rules = _rules()
    decided: dict[tuple[str, ...], dict[str, str]] = {}
    fired = set()
    for year in YEARS:
        sums: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for row in rows[year]:
            rule = _decided(rules, row, year, decided)
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


# --- contracts, follow-ups and procurements -------------------------------------------------------

NO, UNKNOWN, YES = range(3)
FAR = datetime.date.max
HEADERS = {
    "contracts": ("cp1252", CONTRACT_HEADER),
    "groups": ("utf-8-sig", GROUP_HEADER),
    "follow_ups": ("utf-8", FOLLOW_UP_HEADER),
    "procurements": ("utf-8-sig", PROCUREMENT_HEADER),
}


def _table(directory: Path, name: str) -> list[dict[str, str]]:
    """Read a register with nothing but the csv module; row_number counts the header as row 1."""
    encoding, header = HEADERS[name]
    with (directory / _truths(directory)["contracts"]["files"][name]).open(encoding=encoding, newline="") as handle:
        first, *rows = csv.reader(handle, delimiter=";")
    assert tuple(first) == header
    return [dict(zip(first, row, strict=True)) | {"row_number": str(n)} for n, row in enumerate(rows, start=2)]


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _date(cell: str) -> datetime.date | None:
    return FAR if cell == "Tills vidare" else datetime.date.fromisoformat(cell) if cell else None


def _contracts(directory: Path) -> dict[str, Row]:
    """Put the accepted rows of the register together, one entry per contract."""
    rejected = {row["row_number"] for row in _truths(directory)["contracts"]["register"]["rejected_rows"]}
    groups: dict[str, set[str]] = defaultdict(set)
    for row in _table(directory, "groups"):
        groups[row["Koncern"]].add(_plain_number(row["Organisationsnummer"]))
    found: dict[str, Row] = {}
    for row in _table(directory, "contracts"):
        if int(row["row_number"]) in rejected:
            continue
        end, options = _date(row["Slutdatum"]), [int(months) for months in _parts(row["Optioner (månader)"])]
        if end not in (None, FAR):
            years = sum(options[: int(row["Utnyttjade optioner"] or 0)]) // 12
            end = end.replace(year=end.year + years)
        one = found.setdefault(
            row["Avtalsnummer"],
            {
                "members": set(),
                "start": _date(row["Startdatum"]),
                "end": end,
                "registered": _date(row["Registrerad"]),
                "categories": [CATEGORY_WORDS.get(word, word) for word in _parts(row["Kategori"])],
                "who": {name.lower() for name in _parts(row["Avropsberättigade"])},
            },
        )
        one["members"] |= {_plain_number(number) for number in _parts(row["Organisationsnummer"])}
    for one in found.values():
        sisters = {number for group in groups.values() if group & one["members"] for number in group}
        one["sisters"] = sisters - one["members"]
    return found


def _answers(one: Row, row: Row) -> tuple[list[int], int]:
    """Answer the four rungs for one contract and one row, and whether it was registered then."""
    day = datetime.date.fromisoformat(row["datum"])
    if (one["start"] and day < one["start"]) or (one["end"] and day > one["end"]):
        valid = NO
    else:
        valid = YES if one["start"] and one["end"] else UNKNOWN
    category = row["category_code"]
    right = [code in (category, category[:2]) for code in one["categories"]]
    takes_part = not one["who"] or bool(one["who"] & {row["forvaltning"].lower(), "region exempel"})
    answers = [
        YES if row["supplier"] in one["members"] else UNKNOWN,
        valid,
        (YES if any(right) else NO) if right else UNKNOWN,
        YES if takes_part else NO,
    ]
    then = UNKNOWN if one["registered"] is None else YES if one["registered"] <= day else NO
    return answers, min(answers[0], then)


def _leading(answers: list[int], least: int) -> int:
    return next((place for place, answer in enumerate(answers) if answer < least), len(answers))


def _has_number(supplier: str) -> bool:
    return (supplier.isdigit() and len(supplier) == 10 and _luhn_holds(supplier)) or (
        supplier[:2].isalpha() and supplier[:2].isupper() and supplier[2:].isdigit()
    )


def _base(directory: Path, rows: list[Row], year: str) -> list[Row]:
    """Keep what LOU covers, give each row its category and its rungs, and settle the credit notes."""
    rules, known = _rules(), {}
    by_supplier: dict[str, list[Row]] = defaultdict(list)
    for one in _contracts(directory).values():
        for number in one["members"] | one["sisters"]:
            by_supplier[number].append(one)
    base = []
    for row in rows:
        rule = _decided(rules, row, year, known)
        if rule["lou_covered"] != "ja" or rule["spend_class"] in ("investering", "ej inköp"):
            continue
        row = row | {"category_code": rule["category_code"], "left": 0, "settled": max(row["ore"], 0)}
        met = [_answers(one, row) for one in by_supplier[row["supplier"]]]
        for name, least in (("proven", YES), ("possible", UNKNOWN)):
            nobody_knows = 4 if name == "possible" and not met and not _has_number(row["supplier"]) else 0
            row[name] = max((_leading(answers, least) for answers, _ in met), default=nobody_knows)
            row[f"{name}_then"] = max(
                (_leading([then, *answers[1:]], least) for answers, then in met), default=nobody_knows
            )
        base.append(row)
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in base:
        groups[row["supplier"], row["category_code"], row["forvaltning"]].append(row)
    for group in groups.values():
        credit = -sum(row["ore"] for row in group if row["ore"] < 0)
        for row in sorted(group, key=lambda row: (row["datum"], row["row_number"]), reverse=True):
            taken = min(credit, row["settled"])
            row["settled"], credit = row["settled"] - taken, credit - taken
        group[0]["left"] = -credit
    return base


@pytest.fixture(scope="module", params=["small", "middle"])
def bought(request: pytest.FixtureRequest) -> tuple[Truths, list[Row]]:
    directory: Path = request.getfixturevalue(request.param)
    truths = _truths(directory)
    return truths["contracts"], _base(directory, list(_accepted(directory, "2025", truths)), "2025")


def test_the_ledger_is_the_same_with_and_without_registers(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("registers", "tender_statistics", "reported"):
        monkeypatch.setattr(f"procanalysis.example.write_{name}", lambda *_: {})
    alone = generate_example(tmp_path, lines=SMALL).parent
    assert len(list(alone.glob("*.csv"))) == 4 and len(list(small.glob("*.csv"))) == 23
    for path in alone.glob("*.csv"):
        assert path.read_bytes() == (small / path.name).read_bytes(), path.name
    told, without = _truths(small), _truths(alone)
    beside = {"contracts", "savings", "articles", "tenders", "reported"}
    assert beside <= told.keys()
    # With nothing written beside the ledger, what is told of it is empty.
    assert {name: truth for name, truth in told.items() if name not in beside} == {
        name: truth for name, truth in without.items() if truth
    }


def test_every_rung_agrees_with_a_plain_count(bought: tuple[Truths, list[Row]]) -> None:
    truths, base = bought
    told = truths["loyalty"]
    assert (len(base), sum(row["ore"] for row in base)) == (told["base"]["rows"], told["base"]["amount_ore"])
    for ladder, then in (("ladder", ""), ("ladder_then", "_then")):
        whole = sum(row["settled"] + row["left"] for row in base)
        assert whole == told[ladder]["denominator_ore"] == told["base"]["amount_ore"]
        assert sum(row["left"] for row in base) == told[ladder]["credits_left_ore"]
        for rung in range(1, 5):
            for name in ("proven", "possible"):
                found = sum(row["settled"] for row in base if row[f"{name}{then}"] >= rung)
                assert found == told[ladder]["rungs"][str(rung)][f"{name}_ore"], (ladder, rung, name)


def test_parts_of_the_ladder_and_late_registration_agree_with_a_plain_count(bought: tuple[Truths, list[Row]]) -> None:
    truths, base = bought
    told = truths["loyalty"]
    for part, key in (
        ("by_unit", lambda row: row["forvaltning"]),
        ("by_main_category", lambda row: row["category_code"][:2]),
    ):
        found: dict[str, int] = defaultdict(int)
        for row in base:
            found[key(row)] += row["settled"] if row["proven"] >= 2 else 0
        assert {name: entry["rung_2_proven_ore"] for name, entry in told[part].items()} == found
    late: dict[str, int] = defaultdict(int)
    for row in base:
        late[row["forvaltning"]] += row["settled"] if row["proven"] >= 2 > row["possible_then"] else 0
    assert {name: entry["late_ore"] for name, entry in told["late_registered_by_unit"].items()} == late
    assert sum(late.values()) == told["late_registered"]["late_ore"] > 0


def test_the_ladder_never_rises_and_proven_is_at_most_possible(small: Path, middle: Path, full: Path) -> None:
    for directory in (small, middle, full):
        loyalty = _truths(directory)["contracts"]["loyalty"]
        for name in ("ladder", "ladder_then", "ladder_with_investments"):
            rungs = [loyalty[name]["rungs"][str(rung)] for rung in range(1, 5)]
            for below, above in itertools.pairwise(rungs):
                assert all(below[kind] >= above[kind] for kind in below)
            assert all(0 <= rung["proven_ore"] <= rung["possible_ore"] for rung in rungs)
        for part in ("by_unit", "by_main_category", "by_category"):
            parts = loyalty[part].values()
            assert sum(entry["denominator_ore"] for entry in parts) == loyalty["base"]["amount_ore"]
            whole = loyalty["ladder"]["rungs"]["2"]["proven_ore"]
            assert sum(entry["rung_2_proven_ore"] for entry in parts) == whole


def test_every_case_is_planted(small: Path, full: Path) -> None:
    for directory, least in ((small, 1), (full, 10)):
        truths = _truths(directory)["contracts"]
        cases = truths["cases"]
        assert set(cases) == {*example_contracts.SHARES, "whole_period"}
        assert all(len(ids) >= least for ids in cases.values())
        assert len(truths["contracts"]) == truths["register"]["contracts"] == sum(map(len, cases.values()))
        for fault in ("no_start", "no_end", "no_category", "owner_gone", "not_archived", "registered_late", "overlap"):
            assert truths["faults"][fault], fault
        assert set(cases["ended_without_purchases"]) <= set(truths["faults"]["ended_without_purchases"])
    truths = _truths(full)["contracts"]
    assert 600 <= truths["register"]["contracts"] <= 700
    assert all(truths["left_without_contract"].values())
    ladder = truths["loyalty"]["ladder"]
    share = [100 * ladder["rungs"][str(rung)]["proven_ore"] / ladder["denominator_ore"] for rung in range(1, 5)]
    assert 78 <= share[1] <= 82 and share[0] - share[1] > 1 and share[1] - share[3] > 2


def test_contracts_are_what_their_case_says(small: Path, middle: Path) -> None:
    for directory in (small, middle):
        truths, read = _truths(directory)["contracts"], _contracts(directory)
        for entry in truths["contracts"]:
            one = read[entry["contract_id"]]
            assert one["members"] == set(entry["supplier_numbers"]) and one["categories"] == entry["category_codes"]
            assert entry["ends_on"] == (one["end"] and ("open" if one["end"] == FAR else one["end"].isoformat()))
            assert one["start"] is None or one["end"] is None or one["start"] <= one["end"], entry
            match entry["case"]:
                case "whole_period":
                    assert one["start"] <= datetime.date(2025, 1, 1) and one["end"] >= datetime.date(2025, 12, 31)
                    assert one["categories"] and one["who"] <= {"region exempel"} and one["registered"] < one["start"]
                case "ended_in_the_year" | "option_not_exercised":
                    assert one["end"].year == 2025
                case "began_in_the_year":
                    assert one["start"].year == 2025 and one["registered"] < one["start"]
                case "registered_late":
                    assert one["start"] < one["registered"] and one["registered"].year == 2025
                case "registered_by_unit":
                    assert entry["registered_by"] != example_contracts.DEPARTMENT
                case "several_suppliers":
                    assert len(one["members"]) > 1
                case "same_group_only":
                    assert one["sisters"]
                case "option_exercised":
                    assert one["end"].year == 2026 and entry["latest_ends_on"][:4] == "2027"


def test_broken_contracts_are_broken_and_have_no_other_contract(small: Path) -> None:
    register, rows = _truths(small)["contracts"]["register"], _table(small, "contracts")
    assert len(rows) == register["rows_in_file"] == register["accepted_rows"] + len(register["rejected_rows"])
    contracted = {number for one in _contracts(small).values() for number in one["members"] | one["sisters"]}
    for rejected in register["rejected_rows"]:
        row = rows[rejected["row_number"] - 2]
        assert row[rejected["column"]] == rejected["value"] and rejected["reason"] in REJECT_REASONS
        if rejected["reason"] == "date_unreadable":
            with pytest.raises(ValueError):
                _date(rejected["value"])
        else:
            assert row["Slutdatum"] < row["Startdatum"]
        assert _plain_number(row["Organisationsnummer"]) not in contracted


def test_suppliers_left_without_contract_pass_the_limit_when_told(middle: Path) -> None:
    truths = _truths(middle)
    told = truths["contracts"]
    contracted = {number for one in _contracts(middle).values() for number in one["members"] | one["sisters"]}
    base = [row for year in ("2024", "2025") for row in _base(middle, list(_accepted(middle, year, truths)), year)]
    judged = {one["supplier_number"]: one for one in told["direct_award"]["without_investments"]["suppliers"]}
    assert sum(map(len, told["left_without_contract"].values())) >= 5
    for case, suppliers in told["left_without_contract"].items():
        for supplier in suppliers:
            number = supplier["supplier_number"]
            rows = sorted((row for row in base if row["supplier"] == number), key=lambda row: row["datum"])
            before, year = (sum(row["ore"] for row in rows if row["datum"][:4] == name) for name in ("2024", "2025"))
            assert number not in contracted
            if case == "over_the_year_before_only":
                assert before > LIMIT_ORE > year
                continue
            assert judged[number]["year"]["amount_ore"] == year
            if case == "over_in_the_year":
                assert year > LIMIT_ORE
                assert judged[number]["year"]["crosses_on"] == _crossing([r for r in rows if r["datum"] >= "2025"])
            elif case == "over_in_a_rolling_year_only":
                assert year <= LIMIT_ORE < judged[number]["rolling"]["amount_ore"] and before <= LIMIT_ORE
            elif case == "near":
                assert LIMIT_ORE * NEAR_PCT <= 100 * year <= 100 * LIMIT_ORE
            else:
                assert year > LIMIT_ORE and judged[number]["year"]["standing"] == "open"
                assert {row["category_code"] for row in rows if row["datum"] >= "2025"} <= set(ANNEX_2_CATEGORIES)


def _crossing(rows: list[Row]) -> str:
    """Find the first day at whose end the year's sum is above the limit."""
    days = sorted({row["datum"] for row in rows})
    return next(day for day in days if sum(row["ore"] for row in rows if row["datum"] <= day) > LIMIT_ORE)


def test_follow_ups_and_procurements_agree_with_a_plain_count(small: Path) -> None:
    truths = _truths(small)["contracts"]
    told, rows = truths["follow_ups"], _table(small, "follow_ups")
    done = [row for row in rows if row["Genomfört datum"][:4] == "2025"]
    planned = [row for row in rows if row["Planerat datum"][:4] == "2025"]
    assert (len(rows), len(done), len(planned)) == (told["rows"], told["done_in_period"], told["planned_in_period"])
    assert Counter(KINDS[row["Typ av uppföljning"]] for row in done) == told["done_in_period_by_kind"]
    open_ones = [row for row in rows if row["Avvikelse"] and not row["Åtgärdad datum"]]
    assert {row["Uppföljnings-id"] for row in open_ones} == {one["follow_up_id"] for one in told["deviations_open"]}
    assert all(row["Genomfört datum"] <= "2025-12-31" for row in rows)
    told, rows = truths["procurements"], _table(small, "procurements")
    days = sorted((_date(row["Avslutad"]) - _date(row["Startad"])).days for row in rows if row["Status"] == "Avslutad")
    assert days == told["lead_days"] and days[len(days) // 2] == told["lead_days_median"] and len(days) % 2
    ahead = [row for row in rows if row["Status"] in ("Planerad", "Pågår")]
    assert len(ahead) == 25 and 3 <= len(told["begin_too_late"]) < 15
    assert told["planned_starts_by_buyer_and_month"]["Upphandlare 2 2026-03"] >= 3
    assert {row["Antal anbud"] for row in rows if row["Status"] == "Avslutad"} <= {"", *"123456"}
    contracts = {entry["contract_id"]: entry for entry in truths["contracts"]}
    assert {row["Ersätter avtal"] for row in rows} - {""} <= set(told["latest_starts"])
    behind = [entry["procurement_id"] for entry in contracts.values() if entry["procurement_id"]]
    assert len(behind) == len(set(behind)) and set(behind) <= {row["Upphandlings-id"] for row in rows}


def test_registers_hold_only_made_up_numbers_and_known_names(small: Path) -> None:
    truths = _truths(small)
    ranges = [(int(low), int(high)) for low, high in truths["number_ranges"].values()]
    cells = [
        number
        for name in ("contracts", "groups", "follow_ups")
        for row in _table(small, name)
        for number in _parts(row["Organisationsnummer"])
    ]
    numbers = set(map(_plain_number, cells))
    assert len(numbers) > 50
    for number in numbers:
        if number.isdigit() and int(number[2]) >= 2:
            assert any(low <= int(number[:6]) <= high for low, high in ranges)
        elif number.isdigit():
            assert number[4:6] in ("00", "60")
        else:
            assert number[2:6] == "9990"


def test_the_organisation_file_reads_the_registers_as_they_are_written(small: Path) -> None:
    params = load_params(ROOT / "params/organisations/exempel.yml")
    assert params.contracts and params.follow_ups and params.procurements
    files = _truths(small)["contracts"]["files"]
    for part, name in (
        (params.contracts, "contracts"),
        (params.follow_ups, "follow_ups"),
        (params.procurements, "procurements"),
    ):
        assert [Path(pattern).name for pattern in part.files] == [files[name]]
        assert sorted(part.columns.values()) == sorted(HEADERS[name][1])
    assert Path(params.contracts.supplier_groups).name == files["groups"]
    assert params.contracts.categories == CATEGORY_WORDS and set(params.contracts.kinds) == set(example_contracts.KINDS)
    assert params.contracts.owners_gone == (example_contracts.OWNER_GONE,)
    assert params.follow_ups.kinds == KINDS
    reports = params.reports
    assert reports.direct_award.annex_2_categories == ANNEX_2_CATEGORIES
    assert reports.direct_award.near_limit_pct == NEAR_PCT
    assert reports.supplier_follow_up.months_between == MONTHS_BETWEEN
    assert reports.procurement_plan.standstill_and_review_days == STANDSTILL_AND_REVIEW_DAYS
    assert reports.procurement_plan.least_history == LEAST_HISTORY
