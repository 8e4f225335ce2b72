"""Contract loyalty by article line: the evidence by hand, the sums by identities and by an oracle in plain SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from procanalysis.errors import MeasureError
from procanalysis.measures import contract_loyalty
from procanalysis.measures.contract_loyalty import REASONS, TO_LOOK_AT, LineEvidence
from procanalysis.schema import ARTICLE_LINES, EVIDENCE_COLUMNS, PRICE_LISTS, TAXONOMY, Column, names

Row = Mapping[str, Any]
LINE = {
    "origin": "order", "document_number": "O1", "bought_on": "2025-03-01", "unit": "Norr", "supplier_key": "Alfa",
    "supplier_name": "Alfa AB", "base_quantity": Decimal(1), "amount_ore": 100, "file": "order.csv",
}  # fmt: skip
CONTRACT = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
SCOPE = {
    "contract_id": "K1", "supplier_key": "Alfa", "through_group": 0, "category_code": "05", "participants_known": 1,
    **CONTRACT,
}  # fmt: skip
PRICE = {"supplier_key": "Alfa", "contract_reference": "K1", "base_quantity": Decimal(1), "is_withdrawn": 0}
TYPES = {"text": "str", "integer": "Int64", "date": "datetime64[us]", "decimal": "object"}


def framed(columns: tuple[Column, ...], rows: list[Row]) -> pd.DataFrame:
    made = {
        column.name: pd.Series([row.get(column.name) for row in rows], dtype="object").astype(TYPES[column.type])
        for column in columns
    }
    return pd.DataFrame(made)


def article_lines(*rows: Row) -> pd.DataFrame:
    numbered = [
        {**LINE, "line_id": place, "line_number": str(place), "row_number": place + 1, **row}
        for place, row in enumerate(rows, start=1)
    ]
    return framed(ARTICLE_LINES, numbered)


def price_lists(*rows: Row) -> pd.DataFrame:
    return framed(PRICE_LISTS, [{**PRICE, "row_number": place + 1, **row} for place, row in enumerate(rows, start=1)])


@dataclass(frozen=True)
class Asked:
    """Ask for evidence against one register, and show it line by line."""

    registers: Any

    def __call__(
        self,
        *rows: Row,
        contracts: list[Row] | None = None,
        scopes: list[Row] | None = None,
        prices: list[Row] | None = None,
        **more: Any,
    ) -> LineEvidence:
        made_scopes = [{**SCOPE, **row} for row in (scopes if scopes is not None else [{}])]
        made_contracts = contracts if contracts is not None else [
            {"contract_id": row["contract_id"], "starts_on": row["starts_on"], "ends_on": row["ends_on"]}
            for row in {row["contract_id"]: row for row in made_scopes}.values()
        ]  # fmt: skip
        return contract_loyalty.line_evidence(
            rows[0] if len(rows) == 1 and isinstance(rows[0], pd.DataFrame) else article_lines(*rows),
            contracts=self.registers.contracts(*made_contracts),
            scopes=self.registers.scopes(*made_scopes),
            price_lists=price_lists(*(prices or [])),
            **more,
        )


@pytest.fixture(scope="module")
def ask(registers: Any) -> Asked:
    return Asked(registers)


def shown(evidence: LineEvidence) -> list[tuple[Any, ...]]:
    columns = evidence.lines[["evidence", "contracted", "contract_id"]].astype("object")
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in columns.itertuples(index=False)]


def reason(evidence: LineEvidence) -> list[str]:
    named = {text: name for name, text in REASONS.items()}
    return ["" if pd.isna(text) else named[text] for text in evidence.lines["reason"]]


def look(evidence: LineEvidence) -> list[str]:
    named = {text: name for name, text in TO_LOOK_AT.items()}
    return ["" if pd.isna(text) else named[text] for text in evidence.lines["to_look_at"]]


def test_a_named_contract_proves_when_it_is_the_suppliers_and_held_that_day(ask: Asked) -> None:
    found = ask(
        {"contract_reference": " k1 "},
        {"contract_reference": "K1", "bought_on": "2025-12-31"},
        {"contract_reference": "K1", "bought_on": "2026-01-01"},
        {"contract_reference": "K1", "supplier_key": "Beta"},
        {"contract_reference": "K9"},
        {"contract_reference": "K2", "supplier_key": "Gamma"},
        scopes=[{}, {"contract_id": "K2", "supplier_key": "Gamma", "ends_on": None, "category_code": "06"}],
    )
    named = ("contract_reference", "yes", "K1")
    assert shown(found)[:4] == [named, named, (None, "no", None), (None, "no", None)]
    assert shown(found)[5] == ("contract_reference", "possible", "K2")
    assert reason(found) == ["", "", "not_valid", "no_contract", "line_untold", "register_untold"]
    assert look(found) == ["", "", "named_out_of_time", "named_of_another", "named_unknown", ""]


def test_a_contract_reached_through_the_group_or_without_supplier_is_only_possible(ask: Asked) -> None:
    found = ask(
        {"contract_reference": "K1"},
        {"contract_reference": "K2", "supplier_key": "Vem som helst"},
        scopes=[{"through_group": 1}, {"contract_id": "K2", "supplier_key": None}],
    )
    assert shown(found) == [("contract_reference", "possible", "K1"), ("contract_reference", "possible", "K2")]
    assert look(found) == ["", ""]


def test_the_mark_of_e_commerce_proves_but_what_speaks_against_it_is_told(ask: Asked) -> None:
    found = ask(
        {"assortment": "contract"},
        {"assortment": "contract", "supplier_key": "Beta"},
        {"assortment": "contract", "article_id": "okänd"},
        {"assortment": "other", "category_code": "05"},
        {"assortment": "other", "article_id": "A1"},
        {"assortment": "other", "contract_reference": "K1"},
        {"assortment": "other", "article_id": "X", "price_sek": Decimal("4"), "quantity_unit": "C62"},
        prices=[{"article_id": "A1", "price": Decimal("40"), "base_quantity": Decimal(10), "unit_code": "c62",
                 "currency": "SEK"}],
    )  # fmt: skip
    assert shown(found) == [
        ("order_line", "yes", "K1"),
        ("order_line", "yes", None),
        ("order_line", "yes", "K1"),
        (None, "no", None),
        ("assortment", "yes", "K1"),
        ("contract_reference", "yes", "K1"),
        (None, "no", None),
    ]
    assert reason(found)[3] == reason(found)[6] == "other_assortment"
    assert look(found) == [
        "", "marked_without_contract", "marked_not_listed", "", "other_but_listed", "other_but_named",
        "other_but_priced",
    ]  # fmt: skip


def test_an_invoice_line_follows_its_order_line(ask: Asked) -> None:
    orders = article_lines(
        {"document_number": "O1", "line_number": "1", "assortment": "contract"},
        {"document_number": "O1", "line_number": "2", "assortment": "other"},
        {"document_number": "O2", "line_number": "1", "contract_reference": "K1"},
        {"document_number": "O2", "line_number": "2", "contract_reference": "K1"},
    )
    invoice = {"origin": "invoice", "document_number": "F1"}
    found = ask(
        {**invoice, "order_reference": "o1", "order_line_reference": "1"},
        {**invoice, "order_reference": "O1", "order_line_reference": "2"},
        {**invoice, "order_reference": "O1"},
        {**invoice, "order_reference": "O2"},
        {**invoice, "order_reference": "O2", "order_line_reference": "7"},
        {**invoice, "order_reference": "O2", "supplier_key": "Beta"},
        {**invoice, "order_reference": "O2", "assortment": "other"},
        {**invoice, "order_reference": "O3"},
        order_lines=orders,
    )
    proven = ("order_line", "yes", "K1")
    assert shown(found)[0] == shown(found)[3] == shown(found)[4] == proven
    assert shown(found)[6] == ("order_line", "possible", "K1")
    assert reason(found) == [
        "", "other_assortment", "line_untold", "", "", "no_contract", "marks_differ", "line_untold",
    ]  # fmt: skip
    assert look(found)[6] == "other_but_ordered"
    once_made = contract_loyalty.line_evidence(
        article_lines({**invoice, "order_reference": "O2"}),
        contracts=ask.registers.contracts(),
        scopes=ask.registers.scopes(),
        price_lists=price_lists(),
        order_lines=ask(orders),
    )
    assert shown(once_made) == [proven]


def test_the_article_is_looked_up_in_the_list_that_held_that_day(ask: Asked) -> None:
    prices = [
        {"article_id": "a1", "valid_from": "2025-02-01", "valid_to": "2025-04-30"},
        {"article_id": "A2", "standard_item_id": "7310865000019"},
        {"article_id": "A3", "valid_from": "2025-01-01"},
        {"article_id": "A3", "valid_from": "2025-06-01", "is_withdrawn": 1},
        {"article_id": "A4", "is_withdrawn": 1},
        {"article_id": "A4", "valid_from": "2025-01-01"},
        {"article_id": "A5", "supplier_key": None},
        {"article_id": "A6", "contract_reference": None},
        {"article_id": "A7", "contract_reference": None, "valid_from": "2024-01-01"},
        {"article_id": "A8", "contract_reference": "K3"},
    ]
    listed, unsure = ("assortment", "yes", "K1"), ("assortment", "possible", None)
    found = ask(
        {"article_id": "A1"},
        {"article_id": "A1", "bought_on": "2025-05-01"},
        {"article_id": "A1", "supplier_key": "Beta"},
        {"standard_item_id": "07310865000019"},
        {"article_id": "A2", "bought_on": "2026-01-01"},
        {"article_id": "A3", "bought_on": "2025-05-31"},
        {"article_id": "A3", "bought_on": "2025-06-01"},
        {"article_id": "A4"},
        {"article_id": "A5"},
        {"article_id": "A6"},
        {"article_id": "A7", "bought_on": "2027-01-01"},
        {"article_id": "A8"},
        prices=prices,
        scopes=[{}, {"contract_id": "K3", "supplier_key": "Delta", "starts_on": None}],
    )
    assert shown(found) == [
        listed, (None, "no", None), (None, "no", None), listed, (None, "no", None), listed, (None, "no", None),
        (None, "no", None), listed, unsure, ("assortment", "yes", None), ("assortment", "possible", "K3"),
    ]  # fmt: skip
    assert [reason(found)[place] for place in (1, 2, 6, 7)] == ["not_in_list", "no_contract", *["not_in_list"] * 2]


def test_a_category_within_the_contract_makes_possible_and_nothing_more(ask: Asked) -> None:
    found = ask(
        {"category_code": "05"},
        {"category_code": "05.02"},
        {"category_code": "06"},
        {"category_code": "05", "bought_on": "2026-05-01"},
        {"category_code": "05", "unit": "Syd"},
        {"category_code": "05", "unit": None},
        {"category_code": None},
        {"category_code": "05", "supplier_key": "Beta"},
        {"category_code": "05", "supplier_key": "Gamma"},
        {"category_code": "05", "supplier_key": "Gamma", "article_id": "X"},
        {"category_code": "06", "supplier_key": "Gamma", "article_id": "X"},
        scopes=[{"participant": "norr"}, {"contract_id": "K2", "supplier_key": "Gamma"}],
        prices=[{"article_id": "A1", "contract_reference": "K2", "supplier_key": "Gamma"}],
    )
    in_class = ("classification", "possible", "K1")
    assert shown(found)[:2] == [in_class, in_class]
    assert shown(found)[8:10] == [("classification", "possible", "K2")] * 2
    assert {shown(found)[place] for place in (2, 3, 7, 10)} == {(None, "no", None)}
    # Norr is a unit of the lines, so that Syd is told apart from the organisation's own name only when that is given.
    assert reason(found) == [
        "only_class", "only_class", "outside_scope", "not_valid", "outside_scope", "register_untold", "line_untold",
        "no_contract", "only_class", "class_not_listed", "not_in_list",
    ]  # fmt: skip
    assert found.lines["contracted"].tolist()[5:7] == ["possible", "possible"]


def test_who_may_buy_is_unknown_until_the_organisation_says_what_it_is_called(ask: Asked) -> None:
    line = {"category_code": "05"}
    scope = {"participant": "region påhitt"}
    assert reason(ask(line, scopes=[scope])) == ["register_untold"]
    assert reason(ask(line, scopes=[scope], buyers=["Region Påhitt"])) == ["only_class"]
    assert reason(ask(line, scopes=[scope], buyers=["Region Annan"])) == ["outside_scope"]
    assert reason(ask(line, scopes=[{"participants_known": 0}])) == ["register_untold"]


def test_the_tree_says_what_lies_above_a_category(ask: Asked) -> None:
    tree = framed(
        TAXONOMY,
        [
            {"category_code": "STÄD", "name": "Städ"},
            {"category_code": "MOPPAR", "parent_code": "STÄD", "name": "Moppar"},
        ],
    )
    scopes = [{"category_code": "STÄD"}]
    assert reason(ask({"category_code": "MOPPAR"}, scopes=scopes)) == ["outside_scope"]
    assert reason(ask({"category_code": "MOPPAR"}, scopes=scopes, taxonomy=tree)) == ["only_class"]


def test_a_cpv_code_of_the_list_makes_possible(ask: Asked) -> None:
    prices = [{"article_id": "A1", "cpv_code": "33141420-0"}]
    found = ask({"cpv_code": "33141420", "article_id": "X"}, {"cpv_code": "33141421"}, prices=prices, scopes=[])
    assert shown(found)[0][:2] == ("classification", "possible")
    assert reason(found) == ["class_not_listed", "line_untold"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"price_sek": "12.50", "quantity_unit": "EA"}, "only_price"),
        ({"price_sek": "125", "base_quantity": Decimal(10), "quantity_unit": "ea"}, "only_price"),
        ({"price_sek": "12.50", "quantity_unit": "BX"}, "not_in_list"),
        ({"price_sek": "12.50"}, "not_in_list"),
        ({"price_sek": "12.51", "quantity_unit": "EA"}, "not_in_list"),
        ({"price_sek": "7", "quantity_unit": "EA"}, "not_in_list"),
        ({"price_sek": "0", "quantity_unit": "EA"}, "not_in_list"),
        ({"price_sek": "12.50", "quantity_unit": "EA", "bought_on": "2025-05-01"}, "not_in_list"),
        ({"price_sek": "9", "quantity_unit": "EA"}, "not_in_list"),
    ],
)
def test_a_price_alone_makes_possible_when_it_is_one_articles_in_the_same_unit(
    line: Row, expected: str, ask: Asked
) -> None:
    each = {"unit_code": "EA", "currency": "SEK"}
    prices = [
        {"article_id": "A1", "price": Decimal("12.5"), "valid_to": "2025-04-30", **each},
        {"article_id": "A2", "price": Decimal(7), **each},
        {"article_id": "A3", "price": Decimal(7), **each},
        {"article_id": "A4", "price": Decimal(0), **each},
        {"article_id": "A5", "price": Decimal(9), "unit_code": "EA", "currency": "EUR"},
    ]
    priced = {**line, "price_sek": Decimal(line["price_sek"]), "article_id": "X", "category_code": "06"}
    assert reason(ask(priced, prices=prices)) == [expected]


def test_without_a_register_nothing_is_ruled_out(ask: Asked) -> None:
    found = ask({}, {"assortment": "contract"}, {"assortment": "other"}, {"contract_reference": "K1"}, scopes=[])
    assert reason(found) == ["no_register", "", "other_assortment", "no_register"]
    assert found.lines["contracted"].tolist() == ["possible", "yes", "no", "possible"]
    assert look(found) == [""] * 4


def test_every_line_is_kept_in_order_and_the_input_is_untouched(ask: Asked) -> None:
    lines = article_lines({"article_id": "A1"}, {"supplier_key": "Beta"}, {}).set_axis([7, 3, 5])
    before = lines.copy(deep=True)
    found = ask(lines, prices=[{"article_id": "A1"}, {"article_id": "A1", "contract_reference": None}])
    pd.testing.assert_frame_equal(lines, before)
    assert found.lines.index.tolist() == [7, 3, 5]
    assert list(found.lines) == [*names(ARTICLE_LINES), *names(EVIDENCE_COLUMNS)]
    pd.testing.assert_frame_equal(found.lines[names(ARTICLE_LINES)], before)
    again = ask(found.lines, prices=[{"article_id": "A1"}])
    assert list(again.lines) == list(found.lines)


def test_no_lines_say_why_everywhere(ask: Asked, make_lines: Any) -> None:
    found = ask(article_lines())
    assert found.unknown_because == contract_loyalty.NO_LINES
    ledger = make_lines([{"supplier_key": "Alfa", "amount_ore": 100, "spend_class": "adresserbar"}])
    for figure in (contract_loyalty.contract_loyalty(found), contract_loyalty.e_commerce_share(found, ledger)):
        assert figure.value is None
        assert figure.unknown_because == contract_loyalty.NO_LINES
        assert figure.numerator is None
    assert contract_loyalty.contract_loyalty_variants(found, ledger=ledger).empty
    assert contract_loyalty.contract_loyalty_without_large(found, large_item_limit_ore=1).compared.empty
    for by in contract_loyalty.GROUPINGS:
        assert contract_loyalty.contract_loyalty_by(found, by).empty
    assert found.reasons.empty and found.by_evidence.empty and found.to_look_at.empty
    assert contract_loyalty.evidence_by_invoice(found, found).empty


def test_the_lines_of_a_period_are_those_of_the_first_that_has_any(ask: Asked) -> None:
    orders = ask({"bought_on": "2025-01-31"}, {"bought_on": "2025-02-01"})
    invoices = ask(*({"origin": "invoice", "bought_on": day} for day in ("2025-02-01", "2025-03-01", "2025-03-31")))
    nothing = ask(article_lines())

    def found(first: str, last: str, *evidence: LineEvidence) -> tuple[list[str], str]:
        chosen = contract_loyalty.evidence_between(date.fromisoformat(first), date.fromisoformat(last), *evidence)
        return chosen.lines["origin"].tolist(), chosen.unknown_because

    assert found("2025-01-01", "2025-01-31", orders, invoices) == (["order"], "")
    assert found("2025-03-01", "2025-03-31", orders, invoices) == (["invoice"] * 2, "")
    assert found("2026-01-01", "2026-01-31", orders, invoices) == (
        [],
        "Det finns inga orderrader eller fakturarader i perioden",
    )
    assert found("2025-01-01", "2025-01-31", nothing, nothing) == ([], contract_loyalty.NO_LINES)
    labels = [contract_loyalty.contract_loyalty(evidence).label for evidence in (orders, invoices)]
    assert labels == ["Avtalstrohet", "Avtalstrohet på fakturarader"]


def test_only_returns_leave_the_share_unknown(ask: Asked) -> None:
    figure = contract_loyalty.contract_loyalty(ask({"assortment": "contract", "amount_ore": -100}))
    assert (figure.value, figure.unknown_because) == (None, "Nettot av raderna är inte över noll i urvalet")
    assert figure.denominator == -1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda found: contract_loyalty.contract_loyalty(found, lou="bägge"), "'bägge' is not a way to use LOU"),
        (lambda found: contract_loyalty.contract_loyalty_by(found, "units"), "Did you mean 'unit'"),
        (
            lambda found: contract_loyalty.contract_loyalty_without_large(found, large_item_limit_ore=0),
            "more than zero",
        ),
    ],
)
def test_a_wrong_choice_is_told(call: Any, message: str, ask: Asked) -> None:
    with pytest.raises(MeasureError, match=message):
        call(ask({}))


def test_a_missing_column_is_told(ask: Asked) -> None:
    with pytest.raises(MeasureError, match="line_evidence: the frame has no column 'assortment'"):
        ask(article_lines({}).drop(columns="assortment"))


# The figures.

TREE = [
    {"category_code": "05", "name": "Städ"},
    {"category_code": "05.01", "parent_code": "05", "name": "Moppar"},
    {"category_code": "06", "name": "Resor"},
    {"category_code": "07", "name": "Mat"},
]
RULES = pd.DataFrame({"category_code": ["05.01", "06", "07", "07"], "lou_covered": ["ja", "nej", "ja", "nej"]})


def test_lou_is_what_all_rules_of_a_category_and_below_say() -> None:
    found = contract_loyalty.lou_of_categories(RULES, framed(TAXONOMY, TREE))
    assert dict(found.itertuples(index=False, name=None)) == {"05": "ja", "05.01": "ja", "06": "nej", "07": "olika"}
    more = pd.concat([RULES, pd.DataFrame({"category_code": ["05"], "lou_covered": ["okänt"]})])
    assert contract_loyalty.lou_of_categories(more, framed(TAXONOMY, TREE))["lou_covered"].tolist()[:2] == [
        "okänt",
        "ja",
    ]


@pytest.fixture(scope="module")
def some(ask: Asked) -> LineEvidence:
    """Lines of every kind: proven, possible and not, that LOU covers, does not cover, or may cover."""
    amounts = iter((1_000, 200, 300, 40, 50, 60, 7, 8, 9, -100))
    kinds = [("contract", code) for code in ("05.01", "06", "07")]
    rows = [
        {"assortment": mark, "category_code": code, "supplier_key": supplier, "amount_ore": next(amounts),
         "document_number": f"O{code}"}
        for mark, supplier in (("contract", "Alfa"), (None, "Alfa"), (None, "Beta"))
        for _, code in kinds
    ]  # fmt: skip
    scopes = [{"category_code": code} for _, code in kinds]
    return ask(*rows, {"assortment": "contract", "category_code": "05.01", "amount_ore": next(amounts)}, scopes=scopes)


def test_the_variants_by_hand(some: LineEvidence, make_lines: Any) -> None:
    ledger = make_lines(
        [
            {"supplier_key": key, "amount_ore": amount, "lou_covered": lou, "spend_class": kind}
            for key, amount, lou, kind in (
                ("Alfa", 2_000, "ja", "adresserbar"), ("Beta", 500, "nej", None), ("Gamma", 900, "ja", "adresserbar"),
                ("Alfa", 70_000, "ja", "investering"), ("Beta", 5_000, "nej", "ej inköp"),
            )
        ]
    )  # fmt: skip
    tree = framed(TAXONOMY, TREE)
    table = contract_loyalty.contract_loyalty_variants(some, rules=RULES, taxonomy=tree, ledger=ledger)
    keyed = table.set_index(["basis", "variant"])
    assert table["basis"].tolist() == ["order"] * 3 + ["payments"] * 3
    ore = keyed[["proven_ore", "possible_ore", "denominator_ore"]]
    # All: 1 000 + 200 + 300 - 100 proven, 40 + 50 + 60 possible, 7 + 8 + 9 not.
    assert ore.loc[("order", "none")].tolist() == [1_400, 1_550, 1_574]
    assert ore.loc[("order", "numerator")].tolist() == [900, 900 + 40 + 300 + 60, 1_574]
    assert ore.loc[("order", "both")].tolist() == [900, 940, 947]
    assert keyed.loc[("order", "none"), "proven_pct"] == pytest.approx(1_400 * 100 / 1_574)
    assert keyed["lou_unknown_ore"].tolist() == [369] * 6
    assert keyed.loc["payments", :]["denominator_ore"].tolist() == [2_500, 2_500, 2_000]
    assert ore.loc[("payments", "numerator")].tolist()[:2] == [900, 1_300]
    counts = ["lines_proven_count", "lines_possible_count", "lines_count"]
    assert keyed.loc[("order", "none"), counts].tolist() == [3, 6, 9]
    assert keyed.loc[("order", "both"), counts].tolist() == [1, 2, 3]
    # Alfa's three orders hold a line that is only possible, Beta's three one that is not on contract.
    orders = ["orders_proven_count", "orders_possible_count", "orders_count"]
    assert keyed.loc[("order", "none"), orders].tolist() == [0, 3, 6]
    assert keyed.loc["payments"]["lines_count"].isna().all()
    with_investments = contract_loyalty.contract_loyalty_variants(some, ledger=ledger, include_investments=True)
    assert with_investments["denominator_ore"].tolist()[3] == 72_500


def test_the_figure_has_its_interval_goal_and_exclusions(some: LineEvidence) -> None:
    tree = framed(TAXONOMY, TREE)
    figure = contract_loyalty.contract_loyalty(some, target_pct=95)
    assert (figure.numerator, figure.denominator) == (14, Decimal("15.74"))
    assert (figure.low, figure.high) == (figure.value, Decimal(1_550) * 100 / 1_574)
    assert figure.status == "unknown"
    assert figure.comparison.replace("\u00a0", " ") == "mellan 88,9 % och 98,5 %; mål 95 %"
    assert contract_loyalty.contract_loyalty(some, target_pct=99).status == "off"
    assert contract_loyalty.contract_loyalty(some, target_pct=88).status == "met"
    both = contract_loyalty.contract_loyalty(some, lou="both", rules=RULES, taxonomy=tree)
    assert [(left.reason, left.rows, left.amount_ore) for left in both.excluded] == [
        ("LOU omfattar inte köpet", 3, 258), ("Okänt om LOU omfattar köpet", 3, 369),
    ]  # fmt: skip
    assert both.denominator is not None
    assert both.denominator * 100 + 258 + 369 == 1_574
    unsaid = contract_loyalty.contract_loyalty(some, lou="numerator")
    assert (unsaid.value, unsaid.numerator) == (0, 0)
    assert unsaid.high == Decimal(1_550) * 100 / 1_574


def test_single_large_lines_are_taken_away_and_listed(ask: Asked) -> None:
    found = ask(
        {"assortment": "contract", "amount_ore": 900, "article_name": "Ambulans"},
        {"assortment": "contract", "amount_ore": 500, "supplier_name": "Enskild firma #48a3ad"},
        {"amount_ore": 100, "supplier_key": "Beta"},
    )
    large = contract_loyalty.contract_loyalty_without_large(found, large_item_limit_ore=500)
    assert large.compared[["proven_ore", "denominator_ore"]].values.tolist() == [[1_400, 1_500], [500, 600]]
    assert large.items["article_name"].tolist() == ["Ambulans"]
    assert large.items["supplier_type"].tolist() == [""]
    more = contract_loyalty.contract_loyalty_without_large(found, large_item_limit_ore=499)
    assert more.items["supplier_type"].tolist() == ["", "sole_trader"]
    gone = contract_loyalty.contract_loyalty_without_large(found, large_item_limit_ore=99)
    assert gone.compared["proven_pct"].isna().tolist() == [False, True]


def test_what_takes_a_large_line_back_is_taken_away_with_it(ask: Asked) -> None:
    found = ask({"category_code": "05"}, {"amount_ore": 900}, {"amount_ore": -900})
    compared = contract_loyalty.contract_loyalty_without_large(found, large_item_limit_ore=500).compared
    assert compared[["denominator_ore", "lines_count"]].values.tolist() == [[100, 3], [100, 1]]


def test_an_interval_goes_from_the_lower_to_the_higher_where_credits_are_what_is_possible(ask: Asked) -> None:
    figure = contract_loyalty.contract_loyalty(
        ask({"contract_reference": "K1", "amount_ore": 1_000}, {"category_code": "05", "amount_ore": -500}),
        target_pct=150,
    )
    assert (figure.value, figure.low, figure.high) == (200, 100, 200)
    assert figure.comparison.replace("\xa0", " ") == "mellan 100 % och 200 %; mål 150 %"
    assert figure.status == "unknown"


def test_a_filled_in_cell_is_no_standard_number(ask: Asked) -> None:
    filled = {"standard_item_id": "9999999999999"}
    assert shown(ask({**filled, "article_id": "X1"}, prices=[{**filled, "article_id": "A1"}])) == [(None, "no", None)]


# Many lines drawn at random, against plain SQL.


@pytest.fixture(scope="module")
def drawn(ask: Asked) -> tuple[LineEvidence, dict[str, pd.DataFrame]]:
    draw = np.random.default_rng(4)
    count = 4_000

    def of(values: list[Any], part: float = 0.0) -> list[Any]:
        return [None if missing else values[place] for place, missing in
                zip(draw.integers(0, len(values), count), draw.random(count) < part, strict=True)]  # fmt: skip

    days = pd.to_datetime("2025-01-01") + pd.to_timedelta(draw.integers(0, 365, count), "D")
    units = {"C62": [Decimal("4.5"), Decimal("9"), Decimal("5")], "BX": [Decimal("45"), Decimal("99")]}
    columns = {
        "supplier_key": of([f"s{number}" for number in range(12)]),
        "bought_on": list(days),
        "unit": of(["Norr", "Syd", "Väst"], 0.1),
        "article_id": of([f"A{number}" for number in range(30)], 0.2),
        "article_group": of(["Handskar", "Kanyler"], 0.1),
        "category_code": of(["05", "05.01", "06", "07"], 0.2),
        "contract_reference": of([f"K{number}" for number in range(10)], 0.8),
        "assortment": of(["contract", "other"], 0.8),
        "amount_ore": [int(amount) for amount in draw.integers(-5_000, 100_000, count)],
        "document_number": of([f"O{number}" for number in range(900)]),
        "quantity_unit": of(list(units), 0.1),
        "price_sek": of(units["C62"] + units["BX"], 0.1),
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    scopes = []
    for number in range(8):
        start = pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(draw.integers(0, 200)))
        for code in draw.choice(["05", "06", "07"], int(draw.integers(1, 3)), replace=False):
            for supplier in {f"s{number}", f"s{(number + 1) % 9}"}:
                scopes.append(
                    {"contract_id": f"K{number}", "supplier_key": supplier, "category_code": str(code),
                     "starts_on": start, "ends_on": start + pd.Timedelta(days=150),
                     "participant": "norr" if number % 3 == 0 else None}
                )  # fmt: skip
    prices = [
        {"supplier_key": f"s{number % 10}", "article_id": f"a{number % 23}", "contract_reference": f"K{number % 9}",
         "valid_from": f"2025-0{1 + number % 6}-01", "valid_to": f"2025-{7 + number % 6:02d}-01",
         "price": Decimal(["4.5", "90"][number % 2]), "base_quantity": Decimal([1, 10][number % 2]),
         "unit_code": ["C62", "C62", "BX"][number % 3], "currency": "SEK"}
        for number in range(60)
    ]  # fmt: skip
    found = ask(*rows, scopes=scopes, prices=prices)
    contracts = {row["contract_id"]: row for row in scopes}
    frames = {
        "lines": found.lines.assign(
            per_unit=[None if pd.isna(price) else float(price) for price in found.lines["price_sek"]]
        ).drop(columns=["price_sek", "quantity", "base_quantity"]),
        "scopes": ask.registers.scopes(*({**SCOPE, **row} for row in scopes)),
        "contracts": ask.registers.contracts(
            *({name: row[name] for name in ("contract_id", "starts_on", "ends_on")} for row in contracts.values())
        ),
        "prices": pd.DataFrame(prices).assign(
            per_unit=[float(row["price"] / row["base_quantity"]) for row in prices],
            valid_from=lambda frame: pd.to_datetime(frame["valid_from"]),
            valid_to=lambda frame: pd.to_datetime(frame["valid_to"]),
        ).drop(columns=["price", "base_quantity"]),
    }  # fmt: skip
    return found, frames


ORACLE = """
with held as (
    select p.*, coalesce(greatest(p.valid_from, c.starts_on), p.valid_from) as first_day,
        coalesce(least(p.valid_to, c.ends_on), p.valid_to) as last_day
    from prices p left join contracts c on c.contract_id = p.contract_reference
),
asked as (
    select l.line_id, l.amount_ore, l.assortment,
        exists (from scopes s where s.contract_id = l.contract_reference and s.supplier_key = l.supplier_key
            and l.bought_on between s.starts_on and s.ends_on) as named,
        exists (from held h where h.supplier_key = l.supplier_key and h.article_id = lower(l.article_id)
            and l.bought_on between h.first_day and h.last_day) as listed,
        exists (from scopes s where s.supplier_key = l.supplier_key and l.bought_on between s.starts_on and s.ends_on
            and (l.category_code = s.category_code or starts_with(l.category_code, s.category_code || '.'))
            and (s.participant is null or s.participant = lower(l.unit))) as in_class,
        (select count(distinct h.article_id) from held h where h.supplier_key = l.supplier_key
            and l.bought_on between h.first_day and h.last_day and h.unit_code = l.quantity_unit
            and h.per_unit = l.per_unit) = 1 as priced,
        exists (from scopes s where s.supplier_key = l.supplier_key and l.bought_on between s.starts_on and s.ends_on
            and (l.category_code is null or l.category_code = s.category_code
                or starts_with(l.category_code, s.category_code || '.'))
            and (s.participant is null or l.unit is null or s.participant = lower(l.unit))
            and not (l.article_id is not null and exists (from held h where h.supplier_key = l.supplier_key
                and l.bought_on between h.first_day and h.last_day)
                and (s.contract_id in (select contract_reference from prices)
                    or l.supplier_key in (select p.supplier_key from prices p
                        where p.contract_reference not in (select contract_id from contracts))))) as unsure,
        l.article_id is null and exists (from held h where h.supplier_key = l.supplier_key
            and l.bought_on between h.first_day and h.last_day)
            and (l.category_code is null or l.supplier_key not in (select supplier_key from scopes)) as any_article
    from lines l
)
select line_id, case
    when named or assortment = 'contract' or listed then 'yes'
    when assortment = 'other' then 'no'
    when in_class or priced or unsure or any_article then 'possible'
    else 'no' end as contracted
