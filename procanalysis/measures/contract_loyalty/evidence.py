"""Find for every article line the strongest evidence that it was bought on a contract, and why the rest has none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from procanalysis.measures import wording
from procanalysis.measures.contract_loyalty.answers import UNKNOWN, YES, days_of, standard_numbers, words_of
from procanalysis.measures.contract_loyalty.order_evidence import (
    MARKED_CONTRACT,
    MARKED_OTHER,
    NOT_MARKED,
    Orders,
    orders_of,
)
from procanalysis.measures.contract_loyalty.price_list_evidence import (
    Assortment,
    assortment_of,
    cpv_numbers,
    listed_articles,
    same_price,
)
from procanalysis.measures.contract_loyalty.register_evidence import (
    NamedContracts,
    Scope,
    named_contracts,
    scope_of,
    tidied_scopes,
)
from procanalysis.schema import (
    ARTICLE_LINES,
    CONTRACT_SCOPES,
    CONTRACTED,
    CONTRACTS,
    EVIDENCE,
    EVIDENCE_COLUMNS,
    PRICE_LISTS,
    TAXONOMY,
    names,
    require_columns,
)

NO_LINES = "Orderrader saknas i underlaget, så det går inte att se om de avtalade artiklarna köps"
NO_LINES_IN_PERIOD = "Det finns inga orderrader eller fakturarader i perioden"
REASONS: dict[str, str] = {
    "no_contract": "Leverantören har inget registrerat avtal",
    "not_valid": "Inget av leverantörens avtal gällde på inköpsdagen",
    "outside_scope": "Avtalet gäller en annan kategori eller andra köpare",
    "not_in_list": "Artikeln finns inte i avtalets prislista",
    "other_assortment": "Märkt som övrigt sortiment av e-handeln",
    "class_not_listed": "Klassningen ligger inom avtalet, men artikeln finns inte i prislistan",
    "only_class": "Bara klassningen pekar på ett avtal",
    "only_price": "Bara priset pekar på ett avtal",
    "marks_differ": "Orderraden är köpt på avtal, men raden är märkt som övrigt sortiment",
    "line_untold": "Raden säger inte vilken artikel eller kategori som är köpt",
    "register_untold": "Registret säger inte om avtalet gäller köpet",
    "no_register": wording.NO_CONTRACT_REGISTER,
}
"""Why a line is not proven. Those from class_not_listed on leave it possible."""

TO_LOOK_AT: dict[str, str] = {
    "other_but_named": "Märkt som övrigt sortiment, men raden anger ett avtal som gäller",
    "other_but_listed": "Märkt som övrigt sortiment, men artikeln finns i avtalets prislista",
    "other_but_ordered": "Märkt som övrigt sortiment, men orderraden är köpt på avtal",
    "other_but_priced": "Märkt som övrigt sortiment, men priset är lika med avtalets",
    "marked_without_contract": "Märkt som avtalat, men leverantören har inget avtal som gällde på inköpsdagen",
    "marked_not_listed": "Märkt som avtalat, men artikeln finns inte i avtalets prislista",
    "named_unknown": "Avtalet som raden anger finns inte i avtalsregistret",
    "named_of_another": "Avtalet som raden anger är med en annan leverantör",
    "named_out_of_time": "Avtalet som raden anger gällde inte på inköpsdagen",
}
"""What speaks against what a line says of itself, what matters most first."""

_YES, _POSSIBLE, _NO = CONTRACTED


@dataclass(frozen=True)
class LineEvidence:
    """Hold article lines with their evidence.

    lines: ARTICLE_LINES and EVIDENCE_COLUMNS, every line kept in order. unknown_because says in Swedish why nothing can
    be told: there are no lines. '' otherwise.
    """

    lines: pd.DataFrame
    unknown_because: str

    @property
    def by_evidence(self) -> pd.DataFrame:
        """Count the lines and their kronor by evidence, strongest first, those without last.

        Columns: evidence, evidence_name, contracted, contracted_name, lines_count, amount_ore.
        """
        order = {name: place for place, name in enumerate(EVIDENCE)}
        table = _counted(self.lines, ["evidence", "contracted"])
        named = table.assign(
            evidence_name=table["evidence"].map(EVIDENCE).fillna("Inget som pekar på ett avtal").astype("str"),
            contracted_name=table["contracted"].map(CONTRACTED).astype("str"),
            __place=table["evidence"].map(order).fillna(len(order)),
            __rank=table["contracted"].map({name: place for place, name in enumerate(CONTRACTED)}),
        ).sort_values(["__place", "__rank"], kind="stable", ignore_index=True)
        return named[["evidence", "evidence_name", "contracted", "contracted_name", "lines_count", "amount_ore"]]

    @property
    def reasons(self) -> pd.DataFrame:
        """Count the lines that are not proven by reason, largest amount first.

        Columns: reason, contracted, contracted_name, lines_count, amount_ore.
        """
        table = _counted(self.lines[self.lines["contracted"] != _YES], ["reason", "contracted"])
        named = table.assign(contracted_name=table["contracted"].map(CONTRACTED).astype("str"))
        ordered = named.sort_values(["amount_ore", "reason"], ascending=[False, True], ignore_index=True)
        return ordered[["reason", "contracted", "contracted_name", "lines_count", "amount_ore"]]

    @property
    def to_look_at(self) -> pd.DataFrame:
        """Count the lines with a contradiction, what matters most first: to_look_at, lines_count, amount_ore."""
        table = _counted(self.lines[self.lines["to_look_at"].notna()], ["to_look_at"])
        place = table["to_look_at"].map({text: place for place, text in enumerate(TO_LOOK_AT.values())})
        return table.assign(__place=place).sort_values("__place", ignore_index=True).drop(columns="__place")


def evidence_between(starts_on: date, ends_on: date, *evidence: LineEvidence) -> LineEvidence:
    """Keep the lines of a period, of the first that has any: order lines, or else invoice lines.

    Orders and invoices tell of the same purchases, so they are never added together. Parameters: the period's first and
    last day, both included; `evidence`, as line_evidence returns it, what goes first foremost. Returns a LineEvidence
    that says why nothing can be told when none has a line in the period. Source: methods 15.
    """
    chosen = [found.lines[found.lines["bought_on"].between(str(starts_on), str(ends_on))] for found in evidence]
    for lines in chosen:
        if len(lines):
            return LineEvidence(lines.reset_index(drop=True), "")
    if any(len(found.lines) for found in evidence):
        return LineEvidence(chosen[0], NO_LINES_IN_PERIOD)
    return LineEvidence(chosen[0], NO_LINES)


def _counted(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    grouped = lines.groupby(keys, dropna=False, as_index=False)
    return grouped.agg(lines_count=("amount_ore", "size"), amount_ore=("amount_ore", "sum"))


def line_evidence(
    lines: pd.DataFrame,
    *,
    contracts: pd.DataFrame,
    scopes: pd.DataFrame,
    price_lists: pd.DataFrame,
    order_lines: pd.DataFrame | LineEvidence | None = None,
    taxonomy: pd.DataFrame | None = None,
    buyers: Iterable[str] = (),
) -> LineEvidence:
    """Find the strongest evidence that each article line was bought on a contract.

    Strongest first: (1) the line names a contract of the register that is the supplier's and held on the day; (2) the
    e-commerce system marks the line as contracted, or the order line that an invoice line refers to is proven; (3) the
    article, by the seller's or its standard number, is in a price list of the supplier that held on the day; (4) its
    category lies within a contract of the supplier that held and that the unit may use, or its CPV code is that of an
    article of such a list; (5) its price is that of one single article of the supplier's lists. 1 to 3 prove (yes),
    unless what the register lacks makes them uncertain; 4 and 5 make possible; what cannot be told is possible too. A
    line that e-commerce marks as other assortment is on contract only by 1 or 3, and then to look at.

    Parameters
    ----------
    lines: ARTICLE_LINES, of orders or of invoices, never both added together.
    contracts, scopes: the contract register (CONTRACTS, CONTRACT_SCOPES); without rows where there is none.
    price_lists: the contracts' articles (PRICE_LISTS); without rows where there are none.
    order_lines: for invoice lines, ARTICLE_LINES of the orders that they refer to, or what this made of them.
    taxonomy: the category tree (TAXONOMY); without it the dots of a code tell what lies above it.
    buyers: names and numbers of the organisation itself, as the register may write it among those who may buy.

    Returns a LineEvidence. Raises MeasureError when a column is missing. Source: methods 2.2 and 15; R59, R64.
    """
    _require(lines, contracts, scopes, price_lists)
    if lines.empty:
        return LineEvidence(_with_nothing(lines), NO_LINES)
    asked, known = _asked(lines), tidied_scopes(scopes)
    listed = listed_articles(price_lists, contracts, known)
    parents = {} if taxonomy is None else _parents(taxonomy)
    if isinstance(order_lines, pd.DataFrame):
        registers = {"contracts": contracts, "scopes": scopes, "price_lists": price_lists}
        order_lines = line_evidence(order_lines, **registers, taxonomy=taxonomy, buyers=buyers)
    named = named_contracts(asked, contracts, known)
    orders = orders_of(asked, order_lines.lines if order_lines else None)
    assortment = assortment_of(asked, listed)
    called = {word.strip().lower() for word in buyers if word.strip()}
    scope = scope_of(asked, known, parents=parents, buyers=called, listed=_contracts_with_list(listed, known))
    proven = (named.answers["answer"] == YES) | orders.is_proven | (assortment.answers["answer"] == YES)
    price = same_price(asked, listed, ~proven & (orders.mark != MARKED_CONTRACT))
    decided = _Decision(asked, named, orders, assortment, scope, price).columns()
    kept = lines.drop(columns=[name for name in names(EVIDENCE_COLUMNS) if name in lines])
    return LineEvidence(kept.assign(**{name: column.set_axis(lines.index) for name, column in decided.items()}), "")


def _require(lines: pd.DataFrame, contracts: pd.DataFrame, scopes: pd.DataFrame, price_lists: pd.DataFrame) -> None:
    tables = ((lines, ARTICLE_LINES), (contracts, CONTRACTS), (scopes, CONTRACT_SCOPES), (price_lists, PRICE_LISTS))
    for frame, table in tables:
        require_columns(frame.columns, names(table), "line_evidence")


def _with_nothing(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.assign(**{name: pd.Series([], dtype="str") for name in names(EVIDENCE_COLUMNS)})


def _parents(taxonomy: pd.DataFrame) -> dict[str, str]:
    require_columns(taxonomy.columns, names(TAXONOMY)[:2], "line_evidence")
    return dict(
        zip(taxonomy["category_code"].astype("str"), taxonomy["parent_code"].astype("str").fillna(""), strict=True)
    )


def _asked(lines: pd.DataFrame) -> pd.DataFrame:
    """Lay out what is compared, as it is compared, empty where the line does not say."""
    return pd.DataFrame(
        {
            "supplier_key": lines["supplier_key"].astype("str"),
            "bought_on": days_of(lines["bought_on"]),
            "unit": words_of(lines["unit"]),
            "reference": words_of(lines["contract_reference"]),
            "article": words_of(lines["article_id"]),
            "standard": standard_numbers(lines["standard_item_id"]),
            "category_code": lines["category_code"].astype("str").fillna(""),
            "cpv": cpv_numbers(lines["cpv_code"]),
            "quantity_unit": words_of(lines["quantity_unit"]),
            "price_sek": lines["price_sek"],
            "base_quantity": lines["base_quantity"],
            "assortment": lines["assortment"].astype("str").fillna(NOT_MARKED),
            "order_reference": words_of(lines["order_reference"]),
            "order_line_reference": words_of(lines["order_line_reference"]),
        }
    ).reset_index(drop=True)


def _contracts_with_list(listed: pd.DataFrame, scopes: pd.DataFrame) -> frozenset[str]:
    """Name the contracts that have a price list; a list that names none counts for all of its supplier's."""
    untied = listed.loc[listed["contract_id"] == "", "supplier_key"].drop_duplicates()
    of_untied = scopes.loc[scopes["supplier_key"].isin(untied), "contract_id"]
    return frozenset(listed["contract_id"]) | frozenset(of_untied)


