"""Promised against realised: causes recovered from planted purchases, identities to the öre, and SQL as oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procanalysis.errors import MeasureError
from procanalysis.measures import realisation as real
from procanalysis.measures import savings as savings_measure
from procanalysis.organisation import open_organisation
from procanalysis.schema import (
    AWARDS,
    BIDS,
    CONTRACT_PRICES,
    NO_SAVING_REASONS,
    PRICED_PURCHASES,
    SAVING_SHARES,
    Column,
    names,
)

Tables = Callable[[str], list[pd.DataFrame]]
OWN = "Region Påhitt"
YEAR = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
OURS: dict[str, Any] = {**YEAR, "own_name": OWN}
NO_PURCHASES = "Inga köp av upphandlingens artiklar är redovisade under perioden"
ANOTHER_ROW = "En rad som gäller eller ersätter upphandlingen kunde inte läsas"
NO_INDEX = NO_SAVING_REASONS["index_incomplete"]
PRICE_COLUMNS = ["procurement_id", "article_id", "quantity", "indexed_previous_price_sek", "new_price_sek", "reason"]


def register(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], **usual: Any) -> pd.DataFrame:
    """Make a register with its types; what the rows leave out is missing."""
    types = {"text": "str", "integer": "Int64", "date": "datetime64[us]", "decimal": "object"}
    frame = pd.DataFrame([{**usual, **row} for row in rows], columns=names(columns), dtype=object)
    for column in columns:
        frame[column.name] = (
            pd.Series([None if pd.isna(v) else Decimal(str(v)) for v in frame[column.name]], dtype=object)
            if column.type == "decimal"
            else frame[column.name].astype(types[column.type])
        )
    return frame


def awards(*rows: Mapping[str, Any]) -> pd.DataFrame:
    usual = {"procurement_id": "u", "title": "Upphandling", "starts_on": "2025-01-01", "ends_on": "2026-12-31"}
    return register(AWARDS, rows or [{}], **usual)


def priced(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """Make articles as the triage returns them: at 10 before and 8 now, a hundred a year."""
    usual = {
        "procurement_id": "u", "article_id": "a", "quantity": 100, "indexed_previous_price_sek": 10, "new_price_sek": 8,
        "reason": "",
    }  # fmt: skip
    frame = pd.DataFrame([usual | dict(row) for row in rows or [{}]], columns=PRICE_COLUMNS, dtype=object)
    for name in PRICE_COLUMNS[2:5]:
        frame[name] = pd.Series([None if v is None else Decimal(str(v)) for v in frame[name]], dtype=object)
    return frame


def bought(*rows: Mapping[str, Any]) -> pd.DataFrame:
    usual = {
        "procurement_id": "u", "article_id": "a", "bought_on": "2025-05-05", "price_paid_sek": 8, "is_on_contract": 1,
    }  # fmt: skip
    return register(PRICED_PURCHASES, rows, **usual)


def units(**shares: Any) -> pd.DataFrame:
    rows = [{"receiver": unit, "share_pct": share} for unit, share in shares.items()]
    return register(SAVING_SHARES, rows, procurement_id="u", receiver_kind="unit")


def ours(share_pct: Any, other: str = "Sörby kommun", **more: Any) -> pd.DataFrame:
    """Make the organisations' shares of one procurement: ours, and another's that is the rest."""
    rows = [(OWN, share_pct), (other, 100 - share_pct)]
    return register(
        SAVING_SHARES,
        [{"receiver": name, "share_pct": pct} for name, pct in rows if pct],
        **{"procurement_id": "u", "receiver_kind": "organisation", **more},
    )


def causes(found: real.Realisation) -> dict[str, int]:
    return dict(zip(found.causes["step"], found.causes["amount_ore"], strict=True))


def test_planted_causes_are_recovered_to_the_ore() -> None:
    # Promised 2 kronor × 100: 100 to A, 60 to B, 40 to C. A pays 0,25 too much for 30 of its 40, and buys 4 elsewhere.
    # B has its 30, at the agreed price. C never starts. D has no share and buys 5.
    found = real.realised_savings(
        awards(),
        priced(),
        bought(
            {"unit": "A", "quantity": 30, "price_paid_sek": "8.25"},
            {"unit": "A", "quantity": 10},
            {"unit": "A", "quantity": 4, "is_on_contract": 0, "price_paid_sek": 99},
            {"unit": "B", "quantity": 35},
            {"unit": "B", "quantity": -5},
            {"unit": "D", "quantity": 5},
        ),
        units(A=50, B=30, C=20),
        **OURS,
    )
    amounts = found.rows.set_index("unit")[
        ["promised_ore", "not_started_ore", "volume_ore", "off_contract_ore", "price_above_ore", "realised_ore"]
    ]
    assert amounts.loc["A"].tolist() == [100_00, 0, 12_00, 8_00, 7_50, 72_50]
    assert amounts.loc["B"].tolist() == [60_00, 0, 0, 0, 0, 60_00]
    assert amounts.loc["C"].tolist() == [40_00, 40_00, 0, 0, 0, 0]
    assert amounts.loc["D"].tolist() == [0, 0, -10_00, 0, 0, 10_00]
    rows = found.rows.set_index("unit")
    assert rows.loc["A", ["largest_cause", "rate_pct", "purchases_count", "paid_ore"]].tolist() == [
        "Lägre volym", 72.5, 3, 723_50,
    ]  # fmt: skip
    assert rows.loc["B", "largest_cause"] == rows.loc["D", "largest_cause"] == ""
    assert pd.isna(rows.loc["D", "share_pct"]) and pd.isna(rows.loc["D", "rate_pct"])
    assert found.causes[["step_name", "amount_ore", "is_total"]].values.tolist() == [
        ["Utlovat", 200_00, 1], ["Ej påbörjat", -40_00, 0], ["Lägre volym", -2_00, 0],
        ["Köp utanför avtal", -8_00, 0], ["Pris över avtal", -7_50, 0], ["Realiserat", 142_50, 1],
    ]  # fmt: skip
    saving, leakage = real.realised_saving(found), real.saving_leakage(found)
    assert (saving.value, leakage.value) == (Decimal("142.50"), Decimal("57.50"))
    assert leakage.comparison == "största orsak: Ej påbörjat, 40\xa0kr"
    assert saving.comparison == "av 200\xa0kr utlovat i 1 upphandling"


def test_a_part_of_a_leap_year_promises_its_days_and_a_replaced_award_ends_before_the_next() -> None:
    old = {"procurement_id": "old", "starts_on": "2023-07-01", "ends_on": "2025-12-31"}
    new = {"procurement_id": "new", "starts_on": "2024-03-01", "replaces_procurement_id": "old"}
    articles = priced({"procurement_id": "old", "quantity": 366}, {"procurement_id": "new", "quantity": 366})
    rows = [{"procurement_id": "old", "quantity": 50, "bought_on": day} for day in ("2024-02-29", "2024-03-01")]
    rows += [{"procurement_id": "new", "quantity": 300, "bought_on": "2024-12-31"}]
    leap: dict[str, Any] = {"starts_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31), "own_name": OWN}
    found = real.realised_savings(awards(old, new), articles, bought(*rows), units(), **leap)
    promised = found.rows.set_index("procurement_id")["promised_ore"]
    # January and February have 60 days of 366, the rest 306.
    assert (promised["old"], promised["new"]) == (120_00, 612_00)
    assert found.excluded[["procurement_id", "reason", "rows_count", "amount_ore"]].values.tolist() == [
        ["old", "Köpt på en dag då avtalets besparing inte räknas", 1, 400_00]
    ]
    first_year = real.realised_savings(
        awards(old), articles, bought(*rows[:1]), units(), counted="first_year_only", **leap
    )
    assert first_year.rows["promised_ore"].tolist() == [2 * 182 * 100]  # to the last of June


def test_two_calendar_years_count_the_days_of_each() -> None:
    found = real.realised_savings(
        awards({"starts_on": "2023-01-01"}),
        priced(),
        bought({"quantity": 1, "bought_on": "2024-06-01"}),
        units(),
        starts_on=date(2023, 12, 31),
        ends_on=date(2024, 12, 31),
        own_name=OWN,
    )
    exact = Fraction(200_00) * (1 + Fraction(1, 365))
    assert found.rows["promised_ore"].tolist() == [round(exact)]
    assert found.rows["unit"].tolist() == [real.ALL_UNITS]


@pytest.mark.parametrize(
    ("award", "article", "purchase", "reason"),
    [
        ({"is_monetary": 0}, {}, {}, NO_SAVING_REASONS["not_monetary"]),
        ({"is_comparable": 0}, {}, {}, NO_SAVING_REASONS["scope_changed"]),
        ({"ends_on": None}, {}, {}, "Avtalets första eller sista dag är okänd"),
        ({"ends_on": "2025-01-31", "starts_on": "2024-01-01"}, {}, None, NO_PURCHASES),
        ({"starts_on": "2026-01-01"}, {}, {}, "Avtalets besparing räknas inte under perioden"),
        ({}, {"new_price_sek": None, "reason": "Det nya priset saknas"}, {}, NO_SAVING_REASONS["no_prices"]),
        ({}, {"quantity": None, "reason": "Volymen saknas"}, {}, NO_SAVING_REASONS["no_volume"]),
        ({}, {"indexed_previous_price_sek": None, "reason": NO_INDEX}, {}, NO_INDEX),
        ({}, {"indexed_previous_price_sek": None}, {}, NO_SAVING_REASONS["no_previous_contract"]),
        ({"rejected_prices_count": 1}, {}, {}, "En eller flera prisrader kunde inte läsas"),
        ({"rejected_purchases_count": 1}, {}, {}, "Ett eller flera köp kunde inte läsas"),
        ({"rejected_purchases_count": 1}, {}, None, "Ett eller flera köp kunde inte läsas"),
        ({"rejected_awards_count": 1}, {}, {}, ANOTHER_ROW),
        ({"rejected_awards_count": 1, "ends_on": "2025-01-01", "starts_on": "2024-01-01"}, {}, None, ANOTHER_ROW),
        ({}, {}, {"bought_on": "2024-12-31"}, NO_PURCHASES),
        ({}, {}, {"article_id": "z"}, NO_PURCHASES),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_unknown_with_a_reason_and_never_zero(
    award: dict[str, Any], article: dict[str, Any], purchase: dict[str, Any] | None, reason: str
) -> None:
    rows = [] if purchase is None else [{"quantity": 5, **purchase}]
    found = real.realised_savings(awards(award), priced(article), bought(*rows), units(), **OURS)
    assert (len(found.rows), len(found.causes)) == (0, 0)
    assert found.not_measured["reason"].tolist() == [reason]
    assert found.excluded["rows_count"].sum() == len(rows)
    for figure in (real.realised_saving(found), real.saving_leakage(found)):
        assert figure.value is None
        assert figure.unknown_because == "Ingen upphandling har både priser och redovisade köp under perioden"


def test_a_new_article_starts_the_contract_but_saves_nothing_and_unknown_ones_are_returned() -> None:
    new = {"article_id": "n", "indexed_previous_price_sek": None, "new_price_sek": 3, "reason": "Artikeln är ny"}
    found = real.realised_savings(
        awards(),
        priced({}, new),
        bought(
            {"article_id": "n", "unit": "A", "quantity": 2, "price_paid_sek": 3},
            {"article_id": "z", "unit": "B", "quantity": 2, "price_paid_sek": 4},
            {"procurement_id": "elsewhere", "unit": "B", "quantity": 2, "price_paid_sek": 5},
            {"unit": None, "quantity": 1},
        ),
        units(A=50, B=50),
        **OURS,
    )
    rows = found.rows.set_index("unit")
    assert rows.loc["A", ["not_started_ore", "volume_ore", "purchases_count"]].tolist() == [0, 100_00, 0]
    assert rows.loc["B", ["not_started_ore", "volume_ore"]].tolist() == [100_00, 0]
    assert rows.loc["Enhet saknas", ["promised_ore", "realised_ore"]].tolist() == [0, 2_00]
    assert found.excluded[["reason", "rows_count", "amount_ore"]].values.tolist() == [
        ["Upphandlingen finns inte bland de tilldelade", 1, 10_00],
        ["Artikeln finns inte bland upphandlingens priser", 1, 8_00],
        ["Artikeln är ny", 1, 6_00],
    ]
    assert sum(left.rows for left in real.realised_saving(found).excluded) == 3


def test_a_contract_that_costs_more_keeps_its_minus() -> None:
    found = real.realised_savings(
        awards(), priced({"new_price_sek": 11}), bought({"quantity": 60, "price_paid_sek": 11}), units(), **OURS
    )
    assert causes(found) == {
        "promised": -100_00, "not_started": 0, "volume": 40_00, "off_contract": 0, "price_above": 0, "realised": -60_00,
    }  # fmt: skip
    assert found.rows["rate_pct"].isna().all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: {"shares": units(A=50, B="49.99")}, "sum to 99.99 %, not to exactly 100"),
        (lambda: {"shares": units(A=100, B=0)}, "is not above zero or stands twice"),
        (lambda: {"prices": priced({}, {})}, "article 'a' of procurement 'u' stands twice"),
        (lambda: {"awards": awards({}, {})}, "procurement 'u' stands twice"),
        (lambda: {"ends_on": date(2024, 12, 31)}, "Swap the days"),
        (lambda: {"purchases": bought().drop(columns="unit")}, "no column 'unit'"),
    ],
)
def test_faulty_input_is_refused(call: Callable[[], dict[str, Any]], message: str) -> None:
    sound: dict[str, Any] = {"awards": awards(), "prices": priced(), "purchases": bought(), "shares": units(), **OURS}
    with pytest.raises(MeasureError, match=message):
        real.realised_savings(**(sound | call()))


cents = st.decimals("0.0001", "400", places=4)
lines = st.lists(
    st.fixed_dictionaries(
        {
            "article_id": st.sampled_from("ab"),
            "unit": st.sampled_from(["A", "B", "C", "X", None]),
            "quantity": st.decimals("-40", "900", places=2),
            "price_paid_sek": cents,
            "is_on_contract": st.integers(0, 1),
            "bought_on": st.dates(date(2024, 11, 1), date(2026, 2, 1)),
        }
    ),
    max_size=10,
)
spans = st.tuples(st.dates(date(2024, 1, 1), date(2025, 12, 31)), st.dates(date(2025, 1, 1), date(2027, 12, 31)))


@settings(max_examples=40, deadline=None)
@given(lines, st.tuples(cents, cents, cents, cents), spans.filter(lambda pair: pair[0] <= pair[1]), st.booleans())
def test_promised_less_the_causes_is_realised_to_the_ore_and_agrees_with_sql(
    rows: list[dict[str, Any]], four: tuple[Decimal, ...], days: tuple[date, date], shared: bool
) -> None:
    a, b = {"indexed_previous_price_sek": four[0], "new_price_sek": four[1]}, {"article_id": "b", "quantity": "7.5"}
    b |= {"indexed_previous_price_sek": four[2], "new_price_sek": four[3]}
    shares = units(A="20.5", B="50", C="29.5") if shared else units()
    purchases = bought(*rows)
    found = real.realised_savings(
        awards({"starts_on": days[0], "ends_on": days[1]}), priced(a, b), purchases, shares, **OURS
    )
    table = found.rows
    losses = table[[f"{cause}_ore" for cause in real.CAUSES]].sum(axis=1)
    assert (table["promised_ore"] - losses == table["realised_ore"]).all()
    assert (losses == table["leakage_ore"]).all()
    assert found.causes["amount_ore"].iloc[:-1].sum() == table["realised_ore"].sum()
    assert table["purchases_count"].sum() + found.excluded["rows_count"].sum() == len(rows)
    for by in ("unit", "procurement"):
        summed = real.realised_by(found, by)  # type: ignore[arg-type]
        assert summed["realised_ore"].sum() == table["realised_ore"].sum()
    if table.empty:
        return
    counted = (min(days[1], YEAR["ends_on"]) - max(days[0], YEAR["starts_on"])).days + 1
    promised = sum((four[n] - four[n + 1]) * q for n, q in ((0, Decimal(100)), (2, Decimal("7.5")))) * 100
    assert abs(Fraction(promised) * counted / 365 - int(table["promised_ore"].sum())) <= Fraction(1, 2)
    with duckdb.connect() as connection:
        connection.register("bought", purchases.astype(dict.fromkeys(("quantity", "price_paid_sek"), "str")))
        told = connection.execute(
            """
            with kept as (
                select is_on_contract on_contract, quantity::decimal(18,4) q, price_paid_sek::decimal(18,4) paid,
                    case article_id when 'a' then $a0 else $b0 end::decimal(18,4) p0,
                    case article_id when 'a' then $a1 else $b1 end::decimal(18,4) p1
                from bought where bought_on::date between $first and $last and year(bought_on) = 2025)
            select coalesce(sum(q * (p0 - paid)) filter (on_contract = 1), 0),
                coalesce(sum(q * (p0 - p1)) filter (on_contract = 0), 0),
                coalesce(sum(q * (paid - p1)) filter (on_contract = 1), 0)
            from kept
            """,
            {"a0": str(four[0]), "a1": str(four[1]), "b0": str(four[2]), "b1": str(four[3])}
            | {"first": days[0], "last": days[1]},
        ).fetchone()
    assert told is not None
    assert abs(told[0] * 100 - int(table["realised_ore"].sum())) <= Decimal("0.5")
    # A cause is rounded within its unit: each row may be an öre or two from what it is when nothing is rounded.
    for exact, cause in zip(told[1:], ("off_contract_ore", "price_above_ore"), strict=True):
        assert abs(exact * 100 - int(table[cause].sum())) <= 2 * len(table)


def test_what_is_promised_in_a_whole_year_is_what_the_triage_enables() -> None:
    register_of_one = awards({"starts_on": "2024-01-01"})
    contract_prices = register(
        CONTRACT_PRICES,
        [
            {"article_id": "a", "quantity": 900, "previous_price_sek": "0.1275", "new_price_sek": "0.1"},
            {"article_id": "b", "quantity": 70, "previous_price_sek": 100, "new_price_sek": 99, "indexed_share_pct": 70,
             "index_base": 105, "index_now": 112},
            {"article_id": "n", "quantity": 5, "new_price_sek": 40},
        ],
        procurement_id="u",
    )  # fmt: skip
    triage = savings_measure.saving_triage(register_of_one, register(BIDS, []), contract_prices)
    purchases = bought({"article_id": "b", "quantity": 1, "price_paid_sek": 99}, {"article_id": "n", "quantity": 1})
    found = real.realised_savings(register_of_one, triage.articles, purchases, units(), **OURS)
    assert found.rows["promised_ore"].tolist() == triage.procurements["yearly_ore"].tolist() == [421_42]
    assert found.excluded["reason"].tolist() == ["Artikeln fanns inte i det tidigare avtalet"]
    known_spend = spend(u=500_00)
    award = awards({"procurement_id": "u", "contract_id": "V", "expected_yearly_ore": 1000_00})
    estimated = real.estimated_realisation(award, triage.procurements, known_spend, units(), **OURS)
    assert estimated["realised_ore"].tolist() == [210_71]


def spend_lines(make_matched: Any) -> pd.DataFrame:
    given_rows = [
        {"contract_id": "A", "amount_ore": 2**53, "booked_on": "2025-01-01"},
        {"contract_id": "A", "amount_ore": 1, "booked_on": "2025-12-31"},
        {"contract_id": "A", "amount_ore": -100, "booked_on": "2025-06-01", "possible_rung": 2},
        {"contract_id": "A", "amount_ore": 7_000, "booked_on": "2025-06-01", "possible_rung": 1},
        {"contract_id": "A", "amount_ore": 8_000, "booked_on": "2026-01-01"},
        {"contract_id": "A", "amount_ore": 9_000, "booked_on": None},
        {"contract_id": "A", "amount_ore": 6_000, "booked_on": "2025-06-01", "spend_class": "ej inköp"},
        {"contract_id": "B", "amount_ore": 500, "booked_on": "2025-02-01", "spend_class": None},
        {"contract_id": "C", "amount_ore": 300, "booked_on": "2025-02-01"},
        {"contract_id": None, "amount_ore": 300, "booked_on": "2025-02-01"},
        *({"contract_id": "D", "amount_ore": 10**place, "booked_on": day}
          for place, day in enumerate(("2025-02-28", "2025-03-01", "2025-06-30", "2025-07-01", "2025-09-14"))),
    ]  # fmt: skip
    frame: pd.DataFrame = make_matched([{"supplier_key": "s", **row} for row in given_rows])
    return frame.assign(booked_on=pd.to_datetime(frame["booked_on"]))


def on_contract(contract: str | None, **more: Any) -> dict[str, Any]:
    return {"procurement_id": f"of_{contract}", "contract_id": contract, **more}


def test_contract_spend_is_alike_in_every_engine_and_unknown_without_lines(make_matched: Any, in_engine: Any) -> None:
    ledger = spend_lines(make_matched)
    kept = ledger.copy(deep=True)
    listed = awards(*map(on_contract, ["B", "A", None, "never"]), on_contract("C", starts_on="2026-01-01"))
    for engine in ("pandas", "polars", "polars_lazy", "duckdb"):
        found = real.contract_spend(in_engine(engine, ledger), listed, **YEAR)
        assert found["contract_id"].tolist() == ["A", "B", "C", "never"]
        assert found["procurement_id"].tolist() == ["of_A", "of_B", "of_C", "of_never"]
        assert found["spend_ore"].tolist() == [2**53 + 1 - 100, 500, pd.NA, pd.NA]
        assert found["lines_count"].tolist() == [3, 1, 0, 0]
        assert found["reason"].tolist() == [
            "", "", "Avtalets besparing räknas inte under perioden",
            "Ingen rad i reskontran är visad på avtalet under de dagar som räknas",
        ]  # fmt: skip
        assert real.contract_spend(in_engine(engine, ledger), listed.head(0), **YEAR).empty
    pd.testing.assert_frame_equal(ledger, kept)
    strict = real.contract_spend(ledger, awards(on_contract("A")), least_rung=3, **YEAR)
    assert strict["spend_ore"].tolist() == [2**53 + 1]
    with pytest.raises(MeasureError, match="least_rung is 5"):
        real.contract_spend(ledger, listed, least_rung=5, **YEAR)


def test_contract_spend_is_that_of_the_days_that_count_and_no_others(make_matched: Any, in_engine: Any) -> None:
    ledger = spend_lines(make_matched)
    ended = on_contract("D", starts_on="2024-03-01", ends_on="2027-02-28")
    replaced = [ended, {"procurement_id": "next", "replaces_procurement_id": "of_D", "starts_on": "2025-07-01"}]
    cases: list[tuple[list[dict[str, Any]], Any, int]] = [
        ([ended], "contract_life", 11_111),
        ([ended], "first_year_only", 1),
        ([ended | {"ends_on": "2025-06-30"}], "contract_life", 111),
        ([ended | {"starts_on": "2025-03-01"}], "contract_life", 11_110),
        (replaced, "contract_life", 111),
    ]
    for engine in ("pandas", "polars", "polars_lazy", "duckdb"):
        for rows, counted, expected in cases:
            found = real.contract_spend(in_engine(engine, ledger), awards(*rows), counted=counted, **YEAR)
            assert found["spend_ore"].tolist() == [expected], (engine, rows, counted)


def test_the_first_year_alone_is_compared_with_what_was_bought_in_it(make_matched: Any) -> None:
    # 1 000 kronor a month as expected; the saving counts in January and February, the first year's last two months.
    days = [f"2025-{month:02d}-15" for month in range(1, 13)]
    rows = [{"supplier_key": "s", "contract_id": "A", "amount_ore": 1000_00, "booked_on": day} for day in days]
    ledger = make_matched(rows)
    ledger = ledger.assign(booked_on=pd.to_datetime(ledger["booked_on"]))
    listed = awards(on_contract("A", starts_on="2024-03-01", expected_yearly_ore=12_000_00))
    for counted, months in (("contract_life", 12), ("first_year_only", 2)):
        chosen: dict[str, Any] = {"counted": counted, **YEAR}
        spent = real.contract_spend(ledger, listed, **chosen)
        assert spent["spend_ore"].tolist() == [months * 1000_00]
        found = real.estimated_realisation(
            listed, savings(of_A=600_00), spent, units(), own_name=OWN, **chosen
        )  # 59 days of 365 are not quite two months of twelve.
        assert 99 < found["rate_pct"].iloc[0] < 104, counted


def spend(**amounts: int | None) -> pd.DataFrame:
    rows = [(name, amount, "" if amount is not None else "Okänt") for name, amount in amounts.items()]
    return pd.DataFrame(rows, columns=["procurement_id", "spend_ore", "reason"]).astype({"spend_ore": "Int64"})


def savings(**yearly: int | None) -> pd.DataFrame:
    rows = list(yearly.items())
    return pd.DataFrame(rows, columns=["procurement_id", "yearly_ore"]).astype({"yearly_ore": "Int64"})


@pytest.mark.parametrize(
    ("rejected", "said"),
    [
        ("rejected_purchases_count", "Ett eller flera köp kunde inte läsas"),
        ("rejected_prices_count", "En eller flera prisrader kunde inte läsas"),
    ],
)
def test_what_can_be_mended_is_said_before_why_there_is_no_estimate(rejected: str, said: str) -> None:
    listed = awards({rejected: 1})
    found = real.realised_savings(listed, priced(), bought({"quantity": 5}), units(), **OURS)
    estimated = real.estimated_realisation(listed, savings(u=100_00), spend(), units(), **OURS)
    assert estimated["reason"].tolist() == ["Det är inte angivet vilket avtal upphandlingen ledde till"]
    rates = real.realisation_rates(found, estimated)
    assert (rates["promised_ore"].tolist(), rates["reason"].tolist()) == ([100_00], [said])
    # An estimate from the ledger stands, since it rests on no row of the lists.
    whole = awards({rejected: 1, "contract_id": "A", "expected_yearly_ore": 1000_00})
    known = real.estimated_realisation(whole, savings(u=100_00), spend(u=500_00), units(), **OURS)
    assert real.realisation_rates(found, known)[["realised_ore", "reason"]].to_numpy().tolist() == [[50_00, ""]]


def test_an_estimate_is_made_only_from_what_is_known() -> None:
    usual = {"expected_yearly_ore": 1000_00}
    register_of_all = awards(
        {"procurement_id": "full", "contract_id": "A", **usual},
        {"procurement_id": "half", "contract_id": "B", "ends_on": "2025-07-01", **usual},
        {"procurement_id": "no_saving", "contract_id": "C", **usual},
        {"procurement_id": "no_contract", **usual},
        {"procurement_id": "no_expected", "contract_id": "D"},
        {"procurement_id": "no_lines", "contract_id": "E", **usual},
        {"procurement_id": "twin_1", "contract_id": "F", **usual},
        {"procurement_id": "twin_2", "contract_id": "F", **usual},
        {"procurement_id": "no_day", "contract_id": "G", **usual, "ends_on": None},
        {"procurement_id": "later", "contract_id": "H", **usual, "starts_on": "2026-01-01"},
        {"procurement_id": "measured", "contract_id": "I", **usual},
    )
    yearly = dict.fromkeys(register_of_all["procurement_id"], 365_00) | {"no_saving": None}
    known = spend(
        full=800_00, half=600_00, no_saving=1, no_expected=1, no_lines=None, twin_1=1, twin_2=1, no_day=1, later=1,
        measured=1,
    )  # fmt: skip
    found = real.estimated_realisation(
        register_of_all, savings(**yearly), known, units(), measured=["measured"], **OURS
    ).set_index("procurement_id")
    assert found.loc["full", ["promised_ore", "realised_ore", "rate_pct", "basis"]].tolist() == [
        365_00, 292_00, 80.0, "uppskattat",
    ]  # fmt: skip
    # 182 days: promised 182, expected 498,63 and bought 600: more than promised.
    assert found.loc["half", ["promised_ore", "expected_ore", "realised_ore"]].tolist() == [182_00, 498_63, 219_00]
    reasons = found.loc[found["realised_ore"].isna(), "reason"].to_dict()
    assert reasons == {
        "no_saving": "Upphandlingen har ingen beräknad besparing",
        "no_contract": "Det är inte angivet vilket avtal upphandlingen ledde till",
        "no_expected": "Förväntade inköp per år saknas",
        "no_lines": "Okänt",
        "twin_1": "Flera upphandlingar anger samma avtal, så köpen går inte att skilja åt",
        "twin_2": "Flera upphandlingar anger samma avtal, så köpen går inte att skilja åt",
        "no_day": "Avtalets första eller sista dag är okänd",
    }
    assert found["basis"].notna().sum() == 2
    assert not {"later", "measured"} & set(found.index)


def test_what_a_coordinated_contract_promises_us_is_our_own_part_of_it() -> None:
    # Our share of 200 kronor is a fifth; we bought 20 of the 100, which is all that we were to buy.
    purchases = bought({"unit": "A", "quantity": 12}, {"unit": "B", "quantity": 8})
    coordinated = {"is_coordinated": 1}
    for shares, by_unit in ((ours(20), {real.ALL_UNITS: 40_00}),
                            (pd.concat([ours(20), units(A=60, B=40)]), {"A": 24_00, "B": 16_00})):  # fmt: skip
        found = real.realised_savings(awards(coordinated), priced(), purchases, shares, **OURS)
        assert dict(zip(found.rows["unit"], found.rows["promised_ore"], strict=True)) == by_unit
        assert causes(found) == {
            "promised": 40_00, "not_started": 0, "volume": 0, "off_contract": 0, "price_above": 0, "realised": 40_00,
        }  # fmt: skip
    whole = awards(coordinated | {"contract_id": "A", "expected_yearly_ore": 500_00})
    estimated = real.estimated_realisation(whole, savings(u=200_00), spend(u=450_00), ours(20), **OURS)
    # What is expected is our own part already.
    assert estimated[["promised_ore", "expected_ore", "realised_ore", "rate_pct"]].to_numpy().tolist() == [
        [40_00, 500_00, 36_00, 90.0]
    ]


@pytest.mark.parametrize(
    ("award", "shares", "reason"),
    [
        ({"is_coordinated": 1}, units(A=100), "Samordnad upphandling utan angivna andelar, så den egna delen är inte "
         "känd"),
        ({"organisation": "Sörby kommun"}, units(),
         "Gjord för en annan organisation, och det är inte angivet om den är samordnad"),
        ({"organisation": "Sörby kommun", "is_coordinated": 0}, units(), "Gjord för en annan organisation"),
        ({}, ours(0), "Organisationen står inte bland dem som delar på besparingen"),
        ({"rejected_shares_count": 1}, units(), "Fördelningen mellan organisationerna kunde inte läsas"),
        ({"organisation": OWN, "is_coordinated": 0}, units(), ""),
        ({"organisation": OWN}, units(), ""),
        ({"is_coordinated": 0}, units(), ""),
        ({"organisation": "Sörby kommun", "is_coordinated": 1}, ours(50), ""),
    ],
)  # fmt: skip
def test_a_part_that_is_not_known_promises_nothing_that_could_be_set_against_our_ledger(
    award: dict[str, Any], shares: pd.DataFrame, reason: str
) -> None:
    listed = awards({"contract_id": "A", "expected_yearly_ore": 500_00, **award})
    found = real.realised_savings(listed, priced(), bought({"quantity": 50}), shares, **OURS)
    assert found.not_measured["reason"].tolist() == ([reason] if reason else [])
    assert found.rows.empty == bool(reason)
    (row,) = real.estimated_realisation(listed, savings(u=200_00), spend(u=1), shares, **OURS).to_dict("records")
    assert (row["reason"], pd.isna(row["promised_ore"]), pd.isna(row["realised_ore"])) == (reason, *[bool(reason)] * 2)
    rates = real.realisation_rates(found, pd.DataFrame([row]) if reason else None)
    assert rates["reason"].tolist() == [reason]
    if reason:
        # Whatever the others are promised is not ours, so not even the promise is told.
        (left,) = real.realisation_rate(rates).excluded
        assert (left.reason, left.rows, left.amount_ore, left.counted) == (reason, 1, None, "upphandlingar")


def test_our_own_name_and_whole_shares_are_needed() -> None:
    for name, shares, message in (("", units(), "own_name is empty"), (OWN, ours(99).head(1), "sum to 99 %")):
        with pytest.raises(MeasureError, match=message):
            real.realised_savings(awards(), priced(), bought(), shares, **{**OURS, "own_name": name})
        with pytest.raises(MeasureError, match=message):
            real.estimated_realisation(awards(), savings(u=1), spend(), shares, **{**OURS, "own_name": name})


def test_measured_and_estimated_are_told_apart_in_one_rate() -> None:
    register_of_two = awards({}, {"procurement_id": "v", "contract_id": "V", "expected_yearly_ore": 100_00},
                             {"procurement_id": "w", "starts_on": "2027-01-01", "ends_on": "2027-12-31"})  # fmt: skip
    found = real.realised_savings(register_of_two, priced(), bought({"quantity": 50}), units(), **OURS)
    estimated = real.estimated_realisation(
        register_of_two, savings(u=1, v=300_00), spend(v=90_00), units(), measured=found.rows["procurement_id"], **OURS
    )
    rates = real.realisation_rates(found, estimated)
    assert rates[["procurement_id", "basis", "promised_ore", "realised_ore", "rate_pct"]].values.tolist() == [
        ["u", "uppmätt", 200_00, 100_00, 50.0],
        ["v", "uppskattat", 300_00, 270_00, 90.0],
    ]
    figure = real.realisation_rate(rates)
    assert (figure.value, figure.numerator, figure.denominator) == (74, 370, 500)
    assert figure.comparison.replace("\xa0", " ") == "uppmätt: 50 % av 200 kr; uppskattat: 90 % av 300 kr"
    alone = real.realisation_rates(found)
    assert alone["reason"].tolist() == ["", NO_SAVING_REASONS["no_previous_contract"]]
    assert real.realisation_rate(alone).excluded[0].rows == 1
    with pytest.raises(MeasureError, match="both measured and estimated"):
        real.realisation_rates(found, estimated.assign(procurement_id="u"))
    with pytest.raises(MeasureError, match=r"'units' is not a way to part the savings\. Did you mean 'unit'"):
        real.realised_by(found, "units")  # type: ignore[arg-type]


def rates_of(*pairs: tuple[str, str | None, int | None, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(pairs, columns=["procurement_id", "basis", "promised_ore", "realised_ore"])
    return frame.astype({"promised_ore": "Int64", "realised_ore": "Int64"}).assign(reason="Okänt")


def test_a_rate_says_how_much_of_what_is_promised_it_rests_on() -> None:
    figure = real.realisation_rate(
        rates_of(("a", "uppmätt", 200_00, 100_00), ("b", None, 900_00, None), ("c", None, None, None))
    )
    told = "200 kr av 1 100 kr utlovat går att följa; uppmätt: 50 % av 200 kr"
    assert figure.comparison.replace("\xa0", " ") == told
    (left,) = figure.excluded
    assert (left.rows, left.amount_ore, left.known, left.counted) == (2, 900_00, 1, "upphandlingar")
    # Where all that is promised can be followed, or only what costs more cannot, there is no part to tell.
    for other in (("c", None, None, None), ("b", None, -1, None)):
        alone = real.realisation_rate(rates_of(("a", "uppmätt", 200_00, 100_00), other))
        assert alone.comparison.replace("\xa0", " ") == "uppmätt: 50 % av 200 kr"


@pytest.mark.parametrize(
    ("pairs", "because"),
    [
        ([], "Ingen upphandling har både utlovad och realiserad besparing"),
        ([("a", None, 5, None)], "Ingen upphandling har både utlovad och realiserad besparing"),
        ([("a", "uppmätt", -5, -4)], "Det utlovade är inte över noll"),
    ],
)
def test_a_rate_of_nothing_is_unknown(pairs: list[Any], because: str) -> None:
    figure = real.realisation_rate(rates_of(*pairs))
    assert (figure.value, figure.unknown_because) == (None, because)


def test_the_track_record_is_low_likely_and_high_and_needs_enough_procurements() -> None:
    year = [(name, "uppmätt", 100, realised) for name, realised in zip("abcde", (90, 40, 60, 110, 80), strict=True)]
    found = real.track_record([rates_of(*year), rates_of(("f", "uppskattat", 100, 1), ("g", None, None, None))])
    # In order 40, 60, 80, 90, 110: four tenths of the way from 40 to 60, the middle one, and from 90 to 110.
    assert (found.low_pct, found.likely_pct, found.high_pct) == (48, 80, 102)
    assert (found.procurements_count, found.unknown_because) == (5, "")
    pooled = real.track_record([rates_of(*year), rates_of(("b", "uppmätt", 300, 360))])
    assert pooled.low_pct == 68  # b is 400 of 400 in all, so 60 and 80 are lowest
    assert real.track_record([rates_of(*year, ("f", "uppskattat", 100, 1))], include_estimated=True).low_pct == Decimal(
        "20.5"
    )
    few = real.track_record([rates_of(*year[:4], ("z", "uppmätt", -1, 1))])
    assert (few.low_pct, few.likely_pct, few.high_pct, few.procurements_count) == (None, None, None, 4)
    assert few.unknown_because == "4 upphandlingar har både utlovad och realiserad besparing, 5 krävs"
    with pytest.raises(MeasureError, match="least_procurements is 1"):
        real.track_record([], least_procurements=1)


def test_the_inputs_are_left_as_they_were() -> None:
    given_frames = [awards(), priced(), bought({"unit": "A", "quantity": 3}), units(A=100)]
    kept = [frame.copy(deep=True) for frame in given_frames]
    found = real.realised_savings(*given_frames, **OURS)
    rows = found.rows.copy(deep=True)
    real.realisation_rates(found)
    real.realised_by(found, "unit")
    for frame, before in zip([*given_frames, found.rows], [*kept, rows], strict=True):
        pd.testing.assert_frame_equal(frame, before)


def test_what_the_fictional_organisation_hides_is_found(in_project: Any) -> None:
    org, truths = open_organisation("exempel", "2025"), in_project.truths["savings"]
    triage = savings_measure.saving_triage(org.awards, org.bids, org.contract_prices)
    here: dict[str, Any] = {**YEAR, "own_name": org.params.name}
    found = real.realised_savings(org.awards, triage.articles, org.priced_purchases, org.saving_shares, **here)
    planted = {(row["procurement_id"], row["unit"]): row for row in truths["realised"]["units"]}
    rows = found.rows.set_index(["procurement_id", "unit"]).to_dict("index")
    assert rows.keys() == planted.keys()
    for place, row in rows.items():
        for step in ("promised", *real.CAUSES, "realised"):
            # The truths round each step by itself; here the steps of a unit sum to the öre.
            assert abs(row[f"{step}_ore"] - planted[place][f"{step}_ore"]) <= 1
    used = int(found.rows["purchases_count"].sum()) + int(found.excluded["rows_count"].sum())
    assert used == len(org.priced_purchases) == truths["realised"]["order_lines"]
    bought_on = real.contract_spend(org.lines, org.awards, **YEAR)
    estimated = real.estimated_realisation(
        org.awards, triage.procurements, bought_on, org.saving_shares, measured=found.rows["procurement_id"], **here
    ).set_index("procurement_id")
    known = [row for row in truths["estimated"] if row["realised_ore"] is not None]
    assert known
    for row in known:
        assert estimated.loc[row["procurement_id"], "spend_ore"] == row["spent_ore"]
        assert abs(estimated.loc[row["procurement_id"], "realised_ore"] - row["realised_ore"]) <= 1
    assert set(estimated.index[estimated["basis"].notna()]) == {row["procurement_id"] for row in known}


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def known(text: str) -> Decimal | None:
    return None if text == "–" else number(text)


@pytest.mark.parametrize(
    ("name", "span"), [("realised_saving", (None, None)), ("saving_leakage", ("2024-07-02", "2025-07-01"))]
)
def test_the_worked_realisation_is_what_the_measure_gives(
    name: str, span: tuple[str | None, str | None], worked_tables: Tables
) -> None:
    articles, shares, lines_told, expected, figures = worked_tables(name)
    starts_on, ends_on = span[0] or "2025-01-01", span[1] or "2025-12-31"
    found = real.realised_savings(
        awards({"starts_on": starts_on, "ends_on": ends_on}),
        priced(
            *(
                {
                    "article_id": row["Artikel"],
                    "indexed_previous_price_sek": number(row["Tidigare pris (kr)"]),
                    "new_price_sek": number(row["Avtalat pris (kr)"]),
                    "quantity": number(row["Kvantitet per år"]),
                }
                for row in articles.to_dict("records")
            )
        ),
        bought(
            *(
                {
                    "article_id": row["Artikel"],
                    "unit": row["Enhet"],
                    "quantity": number(row["Kvantitet"]),
                    "price_paid_sek": number(row["Betalt pris (kr)"]),
                    "is_on_contract": int(row["På avtalet"] == "ja"),
                }
                for row in lines_told.to_dict("records")
            )
        ),
        pd.concat(
            [
                units(**{row["Enhet"]: number(row["Andel (%)"]) for row in shares.to_dict("records")}),
                ours(number(articles["Egen andel (%)"].iloc[0]) if "Egen andel (%)" in articles else Decimal(100)),
            ]
        ),
        **OURS,
    )
    columns = {
        "Utlovat (kr)": "promised_ore", "Ej påbörjat (kr)": "not_started_ore", "Lägre volym (kr)": "volume_ore",
        "Köp utanför avtal (kr)": "off_contract_ore", "Pris över avtal (kr)": "price_above_ore",
        "Realiserat (kr)": "realised_ore",
    }  # fmt: skip
    for row, hand in zip(found.rows.to_dict("records"), expected.to_dict("records"), strict=True):
        assert row["unit"] == hand["Enhet"]
        assert {column: row[column] for column in columns.values()} == {
            column: number(hand[title]) * 100 for title, column in columns.items()
        }
    figure = getattr(real, name)(found)
    assert figure.id == figure.method == name
    assert figure.value == number(figures["Tal"].iloc[0])


def test_the_worked_estimate_is_what_the_measure_gives(worked_tables: Tables) -> None:
    table, expected = worked_tables("estimated_realisation")
    given_rows = table.to_dict("records")

    def ore(text: str) -> int | None:
        amount = known(text)
        return None if amount is None else int(amount * 100)

    found = real.estimated_realisation(
        awards(
            *(
                {
                    "procurement_id": row["Upphandling"],
                    "contract_id": row["Upphandling"],
                    "starts_on": row["Första dag"],
                    "ends_on": row["Sista dag"],
                    "expected_yearly_ore": ore(row["Förväntat köp per år (kr)"]),
                    "is_coordinated": int(row["Egen andel (%)"] != "100"),
                }
                for row in given_rows
            )
        ),
        savings(**{row["Upphandling"]: ore(row["Besparing per år (kr)"]) for row in given_rows}),
        spend(**{row["Upphandling"]: ore(row["Köpt på avtalet (kr)"]) for row in given_rows}),
        pd.concat(
            [
                ours(number(row["Egen andel (%)"]), procurement_id=row["Upphandling"])
                for row in given_rows
                if row["Egen andel (%)"] not in ("–", "100")
            ]
        ),
        **OURS,
    )
    for row, hand in zip(found.to_dict("records"), expected.to_dict("records"), strict=True):
        assert row["procurement_id"] == hand["Upphandling"]
        assert row["promised_ore"] == ore(hand["Utlovat (kr)"])
        realised = None if pd.isna(row["realised_ore"]) else row["realised_ore"]
        assert realised == ore(hand["Realiserat (kr)"])
        assert (None if pd.isna(row["rate_pct"]) else row["rate_pct"]) == known(hand["Andel (%)"])


def test_the_worked_rate_is_what_the_measure_gives(worked_tables: Tables) -> None:
    table, figures = worked_tables("realisation_rate")
    pairs = []
    for row in table.to_dict("records"):
        promised, realised = known(row["Utlovat (kr)"]), known(row["Realiserat (kr)"])
        basis = None if row["Underlag"] == "–" else row["Underlag"]
        ore = [None if amount is None else int(amount * 100) for amount in (promised, realised)]
        pairs.append((row["Upphandling"], basis, *ore))
    figure = real.realisation_rate(rates_of(*pairs))
    hand = {row["Storhet"]: number(row["Tal"]) for row in figures.to_dict("records")}
    assert figure.id == figure.method == "realisation_rate"
    assert (figure.value, figure.numerator, figure.denominator) == (hand["Värde"], hand["Täljare"], hand["Nämnare"])
    assert sum(left.amount_ore or 0 for left in figure.excluded) == hand["Undantaget"] * 100
    followed = [f"{amount:,.0f}".replace(",", "\xa0") for amount in (hand["Nämnare"], hand["Allt utlovat"])]
    assert figure.comparison.startswith("{}\xa0kr av {}\xa0kr utlovat går att följa; uppmätt: ".format(*followed))
