"""The contract register: its faults, what ends, and what each contract covers, from small registers by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import wording
from procanalysis.measures.contract_register import (
    FAULTS,
    archived_share,
    bought_after_end,
    contract_overview,
    contract_register_quality,
    contracts_by_year,
    contracts_ending,
    contracts_in_category,
    contracts_with_owner_share,
    fault_counts,
    overlapping_contracts,
    register_faults,
)
from procanalysis.schema import FAR_FUTURE, KeyFigure

AS_OF = date(2025, 12, 31)
TREE = pd.DataFrame(
    {"category_code": ["05", "05.01", "05.02", "06"], "category_path": ["05", "05/05.01", "05/05.02", "06"]}
)
SOUND = {
    "title": "Städ",
    "category_codes": "05.01",
    "starts_on": "2024-01-01",
    "ends_on": "2026-12-31",
    "latest_ends_on": "2028-12-31",
    "registered_on": "2023-12-01",
    "owner": "Inköp",
    "owner_is_gone": 0,
    "archive_place": "Diariet",
    "contract_class": "A",
    "kind": "framework",
}
REACH = {"supplier_key": "s", "category_code": "05.01", "starts_on": "2024-01-01", "ends_on": "2026-12-31"}


@pytest.fixture(scope="module")
def register(registers: Any) -> Callable[..., tuple[pd.DataFrame, pd.DataFrame]]:
    """Make contracts from what differs from a sound one, each with one scope row of the same dates."""

    def build(*different: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
        rows = [{**SOUND, "contract_id": f"K{place}", **row} for place, row in enumerate(different, start=1)]
        scopes = []
        for place, row in enumerate(rows, start=1):
            reach = {**REACH, "supplier_key": f"s{place}", "category_code": row["category_codes"]}
            dates = {name: row[name] for name in ("contract_id", "starts_on", "ends_on", "registered_on")}
            scopes.append({**reach, **dates, **row.pop("scope", {})})
        return registers.contracts(*rows), registers.scopes(*scopes)

    return build


def found(register: Any, *different: dict[str, Any], matched: Any = None) -> list[tuple[str, str]]:
    faults = register_faults(*register(*different), as_of=AS_OF, matched=matched)
    return list(faults[["contract_id", "fault"]].itertuples(index=False, name=None))


def test_a_sound_contract_has_no_fault(register: Any) -> None:
    assert found(register, {}) == []
    figure = contract_register_quality(*register({}), as_of=AS_OF)
    assert (figure.value, figure.numerator, figure.denominator) == (100, 1, 1)


@pytest.mark.parametrize(
    ("different", "fault", "told"),
    [
        ({"starts_on": None}, "no_start", "när avtalet började"),
        ({"ends_on": None}, "no_end", "om avtalet gäller"),
        ({"category_codes": None}, "no_category", "vad som får köpas"),
        ({"scope": {"supplier_key": None}}, "no_supplier", "organisationsnummer"),
        ({"owner": None}, "no_owner", "Ingen ansvarig"),
        ({"owner_is_gone": 1}, "owner_gone", "Inköp, som har slutat"),
        ({"archive_place": None}, "not_archived", "arkiverat"),
        ({"contract_class": None}, "no_class", "följas upp"),
        (
            {"registered_on": "2024-01-02"},
            "registered_late",
            "Registrerades 2024-01-02, 1 dag efter starten 2024-01-01.",
        ),
    ],
)
def test_each_fault_is_found_alone(register: Any, different: dict[str, Any], fault: str, told: str) -> None:
    faults = register_faults(*register({}, different), as_of=AS_OF)
    assert faults[["contract_id", "fault", "fault_name"]].to_numpy().tolist() == [["K2", fault, FAULTS[fault]]]
    assert told in faults["detail"].iloc[0]
    assert faults["amount_ore"].isna().all()


def test_registered_on_the_first_day_is_not_late(register: Any) -> None:
    assert found(register, {"registered_on": "2024-01-01"}) == []


@pytest.mark.parametrize("column", ["owner", "archive_place", "contract_class", "registered_on"])
def test_what_the_register_lacks_altogether_is_unknown_and_no_fault(register: Any, column: str) -> None:
    contracts, scopes = register({column: None}, {column: None})
    assert register_faults(contracts, scopes, as_of=AS_OF).empty
    counts = fault_counts(contracts, scopes, as_of=AS_OF).set_index("fault")
    untested = counts[counts["unknown_because"] != ""]
    assert len(untested) >= 2  # with what needs the postings
    assert untested[["contracts_count", "amount_ore", "share_pct"]].isna().all(axis=None)
    assert counts.loc["no_end", "contracts_count"] == 0
    told = contract_register_quality(contracts, scopes, as_of=AS_OF).comparison
    assert all(FAULTS[fault].lower() in told for fault in untested.index)


@pytest.mark.parametrize(
    ("second", "overlaps"),
    [
        ({"starts_on": "2026-12-31", "ends_on": "2028-01-01"}, True),  # the last day is shared
        ({"starts_on": "2027-01-01", "ends_on": "2028-01-01"}, False),
        ({"starts_on": None}, False),
        ({"category_codes": "05.02"}, False),
        ({"scope": {"supplier_key": "other"}}, False),
        ({"scope": {"supplier_key": "s1", "through_group": 1}}, False),
        ({"scope": {"supplier_key": "s1", "participant": "norr"}}, True),  # the first is everyone's
        ({"scope": {"supplier_key": "s1", "participants_known": 0}}, True),
    ],
)
def test_overlaps_are_named_on_both_contracts(register: Any, second: dict[str, Any], overlaps: bool) -> None:
    contracts, scopes = register({}, {"scope": {"supplier_key": "s1"}, **second})
    pairs = overlapping_contracts(contracts, scopes)
    assert pairs[["contract_id", "other_contract_id"]].to_numpy().tolist() == ([["K1", "K2"]] if overlaps else [])
    faults = register_faults(contracts, scopes, as_of=AS_OF)
    named = faults[faults["fault"] == "overlap"].set_index("contract_id")["detail"].to_dict()
    assert set(named) == ({"K1", "K2"} if overlaps else set())
    if overlaps:
        assert "K2" in named["K1"] and "K1" in named["K2"]


def test_contracts_of_different_units_do_not_overlap(register: Any) -> None:
    first, second = ({"scope": {"supplier_key": "s1", "participant": unit}} for unit in ("norr", "syd"))
    assert overlapping_contracts(*register(first, second)).empty


def test_many_overlaps_are_counted_not_all_named(register: Any) -> None:
    faults = register_faults(*register(*({"scope": {"supplier_key": "s"}} for _ in range(6))), as_of=AS_OF)
    assert len(faults) == 6
    assert faults["detail"].iloc[0].count("K") == 3
    assert "och 2 till" in faults["detail"].iloc[0]
    open_ended = {"ends_on": str(FAR_FUTURE), "scope": {"supplier_key": "s"}}
    told = register_faults(*register(open_ended, open_ended), as_of=AS_OF)["detail"].iloc[0]
    assert "(2024-01-01 och tills vidare)" in told


def test_purchases_after_the_end_are_laid_on_the_contract_that_ended_last(register: Any, make_matched: Any) -> None:
    contracts, scopes = register(
        {"ends_on": "2024-06-30"},
        {"ends_on": "2025-03-31", "scope": {"supplier_key": "s1"}},
        {"ends_on": "2025-01-31", "scope": {"supplier_key": "s4", "through_group": 1}},
        {"ends_on": "2025-01-31"},
    )
    matched = make_matched(
        [
            {"supplier_key": "s1", "booked_on": day, "amount_ore": ore, "possible_rung": rung, **more}
            for day, ore, rung, more in [
                ("2024-06-30", 1, 1, {}),  # the last day itself
                ("2024-07-01", 20, 1, {}),
                ("2025-03-31", 300, 1, {}),
                ("2025-04-01", 4000, 1, {}),
                ("2025-05-01", -1000, 1, {}),
                ("2025-06-01", 50000, 2, {}),  # another contract may have held
                ("2025-06-01", 600000, 1, {"spend_class": "ej inköp"}),
                (None, 7000000, 1, {}),
            ]
        ]
        + [{"supplier_key": "s4", "booked_on": "2025-02-01", "amount_ore": -5, "possible_rung": 1}]
    )
    told = bought_after_end(contracts, scopes, matched)
    assert told[["contract_id", "amount_ore", "lines_count"]].to_numpy().tolist() == [["K1", 320, 2], ["K2", 3000, 2]]
    faults = register_faults(contracts, scopes, as_of=AS_OF, matched=matched)
    ended = faults[faults["fault"] == "ended_bought_from"].set_index("contract_id")
    assert ended["amount_ore"].to_dict() == {"K1": 320, "K2": 3000}
    assert ended.loc["K2", "detail"].startswith("Slutade 2025-03-31.")
    assert "2025-05-01" in ended.loc["K2", "detail"]
    # On its last day, and the day before, a contract has not ended.
    early = register_faults(contracts, scopes, as_of=date(2025, 3, 31), matched=matched)
    assert early.loc[early["fault"] == "ended_bought_from", "contract_id"].tolist() == ["K1"]


def test_faults_carry_what_was_bought_on_the_contract(register: Any, make_matched: Any) -> None:
    contracts, scopes = register({"ends_on": None}, {"owner": None})
    matched = make_matched(
        [
            {"supplier_key": "s1", "amount_ore": 700, "contract_id": "K1", "possible_rung": 2},
            {"supplier_key": "s1", "amount_ore": 80, "contract_id": "K1", "possible_rung": 1},
            {"supplier_key": "s1", "amount_ore": 9, "contract_id": "K1", "spend_class": "ej inköp"},
        ]
    )
    faults = register_faults(contracts, scopes, as_of=AS_OF, matched=matched)
    assert faults[["fault", "amount_ore"]].to_numpy().tolist() == [["no_end", 700], ["no_owner", 0]]
    counts = fault_counts(contracts, scopes, as_of=AS_OF, matched=matched).set_index("fault")
    assert list(counts.index) == list(FAULTS)
    assert counts.loc["no_end", ["contracts_count", "amount_ore", "share_pct"]].tolist() == [1, 700, 50]
    assert (counts["unknown_because"] == "").all()


def test_faults_that_are_at_hand_are_not_looked_for_again(register: Any) -> None:
    registered = register({"ends_on": None, "owner": None}, {}, {}, {})
    faults = register_faults(*registered, as_of=AS_OF)
    pd.testing.assert_frame_equal(
        fault_counts(*registered, as_of=AS_OF, faults=faults), fault_counts(*registered, as_of=AS_OF)
    )
    expected = contract_register_quality(*registered, as_of=AS_OF)
    assert contract_register_quality(*registered, as_of=AS_OF, faults=faults) == expected
    assert contract_register_quality(*registered, as_of=AS_OF, faults=faults.head(0)).value == 100


def test_quality_counts_a_contract_with_two_faults_once(register: Any) -> None:
    figure = contract_register_quality(*register({"ends_on": None, "owner": None}, {}, {}, {}), as_of=AS_OF)
    assert (figure.value, figure.numerator, figure.denominator, figure.part_unit) == (75, 3, 4, "st")


def test_archive_and_owner_shares(register: Any) -> None:
    contracts, _ = register({"archive_place": None}, {"owner": None}, {"owner_is_gone": 1}, {})
    archived, owned = archived_share(contracts), contracts_with_owner_share(contracts)
    assert (archived.value, archived.numerator, archived.denominator) == (75, 3, 4)
    assert (owned.value, owned.numerator, owned.denominator) == (50, 2, 4)
    bare, _ = register({"archive_place": None, "owner": None})
    for figure in (archived_share(bare), contracts_with_owner_share(bare)):
        assert figure.value is None and figure.numerator is None
        assert figure.unknown_because.startswith("Registret har ingen uppgift om")


@pytest.mark.parametrize("absent", ["none", "empty"])
def test_without_a_register_nothing_is_known(registers: Any, make_matched: Any, absent: str) -> None:
    contracts, scopes = (None, None) if absent == "none" else (registers.contracts(), registers.scopes())
    lines = make_matched([{"supplier_key": "s", "amount_ore": 1, "booked_on": "2025-01-01", "category_code": "05.01"}])
    matched = lines.assign(proven_rung=None, possible_rung=None)
    for figure in (
        contract_register_quality(contracts, scopes, as_of=AS_OF, matched=matched),
        archived_share(contracts),
        contracts_with_owner_share(contracts),
    ):
        assert (figure.value, figure.unknown_because) == (None, wording.NO_CONTRACT_REGISTER)
    assert register_faults(contracts, scopes, as_of=AS_OF, matched=matched).empty
    counts = fault_counts(contracts, scopes, as_of=AS_OF, matched=matched)
    assert counts["contracts_count"].isna().all()
    assert (counts["unknown_because"] == wording.NO_CONTRACT_REGISTER).all()
    assert contracts_ending(contracts, matched, as_of=AS_OF).empty
    assert contract_overview(contracts, as_of=AS_OF).empty
    assert contracts_in_category(contracts, scopes, matched, category_code="05.01", taxonomy=TREE, as_of=AS_OF).empty


def test_contracts_that_end_are_listed_by_day_with_what_is_bought_on_them(register: Any, make_matched: Any) -> None:
    contracts, _ = register(
        {"ends_on": "2026-12-31"},
        {"ends_on": "2025-06-30", "latest_ends_on": "2025-06-30"},
        {"ends_on": "2027-01-01", "latest_ends_on": "2029-01-01"},
        {"ends_on": "2028-01-01"},
        {"ends_on": "2024-12-31"},
        {"ends_on": str(FAR_FUTURE), "latest_ends_on": str(FAR_FUTURE)},
        {"ends_on": None, "latest_ends_on": None},
    )
    matched = make_matched(
        [
            {"supplier_key": "s1", "amount_ore": 900, "contract_id": "K1"},
            {"supplier_key": "s1", "amount_ore": -100, "contract_id": "K1"},
            {"supplier_key": "s3", "amount_ore": 40, "contract_id": "K3"},
            {"supplier_key": "s3", "amount_ore": 7, "contract_id": "K3", "possible_rung": 1},
        ]
    )
    matched.loc[2, "proven_rung"] = 1  # may have held
    ending = contracts_ending(contracts, matched, as_of=date(2025, 9, 1))
    assert ending["contract_id"].tolist() == ["K2", "K1", "K3"]
    assert ending["ending_year"].tolist() == [2025, 2026, 2027]
    assert ending["has_options"].tolist() == [False, True, True]
    assert ending[["amount_ore", "may_ore"]].to_numpy().tolist() == [[0, 0], [800, 0], [0, 40]]
    assert ending["state"].tolist() == ["Har slutat", "Gäller", "Gäller"]
    assert ending["days_left"].tolist()[:2] == [-63, 486]
    by_year = contracts_by_year(contracts, matched, as_of=date(2025, 9, 1), years=5)
    assert by_year.to_numpy().tolist() == [
        [2025, 1, 0, 0, 1, 0],
        [2026, 1, 800, 1, 0, 0],
        [2027, 1, 40, 1, 0, 0],
        [2028, 1, 0, 1, 3, 800],
        [2029, 0, 0, 0, 1, 40],
    ]
    with pytest.raises(MeasureError, match="years is 0"):
        contracts_ending(contracts, matched, as_of=AS_OF, years=0)


def test_the_overview_counts_every_contract_once_per_part(register: Any) -> None:
    contracts, _ = register(
        {"kind": None, "contract_class": None, "value_ore": 500},
        {"ends_on": str(FAR_FUTURE)},
        {"ends_on": "2025-12-31"},
        {"ends_on": "2025-12-30", "value_ore": 70},
        {"starts_on": "2026-01-01"},
        {"ends_on": None},
    )
    overview = contract_overview(contracts, as_of=AS_OF)
    assert overview.groupby("part")["contracts_count"].sum().to_dict() == dict.fromkeys(
        ("Avtalstyp", "Avtalsklass", "Giltighet"), 6
    )
    counts = overview.set_index(["part", "name"])
    assert counts.loc["Giltighet", "contracts_count"].to_dict() == {
        "Gäller": 2,
        "Gäller tills vidare": 1,
        "Har inte börjat": 1,
        "Har slutat": 1,
        "Okänt om det gäller": 1,
    }
    assert counts.loc[("Avtalsklass", "Utan klass"), "value_ore"] == 500
    assert pd.isna(counts.loc[("Giltighet", "Gäller tills vidare"), "value_ore"])
    assert counts.loc[("Avtalstyp", "Okänd"), "share_pct"] == pytest.approx(100 / 6)


def in_tree(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"supplier_key": "s", "lou_covered": "ja", "spend_class": "adresserbar", **row} for row in rows]


def test_the_contracts_of_a_category_and_what_was_bought_on_them(register: Any, make_matched: Any) -> None:
    contracts, scopes = register(
        {},
        {"category_codes": "05"},
        {"category_codes": "06"},
        {"category_codes": None},
        {"category_codes": None},
        {"category_codes": "05.02"},
    )
    matched = make_matched(
        in_tree(
            [
                {"category_code": "05.01", "amount_ore": 600, "contract_id": "K1"},
                {"category_code": "05.01", "amount_ore": 100, "contract_id": "K4"},
                {"category_code": "05.01", "amount_ore": 300},
                {"category_code": "05.02", "amount_ore": 5000, "contract_id": "K2"},
                {"category_code": "05.01", "amount_ore": 10, "contract_id": "K1", "lou_covered": "nej"},
                {"category_code": "05.01", "amount_ore": 200, "contract_id": "K1", "spend_class": "investering"},
            ]
        )
    )

    def of(code: str, **more: Any) -> pd.DataFrame:
        return contracts_in_category(contracts, scopes, matched, category_code=code, taxonomy=TREE, as_of=AS_OF, **more)

    leaf = of("05.01")
    assert leaf[["contract_id", "covers", "amount_ore", "share_pct"]].to_numpy().tolist() == [
        ["K1", "Kategorin", 600, 60],
        ["K4", "Avtalet har ingen kategori", 100, 10],
        ["K2", "Kategorin ovanför", 0, 0],
    ]
    assert of("05.01", include_investments=True)["amount_ore"].iloc[0] == 800
    assert dict(of("05")[["contract_id", "covers"]].to_numpy().tolist()) == {
        "K1": "Kategorier under den",
        "K2": "Kategorin",
        "K4": "Avtalet har ingen kategori",
        "K6": "Kategorier under den",
    }
    assert leaf["end"].iloc[0] == "2026-12-31"
    with pytest.raises(MeasureError, match="'99' is not in the category tree"):
        of("99")


def test_engines_agree_and_the_inputs_are_untouched(
    register: Any, make_matched: Any, year_lines: pd.DataFrame, in_engine: Any
) -> None:
    keys = [f"s{number:03d}" for number in range(8)]
    contracts, scopes = register(
        *(
            {"ends_on": f"202{4 + place % 3}-0{1 + place}-15", "scope": {"supplier_key": key}}
            for place, key in enumerate(keys)
        )
    )
    number = {key: f"K{place}" for place, key in enumerate(keys, start=1)}
    rung = pd.Series(range(len(year_lines))) % 5
    matched = year_lines.assign(
        proven_rung=rung.clip(upper=2).astype("Int64"),
        possible_rung=rung.astype("Int64"),
        contract_id=year_lines["supplier_key"].map(number).astype("str"),
    )
    kept = [frame.copy(deep=True) for frame in (contracts, scopes, matched)]

    def answers(native: Any) -> list[Any]:
        return [
            register_faults(contracts, scopes, as_of=AS_OF, matched=native),
            fault_counts(contracts, scopes, as_of=AS_OF, matched=native),
            contracts_ending(contracts, native, as_of=AS_OF),
            contracts_in_category(contracts, scopes, native, category_code="05.01", taxonomy=TREE, as_of=AS_OF),
        ]

    expected = answers(matched)
    assert "ended_bought_from" in set(expected[0]["fault"])
    for frame, before in zip((contracts, scopes, matched), kept, strict=True):
        pd.testing.assert_frame_equal(frame, before)
    for engine in ("duckdb", "polars_lazy"):
        for ours, theirs in zip(expected, answers(in_engine(engine, matched)), strict=True):
            pd.testing.assert_frame_equal(ours, theirs)


def test_a_missing_column_is_named(register: Any) -> None:
    contracts, scopes = register({})
    with pytest.raises(MeasureError, match="register_faults: the frame has no column 'owner'"):
        register_faults(contracts.drop(columns="owner"), scopes, as_of=AS_OF)
    assert archived_share(contracts).value == Decimal(100)


HEADINGS = ["Fråga", "Formel", "Räkneexempel", "Undantag", "Antaganden", "Källa"]
FIGURES: dict[str, Callable[[pd.DataFrame, pd.DataFrame], KeyFigure]] = {
    "contract_register_quality": lambda contracts, scopes: contract_register_quality(contracts, scopes, as_of=AS_OF),
    "archived_share": lambda contracts, _: archived_share(contracts),
    "contracts_with_owner_share": lambda contracts, _: contracts_with_owner_share(contracts),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_worked_example_of_the_page_is_what_the_measure_gives(name: str, register: Any, worked_tables: Any) -> None:
    written, told = worked_tables(name)
    columns = {
        "Avtal": "contract_id", "Leverantör": "supplier_key", "Kategori": "category_codes", "Start": "starts_on",
        "Slut": "ends_on", "Registrerat": "registered_on", "Arkivplats": "archive_place", "Ansvarig": "owner",
        "Har slutat": "owner_is_gone",
    }  # fmt: skip
    rows = written.replace("–", None).rename(columns=columns).replace({"ja": 1, "nej": 0}).to_dict("records")
    given = [{key: None if pd.isna(value) else value for key, value in row.items()} for row in rows]
    scopes = [{"supplier_key": row.pop("supplier_key")} if "supplier_key" in row else {} for row in given]
    figure = FIGURES[name](*register(*({**row, "scope": reach} for row, reach in zip(given, scopes, strict=True))))
    expected = {row["Storhet"]: Decimal(row["Tal"]) for row in told.to_dict("records")}
    assert figure.id == figure.method == name
    assert (figure.value, figure.numerator, figure.denominator) == tuple(expected.values())


@pytest.mark.parametrize("name", [*FIGURES, "spend_without_contract", "suppliers_above_limit"])
def test_every_page_answers_the_same_questions(name: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "methods" / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == HEADINGS