@dataclass(frozen=True)
class _Decision:
    """Decide for every line from what each kind of evidence answers."""

    asked: pd.DataFrame
    named: NamedContracts
    orders: Orders
    assortment: Assortment
    scope: Scope
    price: pd.DataFrame

    def columns(self) -> Mapping[str, pd.Series[Any]]:
        """Return EVIDENCE_COLUMNS."""
        other = self.orders.mark == MARKED_OTHER
        marked = self.orders.mark == MARKED_CONTRACT
        named, listed = self.named.answers["answer"], self.assortment.answers["answer"]
        ordered = self.orders.is_proven
        in_scope = (self.scope.answers["answer"] == YES) | (self.assortment.same_class["answer"] > 0)
        only_class = pd.Series(
            np.where(self._is_unlisted, REASONS["class_not_listed"], REASONS["only_class"]), index=other.index
        )
        untold = self._untold
        # Condition, evidence, contracted, reason, contract: the first condition that holds decides.
        cases: list[tuple[Any, str, str, Any, Any]] = [
            (named == YES, "contract_reference", _YES, "", self.named.answers["contract_id"]),
            (marked | (ordered & ~other), "order_line", _YES, "", self._contract_of_order()),
            (listed == YES, "assortment", _YES, "", self.assortment.answers["contract_id"]),
            (named == UNKNOWN, "contract_reference", _POSSIBLE, REASONS["register_untold"],
             self.named.answers["contract_id"]),
            (ordered, "order_line", _POSSIBLE, REASONS["marks_differ"], self._contract_of_order()),
            (listed == UNKNOWN, "assortment", _POSSIBLE, REASONS["register_untold"],
             self.assortment.answers["contract_id"]),
            (other, "", _NO, REASONS["other_assortment"], ""),
            (in_scope, "classification", _POSSIBLE, only_class, self._contract_of_class()),
            (self.price["answer"] == UNKNOWN, "price", _POSSIBLE, REASONS["only_price"], self.price["contract_id"]),
            *((condition, "", contracted, REASONS[reason], "") for condition, contracted, reason in untold),
        ]  # fmt: skip
        conditions = [case[0] for case in cases]
        chosen = {
            name: np.select(conditions, [case[place] for case in cases], default)
            for name, place, default in (
                ("evidence", 1, ""), ("contracted", 2, _NO), ("reason", 3, REASONS["outside_scope"]),
                ("contract_id", 4, ""),
            )
        }  # fmt: skip
        chosen["to_look_at"] = self._to_look_at()
        return {name: _text(chosen[name]) for name in names(EVIDENCE_COLUMNS)}

    @property
    def _tells_article(self) -> pd.Series[Any]:
        return (self.asked["article"] != "") | (self.asked["standard"] != "")

    @property
    def _is_unlisted(self) -> pd.Series[Any]:
        return self.assortment.has_list & self._tells_article & (self.assortment.answers["answer"] == 0)

    @property
    def _untold(self) -> list[tuple[pd.Series[Any], str, str]]:
        """Say in order why a line without evidence has none; what is left lies outside the scope."""
        registered, valid = self.scope.is_known, self.scope.in_time["answer"] > 0
        may_be_covered = self.scope.answers["answer"] == UNKNOWN
        heard, in_time = registered | self.assortment.had_list, valid | self.assortment.has_list
        is_silent = self.asked["category_code"] == ""
        # Of a supplier with a list, a line that names no article may be of any in it, unless its category says no.
        any_article = self.assortment.has_list & ~self._tells_article & (is_silent | ~registered)
        return [
            (self._is_unlisted & ~self.scope.unlisted_unknown, _NO, "not_in_list"),
            (~heard, *((_NO, "no_contract") if self.scope.has_register else (_POSSIBLE, "no_register"))),
            (~in_time, _NO, "not_valid"),
            (may_be_covered & is_silent, _POSSIBLE, "line_untold"),
            (may_be_covered, _POSSIBLE, "register_untold"),
            (any_article, _POSSIBLE, "line_untold"),
        ]

    def _contract_of_order(self) -> pd.Series[Any]:
        """Name the order's contract, or that of the line's class, or the only one that the supplier had that day."""
        told = self.orders.contract_id
        told = told.where(told != "", self.assortment.answers["contract_id"])
        told = told.where(told != "", self.scope.answers["contract_id"].where(self.scope.answers["answer"] == YES, ""))
        return told.where(told != "", self.scope.in_time["contract_id"])

    def _contract_of_class(self) -> pd.Series[Any]:
        own = self.scope.answers["contract_id"].where(self.scope.answers["answer"] == YES, "")
        return own.where(own != "", self.assortment.same_class["contract_id"])

    def _to_look_at(self) -> Any:
        other, marked = self.orders.mark == MARKED_OTHER, self.orders.mark == MARKED_CONTRACT
        without = (self.scope.in_time["answer"] == 0) & ~self.assortment.has_list & self.scope.has_register
        conditions = {
            "other_but_named": other & (self.named.answers["answer"] == YES),
            "other_but_listed": other & (self.assortment.answers["answer"] > 0),
            "other_but_ordered": other & self.orders.is_proven,
            "other_but_priced": other & (self.price["answer"] == UNKNOWN),
            "marked_without_contract": marked & without,
            "marked_not_listed": marked & self._is_unlisted,
            "named_unknown": self.named.is_unknown & self.scope.has_register,
            "named_of_another": self.named.is_of_another,
            "named_out_of_time": self.named.is_out_of_time,
        }
        return np.select(list(conditions.values()), [TO_LOOK_AT[name] for name in conditions], "")


def _text(values: Any) -> pd.Series[Any]:
    column = pd.Series(values, dtype="str")
    return column.where(column != "")
