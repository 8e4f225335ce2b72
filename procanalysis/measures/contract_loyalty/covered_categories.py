"""Whether LOU covers what is bought in a category, as the mapping rules say it."""

from __future__ import annotations

import pandas as pd

from procanalysis.measures.contract_loyalty.register_evidence import path_of
from procanalysis.schema import LOU_COVERED, TAXONOMY, names, require_columns

YES, NO, UNKNOWN = LOU_COVERED
DIFFERENT = "olika"
"""The rules of a category say both ja and nej, so that a line's category does not decide it."""


def lou_of_categories(rules: pd.DataFrame, taxonomy: pd.DataFrame) -> pd.DataFrame:
    """Tell for every category whether LOU covers it, by the rules for it and for all below it.

    ja or nej when every such rule says so; olika when they differ; okänt when none says. Parameters: `rules` (RULES)
    and `taxonomy` (TAXONOMY). Returns category_code, lou_covered, one row per category. Raises MeasureError when a
    column is missing. Source: requirements C16.

    >>> tree = pd.DataFrame({"category_code": ["05", "05.01", "06"], "parent_code": [None, "05", None],
    ...     "name": ["a", "b", "c"], "description": "", "owner": ""})
    >>> rules = pd.DataFrame({"category_code": ["05.01", "05"], "lou_covered": ["ja", "nej"]})
    >>> lou_of_categories(rules, tree)["lou_covered"].tolist()
    ['olika', 'ja', 'okänt']
    """
    require_columns(rules.columns, ["category_code", "lou_covered"], "lou_of_categories")
    require_columns(taxonomy.columns, names(TAXONOMY)[:2], "lou_of_categories")
    codes = taxonomy["category_code"].astype("str").tolist()
    parents = dict(zip(codes, taxonomy["parent_code"].astype("str").fillna(""), strict=True))
    said: dict[str, set[str]] = {code: set() for code in codes}
    told = rules[["category_code", "lou_covered"]].astype("str").drop_duplicates()
    for category, covered in told.itertuples(index=False, name=None):
        for code in path_of(category, parents):
            said.setdefault(code, set()).add(covered)
    answers = [_together(said[code]) for code in codes]
    return pd.DataFrame(
        {"category_code": pd.Series(codes, dtype="str"), "lou_covered": pd.Series(answers, dtype="str")}
    )


def _together(said: set[str]) -> str:
    if said == {YES} or said == {NO}:
        return next(iter(said))
    return DIFFERENT if {YES, NO} <= said else UNKNOWN


def with_lou(lines: pd.DataFrame, rules: pd.DataFrame | None, taxonomy: pd.DataFrame | None) -> pd.DataFrame:
    """Add lou_covered to article lines by their category; unknown for a line without one, and without rules or tree."""
    if rules is None or taxonomy is None:
        return lines.assign(lou_covered=pd.Series(UNKNOWN, index=lines.index, dtype="str"))
    of_category = lou_of_categories(rules, taxonomy).set_index("category_code")["lou_covered"]
    return lines.assign(lou_covered=lines["category_code"].map(of_category).fillna(UNKNOWN).astype("str"))
