"""What the contract register tells about article lines: contracts they name, and classification within their scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from procanalysis.measures.contract_loyalty.answers import (
    NO,
    UNKNOWN,
    YES,
    answered_lines,
    best_per_key,
    days_of,
    holds_on,
    least,
    no_answers,
    words_of,
)

TERMS = ["contract_id", "supplier_key", "through_group", "starts_on", "ends_on"]
_ASKED_SCOPE = ["supplier_key", "category_code", "unit"]


@dataclass(frozen=True)
class NamedContracts:
    """Tell of the contracts that lines name: the answer, and what is wrong with a name that does not hold.

    answers has answer and contract_id per line; the rest mark lines whose named contract is not in the register, is
    with another supplier, or did not hold on the day.
    """

    answers: pd.DataFrame
    is_unknown: pd.Series[Any]
    is_of_another: pd.Series[Any]
    is_out_of_time: pd.Series[Any]


@dataclass(frozen=True)
class Scope:
    """Tell per line what the supplier's contracts cover.

    answers has answer and contract_id: the category, the day and the buyer within one contract. in_time has the best
    answer of any of the supplier's contracts on the day, and its contract when it is the only one that holds. is_known
    marks the suppliers of the register. unlisted_unknown marks lines that a contract without price list may cover.
    has_register is False where the register has no contract at all.
    """

    answers: pd.DataFrame
    in_time: pd.DataFrame
    is_known: pd.Series[Any]
    unlisted_unknown: pd.Series[Any]
    has_register: bool


def tidied_scopes(scopes: pd.DataFrame) -> pd.DataFrame:
    """Hold the scope rows with plain texts, empty where missing, and days as moments."""
    return pd.DataFrame(
        {
            "contract_id": scopes["contract_id"].astype("str"),
            "supplier_key": scopes["supplier_key"].astype("str").fillna(""),
            "through_group": scopes["through_group"].astype("int64"),
            "category_code": scopes["category_code"].astype("str").fillna(""),
            "participant": words_of(scopes["participant"]),
            "participants_known": scopes["participants_known"].astype("int64"),
            "starts_on": days_of(scopes["starts_on"]),
            "ends_on": days_of(scopes["ends_on"]),
        }
    ).reset_index(drop=True)


def named_contracts(asked: pd.DataFrame, contracts: pd.DataFrame, scopes: pd.DataFrame) -> NamedContracts:
    """Answer whether the contract that a line names is the supplier's and held on the day.

    Unknown when the register does not tell the contract's supplier or days, or the supplier is only of the same group.
    """
    nobody = pd.Series(False, index=asked.index)
    if not (asked["reference"] != "").any():
        return NamedContracts(no_answers(asked), nobody, nobody, nobody)
    written = pd.concat([contracts["contract_id"].astype("str"), scopes["contract_id"]]).drop_duplicates()
    register = pd.DataFrame({"reference": words_of(written), "contract_id": written}).drop_duplicates("reference")
    terms = scopes[TERMS].drop_duplicates().merge(register, on="contract_id")
    keys = ["reference", "supplier_key", "bought_on"]
    lines = asked.loc[asked["reference"] != "", keys].drop_duplicates()
    own = lines.merge(terms, on=["reference", "supplier_key"])
    # A contract whose supplier the register cannot tell may be with anyone.
    any_one = lines.merge(terms[terms["supplier_key"] == ""].drop(columns="supplier_key"), on="reference")
    itself = pd.concat([own["through_group"].map({0: YES, 1: UNKNOWN}), pd.Series(UNKNOWN, index=any_one.index)])
    pairs = pd.concat([own, any_one]).reset_index(drop=True)
    in_time = holds_on(pairs["bought_on"], pairs["starts_on"], pairs["ends_on"])
    found = pairs.assign(answer=least(itself.reset_index(drop=True), in_time))
    best = best_per_key(found, keys)
    answers = answered_lines(asked, best, keys)
    named, registered = asked["reference"] != "", asked["reference"].isin(register["reference"])
    paired = answered_lines(asked, found.assign(answer=YES).drop_duplicates(keys)[[*best.columns]], keys)["answer"] > NO
    return NamedContracts(
        answers=answers,
        is_unknown=named & ~registered,
        is_of_another=registered & ~paired,
        is_out_of_time=paired & (answers["answer"] == NO),
    )


def scope_of(
    asked: pd.DataFrame,
    scopes: pd.DataFrame,
    *,
    parents: dict[str, str],
    buyers: Iterable[str],
    listed: frozenset[str],
) -> Scope:
    """Answer whether category, day and buyer lie within one contract of the line's supplier.

    Parameters: `asked`, the lines; `scopes`, as tidied_scopes holds them; `parents`, the category above each;
    `buyers`, what the organisation is called, in lower case; `listed`, the contracts that have a price list.
    """
    known = scopes[scopes["supplier_key"] != ""]
    keys = [*_ASKED_SCOPE, "bought_on"]
    covering = _covering_terms(asked[_ASKED_SCOPE].drop_duplicates(), known, parents, frozenset(buyers))
    pairs = asked[keys].drop_duplicates().merge(covering, on=_ASKED_SCOPE)
    in_time = holds_on(pairs["bought_on"], pairs["starts_on"], pairs["ends_on"])
    found = pairs.assign(answer=least(pairs["covers"], in_time))
    unlisted = found[(found["answer"] > NO) & ~found["contract_id"].isin(listed)]
    return Scope(
        answers=answered_lines(asked, best_per_key(found, keys), keys),
        in_time=_in_time(asked, known),
        is_known=asked["supplier_key"].isin(known["supplier_key"]),
        unlisted_unknown=answered_lines(asked, best_per_key(unlisted, keys), keys)["answer"] > NO,
        has_register=not scopes.empty,
    )


def _in_time(asked: pd.DataFrame, scopes: pd.DataFrame) -> pd.DataFrame:
    """Answer whether any contract of the supplier held on the day, and name it where only one did."""
    keys = ["supplier_key", "bought_on"]
    pairs = asked[keys].drop_duplicates().merge(scopes[TERMS].drop_duplicates(), on="supplier_key")
    in_time = holds_on(pairs["bought_on"], pairs["starts_on"], pairs["ends_on"])
    found = pairs.assign(answer=least(pairs["through_group"].map({0: YES, 1: UNKNOWN}), in_time))
    best = best_per_key(found, keys)
    holding = found[found["answer"] == YES].groupby(keys)["contract_id"].nunique().rename("count").reset_index()
    alone = best.merge(holding, on=keys, how="left")["count"].fillna(0).to_numpy() == 1
    return answered_lines(asked, best.assign(contract_id=best["contract_id"].where(alone, "")), keys)


def _covering_terms(
    asked: pd.DataFrame, scopes: pd.DataFrame, parents: dict[str, str], buyers: frozenset[str]
) -> pd.DataFrame:
    """Pair supplier, category and unit with each contract of the supplier that may cover them; covers says how surely.

    The participants of a contract and category are taken together, since they may be many.
    """
    allowed: dict[tuple[Any, ...], set[tuple[str, int]]] = {}
    written = scopes[[*TERMS, "category_code", "participant", "participants_known"]]
    for *group, name, is_known in written.itertuples(index=False, name=None):
        # A missing day is not equal to itself, so that it would make a group of every row.
        key = tuple(None if pd.isna(value) else value for value in group)
        allowed.setdefault(key, set()).add((name, is_known))
    sets = list(dict.fromkeys(frozenset(named) for named in allowed.values()))
    number = {participants: place for place, participants in enumerate(sets)}
    rows = [(*key, number[frozenset(named)]) for key, named in allowed.items()]
    numbered = pd.DataFrame(rows, columns=[*TERMS, "of_scope", "who"])
    numbered = numbered.assign(**{name: days_of(numbered[name]) for name in ("starts_on", "ends_on")})
    categories = _category_answers(_different(asked["category_code"]), _different(numbered["of_scope"]), parents)
    units = _unit_answers(_different(asked["unit"]), sets, buyers)
    in_class = asked[_ASKED_SCOPE[:2]].drop_duplicates().merge(numbered, on="supplier_key")
    in_class = in_class.merge(categories, on=["category_code", "of_scope"])
    pairs = asked.merge(in_class, on=_ASKED_SCOPE[:2]).merge(units, on=["unit", "who"])
    itself = pairs["through_group"].map({0: YES, 1: UNKNOWN})
    return pairs.assign(covers=least(itself, pairs["category_answer"], pairs["unit_answer"]))


def _different(column: pd.Series[Any]) -> list[str]:
    return column.drop_duplicates().tolist()


def _category_answers(lines: Sequence[str], scopes: Sequence[str], parents: dict[str, str]) -> pd.DataFrame:
    """Pair the lines' categories with those of contracts, but for the pairs whose answer is no.

    Yes when the contract's is the line's or lies above it; unknown when it lies below, or one of them is missing.
    """
    paths = {code: frozenset(path_of(code, parents)) for code in {*lines, *scopes}}
    rows = []
    for line in lines:
        for scope in scopes:
            if line and scope in paths[line]:
                rows.append((line, scope, YES))
            elif not line or not scope or line in paths[scope]:
                rows.append((line, scope, UNKNOWN))
    return pd.DataFrame(rows, columns=["category_code", "of_scope", "category_answer"])


def _unit_answers(
    lines: Sequence[str], sets: Sequence[frozenset[tuple[str, int]]], buyers: frozenset[str]
) -> pd.DataFrame:
    """Pair the lines' units with sets of those who may buy, but for the pairs whose answer is no."""
    units = frozenset(lines) - {""}
    rows = []
    for unit in lines:
        for place, participants in enumerate(sets):
            answer = max(_unit_answer(unit, name, is_known, units, buyers) for name, is_known in participants)
            if answer > NO:
                rows.append((unit, place, answer))
    return pd.DataFrame(rows, columns=["unit", "who", "unit_answer"])


def _unit_answer(unit: str, name: str, is_known: int, units: frozenset[str], buyers: frozenset[str]) -> int:
    """Answer whether a unit may buy where a contract names someone, or nobody.

    A name that is no unit of the lines may be what the organisation is called: unknown when that is not given.
    """
    if (not name and is_known) or (name and (name == unit or name in buyers)):
        return YES
    if not is_known or not unit or (not buyers and name not in units):
        return UNKNOWN
    return NO


def path_of(code: str, parents: dict[str, str]) -> list[str]:
    """List a category and those above it: by the tree, or by the dots of a code that the tree does not hold.

    >>> path_of("05.02.01", {})
    ['05.02.01', '05.02', '05']
    >>> path_of("B", {"B": "A", "A": ""})
    ['B', 'A']
    """
    path: list[str] = []
    while code and code not in path:
        path.append(code)
        code = parents[code] if code in parents else code.rpartition(".")[0]
    return path