from asked order by line_id
"""


def test_plain_sql_decides_every_drawn_line_alike(drawn: Any) -> None:
    found, frames = drawn
    connection = duckdb.connect()
    for name, frame in frames.items():
        connection.register(name, frame)
    told = connection.sql(ORACLE).df()
    both = found.lines[["line_id", "contracted", "reason", "evidence"]].merge(told, on="line_id", suffixes=("", "_sql"))
    differing = both[both["contracted"] != both["contracted_sql"]]
    assert len(both) == len(found.lines) == 4_000
    assert differing.empty, differing.head()
    assert set(both["contracted"]) == {"yes", "possible", "no"}
    assert set(both["evidence"].dropna()) == {
        "contract_reference",
        "order_line",
        "assortment",
        "classification",
        "price",
    }


@pytest.mark.parametrize("by", contract_loyalty.GROUPINGS)
def test_the_groups_add_up_to_the_whole(by: str, drawn: Any) -> None:
    found, _ = drawn
    table = contract_loyalty.contract_loyalty_by(found, by, taxonomy=framed(TAXONOMY, TREE))
    figure = contract_loyalty.contract_loyalty(found)
    assert figure.value is not None and figure.numerator is not None and figure.denominator is not None
    assert table["denominator_ore"].sum() == figure.denominator * 100
    assert table["proven_ore"].sum() == figure.numerator * 100
    assert table["missing_ore"].sum() == (figure.denominator - figure.numerator) * 100
    assert (table["missing_ore"] == table["uncontracted_ore"] + table["unknown_ore"]).all()
    assert (table["possible_ore"] == table["proven_ore"] + table["unknown_ore"]).all()
    assert table["missing_pct"].sum() == pytest.approx(float(100 - figure.value))
    assert table["share_pct"].sum() == pytest.approx(100)
    assert table["lines_count"].sum() == len(found.lines)
    assert table["uncontracted_count"].sum() == (found.lines["contracted"] == "no").sum()
    assert set(table["reason"]) <= {*REASONS.values(), ""}
    grouping = contract_loyalty.GROUPINGS[by]
    assert table[grouping.name].notna().all()
    if table[grouping.key].isna().any():
        assert table.loc[table[grouping.key].isna(), grouping.name].tolist() == [grouping.missing]


def test_the_tables_of_the_evidence_hold_every_line_once(drawn: Any) -> None:
    found, _ = drawn
    whole = (len(found.lines), found.lines["amount_ore"].sum())
    told = found.by_evidence
    assert (told["lines_count"].sum(), told["amount_ore"].sum()) == whole
    assert told["evidence"].dropna().is_unique or len(told) > told["evidence"].nunique()
    proven = found.lines["contracted"] == "yes"
    lacking = found.reasons
    assert lacking["lines_count"].sum() == (~proven).sum()
    assert lacking["amount_ore"].sum() == found.lines.loc[~proven, "amount_ore"].sum()
    assert found.lines.loc[proven, "reason"].isna().all()
    assert found.lines.loc[~proven, "reason"].notna().all()
    assert found.to_look_at["lines_count"].sum() == found.lines["to_look_at"].notna().sum()


def test_credits_net_out(ask: Asked) -> None:
    bought = {"assortment": "contract", "amount_ore": 700, "category_code": "05"}
    other = {"supplier_key": "Beta", "amount_ore": 300}
    plain = contract_loyalty.contract_loyalty(ask(bought, other))
    undone = contract_loyalty.contract_loyalty(
        ask(bought, other, bought, {**bought, "amount_ore": -700}, other, {**other, "amount_ore": -300})
    )
    assert (plain.value, plain.numerator, plain.denominator) == (70, 7, 10)
    assert (undone.value, undone.numerator, undone.denominator) == (70, 7, 10)


def test_names_months_and_the_worst_first(ask: Asked) -> None:
    found = ask(
        {"assortment": "contract", "category_code": "05.01", "amount_ore": 900, "bought_on": "2025-01-31"},
        {"supplier_key": "Beta", "category_code": "06", "amount_ore": 500, "bought_on": "2025-03-01"},
        {"supplier_key": "P", "supplier_name": "Enskild firma #1", "amount_ore": 20, "bought_on": "2025-02-01"},
    )
    tree = framed(TAXONOMY, TREE)
    months = contract_loyalty.contract_loyalty_by(found, "month")
    assert months["month_name"].tolist() == ["januari 2025", "februari 2025", "mars 2025"]
    main = contract_loyalty.contract_loyalty_by(found, "main_category", taxonomy=tree)
    assert main["main_category_name"].tolist() == ["Resor", "Okategoriserat", "Städ"]
    assert main["reason_ore"].tolist() == [500, 20, 0]
    suppliers = contract_loyalty.contract_loyalty_by(found, "supplier", weakest_first=True)
    assert suppliers["supplier_name"].tolist() == ["Alfa AB", "Enskild firma #1", "Alfa AB"]
    assert suppliers["supplier_type"].tolist() == ["", "sole_trader", ""]


# The method pages.


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace("−", "-").replace(",", "."))


def test_the_worked_contract_loyalty_is_what_the_measure_gives(ask: Asked, worked_tables: Any) -> None:
    given, told = worked_tables("contract_loyalty")
    rows = [
        {"supplier_key": row["Leverantör"], "article_id": row["Artikel"], "category_code": row["Kategori"],
         "assortment": "other" if row["Märkning"] == "övrigt" else None,
         "amount_ore": int(number(row["Belopp (kr)"]) * 100)}
        for row in given.to_dict("records")
    ]  # fmt: skip
    found = ask(*rows, prices=[{"article_id": "A1"}])
    answers = {"yes": "ja", "possible": "möjligt", "no": "nej"}
    assert found.lines["contracted"].map(answers).tolist() == given["Belagt"].tolist()
    assert found.lines["reason"].fillna("–").tolist() == given["Skäl"].tolist()
    expected = {row["Storhet"]: number(row["Tal"]) for row in told.to_dict("records")}
    figure = contract_loyalty.contract_loyalty(found)
    assert (figure.value, figure.high) == (expected["Värde"], expected["Möjligt"])
    assert (figure.numerator, figure.denominator) == (expected["Täljare"], expected["Nämnare"])
    rules = pd.DataFrame({"category_code": ["05", "06"], "lou_covered": ["ja", "nej"]})
    both = contract_loyalty.contract_loyalty(found, lou="both", rules=rules, taxonomy=framed(TAXONOMY, TREE))
    assert both.value is not None
    assert round(both.value, 1) == expected["Med LOU i täljare och nämnare"]


def test_the_worked_e_commerce_share_is_what_the_measure_gives(ask: Asked, worked_tables: Any, make_lines: Any) -> None:
    given, told = worked_tables("e_commerce_share")
    expected = {row["Storhet"]: number(row["Tal"]) for row in told.to_dict("records")}
    ledger = make_lines(
        [
            {"supplier_key": row["Leverantör"], "spend_class": row["Inköpsklass"],
             "amount_ore": int(number(row["Belopp (kr)"]) * 100)}
            for row in given.to_dict("records")
        ]
    )  # fmt: skip
    figure = contract_loyalty.e_commerce_share(
        ask({"amount_ore": 600_00}, {"supplier_key": "Beta", "amount_ore": 100_00}), ledger
    )
    assert (figure.value, figure.numerator) == (expected["Värde"], expected["Täljare"])
    assert figure.denominator == expected["Nämnare"]
    assert sum(left.amount_ore or 0 for left in figure.excluded) == expected["Undantaget"] * 100
    assert figure.comparison.replace("\u00a0", " ") == "leverantörerna i e-handeln får 71,4 % av alla köp"
    assert figure.label == "E-handelns andel av köpen"
    assert figure.status == ""
    goals = [
        contract_loyalty.e_commerce_share(ask({"amount_ore": 700_00}), ledger, target_pct=goal) for goal in (50, 51)
    ]
    assert [goal.status for goal in goals] == ["met", "off"]
    both = contract_loyalty.e_commerce_share(ask({"amount_ore": 640_00}), ledger, include_investments=True)
    assert (both.value, both.denominator) == (10, 6400)


@pytest.mark.parametrize("engine", ["pandas", "polars_lazy", "duckdb"])
def test_the_payments_are_summed_alike_in_every_engine(
    engine: str, some: LineEvidence, year_lines: pd.DataFrame, in_engine: Any
) -> None:
    sold = LineEvidence(some.lines.assign(supplier_key="s001"), "")
    table = contract_loyalty.contract_loyalty_variants(sold, ledger=in_engine(engine, year_lines))
    kept = year_lines[
        (year_lines["supplier_key"] == "s001") & ~year_lines["spend_class"].isin(["investering", "ej inköp"])
    ]
    assert table["denominator_ore"].tolist()[3] == kept["amount_ore"].sum()
    share = contract_loyalty.e_commerce_share(sold, in_engine(engine, year_lines))
    purchases = year_lines[~year_lines["spend_class"].isin(["investering", "ej inköp"])]
    assert share.denominator == Decimal(int(purchases["amount_ore"].sum())) / 100
