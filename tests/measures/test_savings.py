"""Methods of saving: each vector by hand, every reason why one cannot be used, and which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import savings
from procanalysis.measures.savings.reckoned import REGISTER_MISSING
from procanalysis.schema import AWARDS, BIDS, CONTRACT_PRICES, NO_SAVING_REASONS, SAVING_METHODS, kronor, names

MILLION = 1_000_000_00
VOLUMES: dict[str, Any] = {"yearly_volume": 1, "evaluated_volume": 1}


def three_bids(*prices: int, winner: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [{"final_bid_ore": price, "is_winner": int(place == winner), **more} for place, price in enumerate(prices)]


def triage(
    registers: Any,
    award: dict[str, Any] | None = None,
    bids: Sequence[dict[str, Any]] = (),
    prices: Sequence[dict[str, Any]] = (),
    **choices: Any,
) -> savings.SavingTriage:
    return savings.saving_triage(
        registers.awards({**VOLUMES, **(award or {})}), registers.bids(*bids), registers.prices(*prices), **choices
    )


def one(found: savings.SavingTriage) -> dict[Any, Any]:
    row = found.procurements.to_dict("records")[0]
    return {name: None if pd.isna(value) else value for name, value in row.items()}


PRICE: dict[str, Any] = {"previous_price_sek": "10.00", "new_price_sek": "9.50", "quantity": 100}


def test_the_worked_index_factor() -> None:
    factor = savings.indexed_factor(Decimal(70), Decimal(105), Decimal(112))
    assert (100 * factor).quantize(Decimal("0.01")) == Decimal("104.67")
    assert savings.indexed_factor(Decimal(0), Decimal(105), Decimal(112)) == 1
    assert savings.indexed_factor(Decimal(100), Decimal(100), Decimal(90)) == Decimal("0.9")


@pytest.mark.parametrize("wrong", [(-1, 100, 100), (101, 100, 100), (50, 0, 100), (50, 100, 0), (50, -1, 100)])
def test_an_index_outside_its_limits_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(MeasureError, match=r"indexed_factor: .* Give"):
        savings.indexed_factor(*(Decimal(value) for value in wrong))


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"market_reference": "mean"}, 133_333_33),
        ({}, 100_000_00),
        ({"market_reference": "mean", "winner_in_reference": False}, 200_000_00),
        ({"winner_in_reference": False}, 200_000_00),
    ],
)
def test_the_worked_market_price(choices: dict[str, Any], expected: int, registers: Any) -> None:
    found = one(triage(registers, bids=three_bids(1_000_000_00, 1_100_000_00, 1_300_000_00), **choices))
    assert (found["market_price_ore"], found["yearly_ore"]) == (expected, expected)
    assert (found["method"], found["method_name"], found["unknown_because"]) == ("market_price", "Marknadspris", "")


def test_the_market_price_is_scaled_to_a_year_and_rounded_once(registers: Any) -> None:
    award = {"yearly_volume": "2.5", "evaluated_volume": "7"}
    bids = three_bids(1_000_01, 1_100_00, 1_300_00, 1_250_00)
    # The median of four is the mean of the two in the middle: 1 175,00.
    assert one(triage(registers, award, bids))["market_price_ore"] == round(Fraction(174_99 * 5, 14))
    assert one(triage(registers, award, bids, winner_in_reference=False))["market_price_ore"] == 89_28


def test_a_dear_winner_makes_the_saving_negative_and_it_stays_so(registers: Any) -> None:
    found = one(triage(registers, bids=three_bids(1 * MILLION, 2 * MILLION, 3 * MILLION, winner=2)))
    assert found["yearly_ore"] == found["market_price_ore"] == -1 * MILLION


def test_only_qualified_bids_make_the_market(registers: Any) -> None:
    bids = three_bids(100_00, 110_00, 130_00, 20_00, 10_00)
    for bid in bids[3:]:
        bid["is_qualified"] = 0
    found = one(triage(registers, bids=bids))
    assert (found["bids_count"], found["qualified_bids_count"], found["market_price_ore"]) == (5, 3, 10_00)


@pytest.mark.parametrize(
    ("bids", "reason", "text"),
    [
        ([], "no_bids", "Anbuden saknas i underlaget"),
        (three_bids(1, 2), "too_few_bids", "2 kvalificerade anbud, 3 krävs"),
        (three_bids(1), "too_few_bids", "1 kvalificerat anbud, 3 krävs"),
        (three_bids(1, 2, 3, is_qualified=0), "too_few_bids", "0 kvalificerade anbud, 3 krävs"),
        (three_bids(1, 2, 3, winner=9), "no_winner", "Inget anbud är angivet som vinnare"),
        (three_bids(1, 2, 3) + three_bids(4), "several_winners", NO_SAVING_REASONS["several_winners"]),
        (
            [*three_bids(1, 2, 3, winner=9), {"final_bid_ore": 1, "is_winner": 1, "is_qualified": 0}],
            "no_winner",
            "Det vinnande anbudet är inte angivet som kvalificerat",
        ),
    ],
)
def test_the_market_price_says_why_not(bids: list[Any], reason: str, text: str, registers: Any) -> None:
    found = triage(registers, bids=bids)
    row = one(found)
    assert (row["market_price_ore"], row["market_price_reason"], row["method"]) == (None, text, None)
    because = found.reasons.set_index("method").loc["market_price"]
    assert (because["reason"], because["reason_text"]) == (reason, text)


def test_unknown_bids_are_not_zero_bids(registers: Any) -> None:
    assert [one(triage(registers))[name] for name in ("bids_count", "qualified_bids_count")] == [None, None]
    unqualified = one(triage(registers, bids=three_bids(1, is_qualified=0)))
    assert (unqualified["bids_count"], unqualified["qualified_bids_count"]) == (1, 0)


@pytest.mark.parametrize(
    "volumes",
    [
        {"yearly_volume": None, "evaluated_volume": 1},
        {"yearly_volume": 1, "evaluated_volume": None},
        {"yearly_volume": 0, "evaluated_volume": 1},
        {"yearly_volume": 1, "evaluated_volume": 0},
    ],
)
def test_bids_without_volume_give_no_saving(volumes: dict[str, Any], registers: Any) -> None:
    found = one(triage(registers, volumes, three_bids(1, 2, 3, is_negotiated=1, first_bid_ore=9)))
    assert (found["market_price_reason"], found["negotiation_reason"]) == ("Volymen saknas", "Volymen saknas")


def test_negotiation_is_first_less_final_of_the_winner(registers: Any) -> None:
    bids = three_bids(900_00, 950_00, is_negotiated=1, first_bid_ore=1_000_00)
    found = one(triage(registers, {"yearly_volume": 3, "evaluated_volume": 2}, bids))
    assert (found["negotiation_ore"], found["yearly_ore"], found["method"]) == (150_00, 150_00, "negotiation")
    dearer = one(triage(registers, bids=three_bids(900_00, is_negotiated=1, first_bid_ore=800_00)))
    assert dearer["yearly_ore"] == -100_00


@pytest.mark.parametrize(
    ("bids", "text"),
    [
        ([], "Anbuden saknas i underlaget"),
        (three_bids(1, 2), "Ingen förhandling med första och slutligt anbud"),
        (
            [*three_bids(1), {"final_bid_ore": 2, "is_negotiated": 1}],
            "Vinnaren har inte både första och slutligt anbud",
        ),
        (three_bids(1, winner=9, is_negotiated=1), "Inget anbud är angivet som vinnare"),
        (three_bids(1, is_negotiated=1) * 2, "Flera vinnare utan känd fördelning av avropen"),
    ],
)
def test_negotiation_says_why_not(bids: list[Any], text: str, registers: Any) -> None:
    assert one(triage(registers, bids=bids))["negotiation_reason"] == text


def test_the_earlier_contract_at_the_same_volume_with_its_index(registers: Any) -> None:
    indexed = {"indexed_share_pct": 70, "index_base": 105, "index_now": 112}
    found = triage(
        registers,
        prices=[
            {"previous_price_sek": 100, "new_price_sek": "104.67", "quantity": 1_000_000, **indexed},
            {"previous_price_sek": "0.1275", "new_price_sek": "0.1274", "quantity": "12345.678"},
            {"new_price_sek": 7, "quantity": 5},
        ],
    )
    # 100 × 314/300 is 104,666…: a third of an öre dearer per piece, and it is not rounded before it is multiplied.
    exact = Fraction(-1, 300) * 1_000_000 + Fraction("0.0001") * Fraction("12345.678")
    assert one(found)["previous_contract_ore"] == round(exact * 100) == -333_210
    articles = found.articles.to_dict("records")
    assert articles[0]["indexed_previous_price_sek"].quantize(Decimal("0.01")) == Decimal("104.67")
    assert articles[1]["yearly_saving_sek"] == Decimal("1.2345678")
    assert (articles[1]["factor"], articles[1]["reason"]) == (1, "")
    assert (articles[2]["yearly_saving_sek"], articles[2]["reason"]) == (
        None,
        "Artikeln fanns inte i det tidigare avtalet",
    )


def test_thirds_that_meet_at_half_an_ore_are_rounded_as_they_should(registers: Any) -> None:
    third = {"previous_price_sek": 1, "new_price_sek": "0.995", "indexed_share_pct": 100, "index_base": 3}
    rows = [{**third, "quantity": 3, "index_now": 1}, {**third, "quantity": 3, "index_now": 2}]
    # (1/3 + 2/3) × 3 - 0,995 × 6 = -2,97 exactly, where two decimals of 28 digits would lie a hair from it.
    assert one(triage(registers, prices=rows))["yearly_ore"] == -2_97
    half = [{**third, "new_price_sek": "0.33", "quantity": "1.5", "index_now": 1}]
    assert one(triage(registers, prices=half))["yearly_ore"] == 1


@pytest.mark.parametrize(
    ("award", "prices", "text"),
    [
        ({}, [], "Inget tidigare avtal att jämföra med"),
        ({}, [{"new_price_sek": 1, "quantity": 1}], "Inget tidigare avtal att jämföra med"),
        ({"is_comparable": 0}, [PRICE], "Det nya avtalet gäller något annat än det gamla"),
        ({}, [PRICE, {**PRICE, "new_price_sek": None}], "Priserna saknas för någon artikel (artikel 2)"),
        ({}, [PRICE, {**PRICE, "quantity": None}], "Volymen saknas (artikel 2)"),
        (
            {},
            [{**PRICE, "index_now": 110}, PRICE],
            "Indexklausulens uppgifter är inte fullständiga (artikel 1)",
        ),
        (
            {},
            [{**PRICE, "new_price_sek": None}] * 5,
            "Priserna saknas för någon artikel (artikel 1, 2, 3 med flera, 5 artiklar)",
        ),
    ],
)
def test_the_earlier_contract_says_why_not(award: Any, prices: list[Any], text: str, registers: Any) -> None:
    found = triage(registers, award, prices=prices)
    row = one(found)
    assert (row["previous_contract_ore"], row["previous_contract_reason"], row["yearly_ore"]) == (None, text, None)
    assert all(value is None for value in found.articles["yearly_saving_sek"])
    assert all(found.articles["reason"])


NOTHING_REJECTED = {"rejected_prices_count": 0, "rejected_bids_count": 0}


def whole_register(registers: Any, **rejected: int) -> savings.SavingTriage:
    """Triage a procurement that every method can be used for, and cost avoidance too."""
    bids = three_bids(900_00, 950_00, 980_00, is_negotiated=1, first_bid_ore=1_000_00)
    return triage(registers, NOTHING_REJECTED | rejected, bids, [{**PRICE, "refused_increase_sek": 1}])


def test_a_price_that_could_not_be_read_takes_what_rests_on_the_prices_with_it(registers: Any) -> None:
    whole, found = (one(whole_register(registers, rejected_prices_count=count)) for count in (0, 1))
    assert (whole["method"], whole["cost_avoidance_ore"]) == ("previous_contract", 100_00)
    said = "En eller flera prisrader kunde inte läsas"
    assert (found["previous_contract_ore"], found["previous_contract_reason"]) == (None, said)
    assert (found["cost_avoidance_ore"], found["cost_avoidance_reason"]) == (None, said)
    # The bids are whole, and decide instead.
    assert (found["method"], found["yearly_ore"]) == ("market_price", whole["market_price_ore"])
    articles = whole_register(registers, rejected_prices_count=1).articles
    assert (articles["yearly_saving_sek"].tolist(), articles["reason"].tolist()) == ([None], [said])


def test_a_bid_that_could_not_be_read_takes_what_rests_on_the_bids_with_it(registers: Any) -> None:
    whole, found = (one(whole_register(registers, rejected_bids_count=count)) for count in (0, 2))
    assert (whole["bids_count"], whole["qualified_bids_count"]) == (3, 3)
    assert (found["bids_count"], found["qualified_bids_count"]) == (None, None)
    for method in ("market_price", "negotiation"):
        assert whole[f"{method}_ore"] is not None
        assert (found[f"{method}_ore"], found[f"{method}_reason"]) == (None, "Ett eller flera anbud kunde inte läsas")
    assert (found["method"], found["yearly_ore"]) == ("previous_contract", whole["previous_contract_ore"])


def test_without_whole_prices_and_bids_nothing_is_reckoned_and_both_reasons_stand(registers: Any) -> None:
    found = whole_register(registers, rejected_prices_count=1, rejected_bids_count=1)
    assert one(found)["unknown_because"] == (
        "Tidigare avtal: en eller flera prisrader kunde inte läsas. "
        "Marknadspris: ett eller flera anbud kunde inte läsas. Förhandling: ett eller flera anbud kunde inte läsas."
    )
    assert found.reasons["reason"].tolist() == ["prices_rejected", "bids_rejected", "bids_rejected"]
    few = savings.single_or_two_bids_share(found)
    assert (few.value, few.unknown_because) == (None, "Antalet anbud är okänt")


@pytest.mark.parametrize("rejected", [{"rejected_prices_count": 1}, {"rejected_bids_count": 1}])
def test_an_effect_that_is_not_money_needs_no_other_reason(rejected: dict[str, int], registers: Any) -> None:
    award = {"is_monetary": 0, **rejected}
    assert one(triage(registers, award))["unknown_because"] == "Effekten går inte att räkna i pengar."


def test_a_new_article_takes_no_part_and_stops_nothing(registers: Any) -> None:
    found = one(triage(registers, {"is_comparable": 1}, prices=[PRICE, {"new_price_sek": 3}]))
    assert found["previous_contract_ore"] == 50_00


def test_refused_increases_stand_by_themselves(registers: Any) -> None:
    rows = [
        {**PRICE, "refused_increase_sek": "0.25"},
        {"refused_increase_sek": "0.125", "quantity": 10},
        {"quantity": 10},
    ]
    found = one(triage(registers, prices=rows))
    assert (found["cost_avoidance_ore"], found["yearly_ore"], found["cost_avoidance_reason"]) == (26_25, 50_00, "")
    alone = one(triage(registers, prices=rows[1:]))
    assert (alone["cost_avoidance_ore"], alone["yearly_ore"], alone["method"]) == (1_25, None, None)
    none = one(triage(registers, prices=[PRICE]))
    assert (none["cost_avoidance_ore"], none["cost_avoidance_reason"]) == (None, "Ingen avvisad prishöjning")
    unknown = one(triage(registers, prices=[{"refused_increase_sek": 1}]))
    assert (unknown["cost_avoidance_ore"], unknown["cost_avoidance_reason"]) == (None, "Volymen saknas (artikel 1)")


def test_an_effect_that_is_not_money_has_no_method(registers: Any) -> None:
    bids = three_bids(1, 2, 3, is_negotiated=1, first_bid_ore=4)
    rows = [{**PRICE, "refused_increase_sek": 1}]
    found = one(triage(registers, {"is_monetary": 0, "value_in_words": "Kortare väntan"}, bids, rows))
    assert [found[name] for name in ("method", "yearly_ore", "cost_avoidance_ore")] == [None, None, None]
    assert found["unknown_because"] == "Effekten går inte att räkna i pengar."
    assert found["cost_avoidance_reason"] == "Effekten går inte att räkna i pengar"
    assert found["value_in_words"] == "Kortare väntan"


def test_the_first_usable_method_is_used_and_never_a_sum(registers: Any) -> None:
    bids = three_bids(100_00, 110_00, 130_00, is_negotiated=1, first_bid_ore=140_00)
    every = one(triage(registers, bids=bids, prices=[PRICE]))
    assert [every[f"{name}_ore"] for name in SAVING_METHODS] == [50_00, 10_00, 40_00]
    assert (every["method"], every["yearly_ore"]) == ("previous_contract", 50_00)
    assert one(triage(registers, bids=bids))["method"] == "market_price"
    assert one(triage(registers, bids=bids[:2]))["method"] == "negotiation"


def test_an_award_without_method_tells_each_reason_in_one_sentence(registers: Any) -> None:
    found = one(triage(registers, bids=three_bids(1, 2)))
    assert found["unknown_because"] == (
        "Tidigare avtal: inget tidigare avtal att jämföra med. Marknadspris: 2 kvalificerade anbud, 3 krävs. "
        "Förhandling: ingen förhandling med första och slutligt anbud."
    )


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"market_reference": "medel"}, "market_reference is 'medel'. Valid: mean, median"),
        ({"least_qualified_bids": 1}, "Give a value from 2 to 100"),
    ],
)
def test_choices_that_are_not_allowed_are_refused(choices: dict[str, Any], told: str, registers: Any) -> None:
    with pytest.raises(MeasureError, match=told):
        triage(registers, **choices)


def test_the_choice_of_market_price_is_printed() -> None:
    assert savings.market_rule("mean", False, 4) == (
        "Marknadspriset är medelvärdet av de kvalificerade anbuden utan vinnaren. Minst 4 kvalificerade anbud krävs."
    )


def test_a_procurement_that_stands_twice_or_a_missing_column_is_refused(registers: Any) -> None:
    twice = registers.awards({"procurement_id": "A"}, {"procurement_id": "A"})
    with pytest.raises(MeasureError, match="A stands twice among the awards"):
        savings.saving_triage(twice, registers.bids(), registers.prices())
    with pytest.raises(MeasureError, match="no column 'is_monetary'"):
        savings.saving_triage(twice.drop(columns="is_monetary"), registers.bids(), registers.prices())


# A register of many procurements, with the truth of each planted.


def planted(registers: Any) -> tuple[savings.SavingTriage, tuple[pd.DataFrame, ...]]:
    awards = registers.awards(
        {"procurement_id": "earlier", **VOLUMES, "starts_on": "2025-02-01"},
        {"procurement_id": "market", **VOLUMES, "starts_on": "2025-03-01"},
        {"procurement_id": "talks", **VOLUMES, "starts_on": "2024-03-01"},
        {"procurement_id": "few", **VOLUMES, "starts_on": "2025-05-01"},
        {"procurement_id": "words", "is_monetary": 0, "starts_on": "2025-06-01"},
        {"procurement_id": "nothing"},
    )
    bids = registers.bids(
        *({"procurement_id": "market", **bid} for bid in three_bids(1_00, 2_00, 3_00)),
        *({"procurement_id": "talks", **bid} for bid in three_bids(5_00, is_negotiated=1, first_bid_ore=6_00)),
        *({"procurement_id": "few", **bid} for bid in three_bids(5_00, 6_00)),
    )
    prices = registers.prices({"procurement_id": "earlier", **PRICE})
    return savings.saving_triage(awards, bids, prices), (awards, bids, prices)


def test_a_planted_register_is_triaged_as_planted(registers: Any) -> None:
    found, _ = planted(registers)
    table = found.procurements.set_index("procurement_id")
    assert table["method"].fillna("").to_dict() == {
        "earlier": "previous_contract", "market": "market_price", "talks": "negotiation", "few": "", "words": "",
        "nothing": "",
    }  # fmt: skip
    assert table["yearly_ore"].dropna().to_dict() == {"earlier": 50_00, "market": 1_00, "talks": 1_00}
    used = savings.methods_used(found)
    assert used[["method_name", "usable_count", "used_count"]].to_numpy().tolist() == [
        ["Tidigare avtal", 1, 1],
        ["Marknadspris", 1, 1],
        ["Förhandling", 1, 1],
        ["Ingen metod", 3, 3],
    ]
    assert used["yearly_ore"].dropna().tolist() == [50_00, 1_00, 1_00]
    assert used["used_count"].sum() == len(table)


def test_every_procurement_without_method_has_a_reason_for_each(registers: Any) -> None:
    found, _ = planted(registers)
    without = found.procurements[found.procurements["method"].isna()]
    assert (without["unknown_because"].str.len() > 10).all()
    assert set(found.procurements.loc[found.procurements["method"].notna(), "unknown_because"]) == {""}
    reasons = found.reasons[found.reasons["procurement_id"].isin(without["procurement_id"])]
    assert reasons["method"].value_counts().to_dict() == dict.fromkeys(SAVING_METHODS, 3)
    assert sorted(reasons.loc[reasons["method"] == "market_price", "reason"]) == [
        "no_bids", "not_monetary", "too_few_bids",
    ]  # fmt: skip
    assert set(reasons["reason"]) <= set(NO_SAVING_REASONS)


def test_the_shares_of_measured_procurements_and_of_few_bids(registers: Any) -> None:
    found, _ = planted(registers)
    whole = savings.measurable_procurements_share(found)
    assert (whole.value, whole.numerator, whole.denominator, whole.excluded) == (50, 3, 6, ())
    year = savings.measurable_procurements_share(found, year=2025)
    assert (year.value, year.numerator, year.denominator) == (50, 2, 4)
    assert [(left.reason, left.rows) for left in year.excluded] == [("Avtalets startdag saknas", 1)]
    bids = savings.single_or_two_bids_share(found)
    assert (bids.numerator, bids.denominator) == (2, 3)
    assert [(left.reason, left.rows) for left in bids.excluded] == [("Antalet anbud är okänt", 3)]
    unknown = savings.measurable_procurements_share(found, year=2019)
    assert (unknown.value, unknown.unknown_because) == (None, "Inget avtal i registret började 2019")


def test_bids_that_nobody_knows_leave_their_share_unknown(registers: Any) -> None:
    found = savings.single_or_two_bids_share(triage(registers))
    assert (found.value, found.unknown_because) == (None, "Antalet anbud är okänt")


def test_negotiated_savings_are_summed_beside_the_others(registers: Any) -> None:
    awards = registers.awards(
        *({"procurement_id": name, **VOLUMES, "starts_on": day} for name, day in
          [("a", "2023-01-01"), ("b", "2025-01-01"), ("c", "2025-07-01"), ("d", None)])
    )  # fmt: skip
    bids = registers.bids(
        *({"procurement_id": name, **three_bids(10_00, is_negotiated=1, first_bid_ore=first)[0]}
          for name, first in [("a", 12_00), ("b", 11_00), ("c", 15_00), ("d", 17_00)])
    )  # fmt: skip
    found = savings.saving_triage(awards, bids, registers.prices({"procurement_id": "b", **PRICE}))
    assert found.procurements["method"].tolist() == ["previous_contract" if n == "b" else "negotiation" for n in "abcd"]
    year = savings.negotiated_saving(found, year=2025)
    assert (year.value, year.comparison) == (kronor(6_00), "2 upphandlingar")
    assert [(left.rows, left.amount_ore) for left in year.excluded] == [(1, 7_00)]
    assert savings.negotiated_saving(found).value == kronor(15_00)
    assert savings.negotiated_saving(found, year=2023).comparison == "1 upphandling"
    none = savings.negotiated_saving(found, year=2024)
    assert (none.value, none.unknown_because) == (None, "Ingen förhandling med första och slutligt anbud")
    assert savings.negotiated_per_year(found).to_numpy().tolist() == [[2023, 1, 2_00], [2024, 0, 0], [2025, 2, 6_00]]


def test_no_register_is_unknown_and_not_nothing(registers: Any) -> None:
    found = savings.saving_triage(registers.awards(), registers.bids(), registers.prices())
    for figure in (
        savings.measurable_procurements_share(found),
        savings.single_or_two_bids_share(found, year=2025),
        savings.negotiated_saving(found),
    ):
        assert (figure.value, figure.unknown_because) == (None, REGISTER_MISSING)
    assert found.procurements.empty
    assert savings.methods_used(found).empty


def test_the_registers_are_left_as_they_were(registers: Any) -> None:
    _, given_frames = planted(registers)
    before = [frame.copy(deep=True) for frame in given_frames]
    savings.saving_triage(*given_frames)
    for frame, copy in zip(given_frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_frames_read_without_rows_or_with_every_cell_missing_pass() -> None:
    empty = [pd.DataFrame(columns=names(table)) for table in (AWARDS, BIDS, CONTRACT_PRICES)]
    assert savings.saving_triage(*empty).procurements.empty


PRICES = st.decimals(Decimal("0.0001"), Decimal(100_000), places=4)


@given(
    rows=st.lists(
        st.tuples(
            PRICES,
            PRICES,
            st.decimals(0, 10_000, places=3),
            st.none() | st.tuples(st.integers(0, 100), st.integers(50, 200), st.integers(50, 200)),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=30, deadline=None)
def test_any_articles_sum_to_the_procurement(rows: list[Any], registers: Any) -> None:
    made = []
    for before, new, quantity, index in rows:
        share, base, now = index or (None, None, None)
        made.append(
            {"previous_price_sek": before, "new_price_sek": new, "quantity": quantity, "indexed_share_pct": share,
             "index_base": base, "index_now": now}
        )  # fmt: skip
    found = triage(registers, prices=made)
    exact = sum(
        (Fraction(before) * (1 if index is None else 1 + Fraction(index[0], 100) * (Fraction(index[2], index[1]) - 1))
         - Fraction(new)) * Fraction(quantity)
        for before, new, quantity, index in rows
    )  # fmt: skip
    yearly = one(found)["previous_contract_ore"]
    assert abs(yearly - exact * 100) <= Fraction(1, 2)
    summed = sum((Fraction(value) for value in found.articles["yearly_saving_sek"]), Fraction(0))
    assert abs(summed - exact) < Fraction(1, 10**9)


@given(
    prices=st.lists(st.integers(1, 10**12), min_size=3, max_size=9),
    winner=st.integers(0, 8),
    yearly=st.integers(1, 10**6),
    evaluated=st.integers(1, 10**6),
    reference=st.sampled_from(["median", "mean"]),
    included=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_any_bids_against_the_market_by_another_count(
    prices: list[int], winner: int, yearly: int, evaluated: int, reference: Any, included: bool
) -> None:
    winner %= len(prices)
    bids = [
        {"is_qualified": 1, "is_winner": int(place == winner), "final_bid_ore": price, "is_negotiated": 0}
        for place, price in enumerate(prices)
    ]
    award = {
        "is_monetary": None, "rejected_bids_count": 0, "yearly_volume": Decimal(yearly),
        "evaluated_volume": Decimal(evaluated),
    }  # fmt: skip
    found = savings.market_price_saving(award, bids, market_reference=reference, winner_in_reference=included)
    pool = sorted(price for place, price in enumerate(prices) if included or place != winner)
    middle = Fraction(pool[(len(pool) - 1) // 2] + pool[len(pool) // 2], 2)
    market = middle if reference == "median" else Fraction(sum(pool), len(pool))
    assert found.exact_ore == (market - prices[winner]) * Fraction(yearly, evaluated)
    if winner == prices.index(min(prices)):
        assert found.exact_ore >= 0
