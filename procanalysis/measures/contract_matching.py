"""Find for every ledger line how far up the loyalty ladder a registered contract proves it, or may carry it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import narwhals as nw
import pandas as pd
import pyarrow as pa

from procanalysis.measures.frames import NativeFrame, collect_pandas, distinct, lazy
from procanalysis.schema import CONTRACT_SCOPES, MATCHED_COLUMNS, names, require_columns

_NO, _UNKNOWN, _YES = 0, 1, 2
"""What a rung answers for one line and one scope row; the better answer is the larger number."""

_HIGHEST = 4
_NO_DAY, _NO_LAST_DAY = 0, 99_999_999
"""Days are numbers such as 20250331; these stand for a missing day and a missing last day."""

_NOBODY = -1
_LOOKED_AT = ("category_path", "unit", "buyer", "buyer_id")
_PATH, *_BUYER = (f"__{name}" for name in _LOOKED_AT)
_KEYS = ("supplier_key", "__day", "__path", "__who")
_RUNGS = names(MATCHED_COLUMNS)[:4]
_Table = dict[str, list[Any]]
_Value = TypeVar("_Value")


def match_contracts(lines: NativeFrame, *, scopes: pd.DataFrame) -> NativeFrame:
    """Add to every ledger line the highest rungs of the loyalty ladder that the contract register gives it.

    A line meets the scope rows of its supplier_key, and four rungs are asked of each pair. (1) The supplier is itself
    in the contract; unknown when only through its group. (2) booked_on lies from starts_on to ends_on, both included;
    unknown when a missing date would decide. (3) The scope's category is one of the codes of category_path; unknown
    when either is missing, or when the line's category lies above the scope's (05 above 05.02). (4) Everyone may buy,
    or the participant is the line's unit, buyer or buyer number; unknown when register or line does not say.
    proven_rung = number of leading yes; possible_rung = number of leading yes or unknown; the largest of each over the
    scope rows. Then: rung 1 also asks that registered_on is not later than booked_on.

    Parameters
    ----------
    lines: one row per posting, as map_categories returns them; DuckDB relation, Polars, pandas or Spark frame. Only
        supplier_key is needed: the other columns that the rungs look at may be absent, and then say nothing. A lazy
        frame is reckoned three times: hand over a stored one.
    scopes: one row per contract, supplier, category and participant (schema.CONTRACT_SCOPES).

    Returns a frame of the same kind with schema.MATCHED_COLUMNS added and every row kept. contract_id is that of the
    scope row with the highest proven_rung, then possible_rung, then the first id in the alphabet. A line that meets no
    scope row stands on no rung; if its supplier has no valid number, every rung is possible.
    Raises MeasureError when a column is missing. Source: methods 2.1 and 2.2; requirements R20, R34, R61.
    See docs/methods/supplier_loyalty.md.

    >>> lines = pd.DataFrame({"supplier_key": ["a", "a", "b"], "category_path": ["05/05.02", "06/06.01", "05/05.02"],
    ...                       "booked_on": pd.to_datetime(["2025-03-01"] * 3)})
    >>> scopes = pd.DataFrame({"contract_id": ["K1"], "supplier_key": ["a"], "through_group": [0],
    ...     "category_code": ["05"], "participant": [None], "participants_known": [1], "starts_on": ["2025-03-01"],
    ...     "ends_on": ["2025-12-31"], "registered_on": ["2025-04-01"]})
    >>> match_contracts(lines, scopes=scopes)[["proven_rung", "proven_rung_then", "contract_id"]].values.tolist()
    [[4, 0, 'K1'], [2, 0, 'K1'], [0, 0, nan]]
    """
    require_columns(scopes.columns, names(CONTRACT_SCOPES), "match_contracts")
    frame = _in_full(lines)
    present = frame.collect_schema().names()
    known = scopes[scopes["supplier_key"].notna()]
    without_number = nw.col("supplier_type") == "unknown" if "supplier_type" in present else nw.lit(False)
    if known.empty:
        joined, unheard = frame, without_number
        found = dict.fromkeys(_RUNGS, _whole(0)) | {"contract_id": nw.lit(None).cast(nw.String)}
    else:
        joined, unheard = _with_best(frame, known), nw.col("proven_rung").is_null() & without_number
        found = {name: nw.col(name).fill_null(0).cast(nw.Int64) for name in _RUNGS} | {
            "contract_id": nw.col("contract_id")
        }
    for name in ("possible_rung", "possible_rung_then"):
        # Nobody can tell that a supplier without a valid number has no contract.
        found[name] = nw.when(unheard).then(_whole(_HIGHEST)).otherwise(found[name]).cast(nw.Int64)
    return _as_given(joined.select(*present, **{name: found[name] for name in names(MATCHED_COLUMNS)}), lines)


def without_register(lines: NativeFrame) -> NativeFrame:
    """Add schema.MATCHED_COLUMNS with nothing in them, for an organisation that has no contract register.

    Parameters: `lines`, one row per posting. Returns a frame of the same kind, every row kept.

    >>> without_register(pd.DataFrame({"supplier_key": ["a"]}))["proven_rung"].tolist()
    [<NA>]
    """
    given = nw.from_native(lines)
    present = given.collect_schema().names()
    earlier = [name for name in names(MATCHED_COLUMNS) if name in present]
    kept = given.drop(earlier) if earlier else given
    types = {column.name: nw.String if column.type == "text" else nw.Int64 for column in MATCHED_COLUMNS}
    if given.implementation.is_pandas_like():
        # Here only the nullable whole numbers can be missing.
        empty = {name: "str" if kind == nw.String else "Int64" for name, kind in types.items()}
        native = kept.to_native()
        return native.assign(**{name: pd.Series(None, native.index, kind) for name, kind in empty.items()})
    return kept.with_columns(nw.lit(None).cast(kind).alias(name) for name, kind in types.items()).to_native()


def _in_full(lines: NativeFrame) -> nw.LazyFrame[Any]:
    """Take in all columns of the lines; those of an eager frame are numbered, to be put in order again."""
    given = nw.from_native(lines)
    require_columns(given.collect_schema().names(), ["supplier_key"], "match_contracts")
    frame = lazy((given.with_row_index("__row") if isinstance(given, nw.DataFrame) else given).to_native())
    return frame.drop([name for name in names(MATCHED_COLUMNS) if name in frame.collect_schema().names()])


def _as_given(frame: nw.LazyFrame[Any], lines: NativeFrame) -> NativeFrame:
    """Return an eager frame for an eager one, in its order, and a lazy one for a lazy one."""
    given = nw.from_native(lines)
    if isinstance(given, nw.DataFrame):
        eager = frame.collect(backend=given.implementation).sort("__row").drop("__row")
        return nw.maybe_reset_index(eager).to_native()
    return frame.to_native()


def _with_best(frame: nw.LazyFrame[Any], scopes: pd.DataFrame) -> nw.LazyFrame[Any]:
    """Add the best rungs over the scope rows and their contract, all missing where the line meets none."""
    described = _described(frame)
    # Categories and buyers apart: together they come in nearly as many ways as there are lines.
    paths = collect_pandas(distinct(described, _PATH))[_PATH].tolist()
    buyers = list(collect_pandas(distinct(described, *_BUYER)).itertuples(index=False, name=None))
    contracts = sorted(set(scopes["contract_id"].astype("str")))
    tables = _tables(paths, buyers, _blocks(scopes), contracts)
    # All small tables before the first join, and each made like the one before it: DuckDB checks a relation anew, step
    # by step, after each one it is given and for each query that is asked of it.
    small: dict[str, nw.LazyFrame[Any]] = {}
    like = frame
    for name, table in tables.items():
        small[name] = like = _small(like, table)
    keyed = described.join(small["paths"], on=_PATH, how="left").join(small["buyers"], on=_BUYER, how="left")
    best = _best(distinct(keyed, *_KEYS), small, len(contracts))
    return keyed.join(best, on=list(_KEYS), how="left").join(small["contracts"], on="__contract", how="left")


def _described(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add the day as a number and the texts that the rungs look at, empty where they are missing."""
    present = frame.collect_schema().names()
    booked = nw.col("booked_on").dt
    # A number, since pandas holds days as moments and the other engines hold days; Polars gives 8 bits to a month.
    parts = (booked.year(), booked.month(), booked.day())
    year, month, day = (part.fill_null(0).cast(nw.Int64) for part in parts)
    number = year * 10_000 + month * 100 + day if "booked_on" in present else _whole(_NO_DAY)
    texts = {f"__{name}": nw.col(name).fill_null("") if name in present else nw.lit("") for name in _LOOKED_AT}
    return frame.with_columns(**texts, __day=number)


class _Term(NamedTuple):
    """Hold what a contract says of one supplier, whatever the category and whoever buys."""

    contract_id: str
    supplier_key: str
    through_group: int
    starts: int
    ends: int
    registered: int


@dataclass(frozen=True)
class _Block:
    """Hold scope rows of one contract and supplier in which every category goes with every participant.

    The best answers to rungs 3 and 4 then stand on one and the same row, so that the block is asked once per line. A
    participant is a name and whether it is known who may buy; an empty name or code is one that is not stated.
    """

    term: _Term
    categories: frozenset[str]
    participants: frozenset[tuple[str, int]]


def _blocks(scopes: pd.DataFrame) -> list[_Block]:
    columns: tuple[pd.Series[Any], ...] = (
        scopes["contract_id"].astype("str"),
        scopes["supplier_key"].astype("str"),
        scopes["through_group"].astype("int64"),
        *(_days(scopes[name]) for name in ("starts_on", "ends_on", "registered_on")),
    )
    # As lists, since a column of texts hands out one text at a time fifty times slower.
    terms = zip(*(column.tolist() for column in columns), strict=True)
    participants = zip(
        scopes["participant"].fillna("").tolist(), scopes["participants_known"].astype("int64").tolist(), strict=True
    )
    codes = scopes["category_code"].fillna("").tolist()
    allowed: dict[_Term, dict[str, set[tuple[str, int]]]] = {}
    for term, code, participant in zip(terms, codes, participants, strict=True):
        allowed.setdefault(_Term(*term), {}).setdefault(code, set()).add(participant)
    blocks = []
    for made, of_category in allowed.items():
        alike: dict[frozenset[tuple[str, int]], set[str]] = {}
        for code, named in of_category.items():
            alike.setdefault(frozenset(named), set()).add(code)
        blocks += [_Block(made, frozenset(together), named) for named, together in alike.items()]
    return blocks


def _days(column: pd.Series[Any]) -> pd.Series[Any]:
    days = pd.to_datetime(column).dt
    return (days.year * 10_000 + days.month * 100 + days.day).fillna(_NO_DAY).astype("int64")


def _tables(
    written_paths: Sequence[str],
    written_buyers: Sequence[tuple[str, ...]],
    blocks: Sequence[_Block],
    contracts: Sequence[str],
) -> dict[str, _Table]:
    """Lay out all that the engine joins on, in numbers.

    Categories and names are compared here and not in the engine, so that every engine agrees on what is the same.
    """
    paths, buyers = _numbered(written_paths), _numbered(written_buyers)
    categories = _numbered(block.categories for block in blocks)
    participants = _numbered(block.participants for block in blocks)
    place, terms = _numbered(contracts), [block.term for block in blocks]
    return {
        "paths": {_PATH: list(paths), "__path": list(paths.values())},
        "buyers": {name: [buyer[place] for buyer in buyers] for place, name in enumerate(_BUYER)}
        | {"__who": list(buyers.values())},
        "blocks": {
            "supplier_key": [term.supplier_key for term in terms],
            "__block_contract": [place[term.contract_id] for term in terms],
            "__itself": [_UNKNOWN if term.through_group else _YES for term in terms],
            "__starts": [term.starts for term in terms],
            "__ends": [term.ends or _NO_LAST_DAY for term in terms],
            "__between": [_YES if term.starts and term.ends else _UNKNOWN for term in terms],
            "__registered": [term.registered for term in terms],
            "__categories": [categories[block.categories] for block in blocks],
            "__participants": [participants[block.participants] for block in blocks],
        },
        "categories": _category_answers(paths, categories),
        "participants": _participant_answers(buyers, participants),
        "contracts": {"__contract": list(place.values()), "contract_id": list(place)},
    }


def _numbered(values: Iterable[_Value]) -> dict[_Value, int]:
    return {value: number for number, value in enumerate(dict.fromkeys(values))}


def _category_answers(paths: Mapping[str, int], sets: Mapping[frozenset[str], int]) -> _Table:
    """Answer rung 3 for every category path and set of categories; a pair that is left out is no."""
    holding, below = defaultdict(list), defaultdict(list)
    for codes, number in sets.items():
        for code in codes:
            holding[code].append(number)
            # A code with dots names the categories above it.
            for cut in (place for place, sign in enumerate(code) if sign == "."):
                below[code[:cut]].append(number)
    answers: dict[tuple[int, int], int] = {}
    for path, line in paths.items():
        codes_of_line = path.split("/") if path else []
        unknown = [*holding[""], *below[codes_of_line[-1]]] if path else sets.values()
        answers |= {(line, number): _UNKNOWN for number in unknown}
        answers |= {(line, number): _YES for code in codes_of_line for number in holding[code]}
    return _answer_table(answers, "__path", "__categories")


def _participant_answers(
    buyers: Mapping[tuple[str, ...], int], sets: Mapping[frozenset[tuple[str, int]], int]
) -> _Table:
    """Answer rung 4 for every buyer and set of participants; a pair that is left out is no."""
    everyone, not_known, naming = [], [], defaultdict(list)
    for participants, number in sets.items():
        for name, is_known in participants:
            if name:
                naming[name].append(number)
            elif is_known:
                everyone.append(number)
            if not is_known:
                not_known.append(number)
    answers: dict[tuple[int, int], int] = {}
    for (unit, buyer, buyer_id), line in buyers.items():
        called = {unit.lower(), buyer.lower(), re.sub(r"\D", "", buyer_id)} - {""}
        answers |= {(line, number): _UNKNOWN for number in (not_known if called else sets.values())}
        answers |= {(line, number): _YES for name in called for number in naming[name]}
        answers |= {(line, number): _YES for number in everyone}
    return _answer_table(answers, "__who", "__participants")


def _answer_table(answers: Mapping[tuple[int, int], int], line: str, sets: str) -> _Table:
    pairs = answers or {(_NOBODY, _NOBODY): _NO}
    return {
        line: [pair[0] for pair in pairs],
        sets: [pair[1] for pair in pairs],
        f"{sets}_answer": list(pairs.values()),
    }


def _best(
    different: nw.LazyFrame[Any], small: Mapping[str, nw.LazyFrame[Any]], contracts_count: int
) -> nw.LazyFrame[Any]:
    """Ask the rungs of every pair of a different line and a block, and keep the best answers per line."""
    pairs = different.join(small["blocks"], on="supplier_key", how="inner")
    pairs = pairs.join(small["categories"], on=["__path", "__categories"], how="left")
    pairs = pairs.join(small["participants"], on=["__who", "__participants"], how="left")
    day = nw.col("__day")
    outside = (day < nw.col("__starts")) | (day > nw.col("__ends"))
    unsaid = (day == _NO_DAY) | (nw.col("__registered") == _NO_DAY)
    answers = {
        "__first": nw.col("__itself"),
        "__second": _choose((day == _NO_DAY, _UNKNOWN), (outside, _NO), otherwise=nw.col("__between")),
        "__third": nw.col("__categories_answer").fill_null(_NO),
        "__fourth": nw.col("__participants_answer").fill_null(_NO),
        "__then": _choose((unsaid, _UNKNOWN), (nw.col("__registered") <= day, _YES), otherwise=_whole(_NO)),
    }
    answered = pairs.with_columns(**{name: answer.cast(nw.Int64) for name, answer in answers.items()})
    answered = answered.with_columns(__first_then=nw.min_horizontal("__first", "__then").cast(nw.Int64))
    reached = answered.with_columns(
        proven_rung=_leading("__first", _YES),
        possible_rung=_leading("__first", _UNKNOWN),
        proven_rung_then=_leading("__first_then", _YES),
        possible_rung_then=_leading("__first_then", _UNKNOWN),
    )
    rank = nw.col("proven_rung") * (_HIGHEST + 1) + nw.col("possible_rung")
    # One number, so that the largest holds both the highest rank and, among equals, the first contract.
    ranked = reached.with_columns(__highest=rank * contracts_count + contracts_count - 1 - nw.col("__block_contract"))
    found = ranked.group_by(*_KEYS).agg(nw.col(name).max() for name in (*_RUNGS, "__highest"))
    place = contracts_count - 1 - nw.col("__highest") % contracts_count
    return found.select(*_KEYS, *_RUNGS, __contract=place.cast(nw.Int64))


def _leading(first: str, at_least: int) -> nw.Expr:
    """Count how many answers in a row, from the first rung up, are at least so good."""
    count = _whole(0)
    for name in ("__fourth", "__third", "__second", first):
        count = (nw.col(name) >= at_least).cast(nw.Int64) * (1 + count)
    return count.cast(nw.Int64)


def _choose(*cases: tuple[nw.Expr, int], otherwise: nw.Expr) -> nw.Expr:
    """Take the answer of the first case that holds."""
    chosen = otherwise
    for condition, answer in reversed(cases):
        chosen = nw.when(condition).then(_whole(answer)).otherwise(chosen)
    return chosen


def _whole(number: int) -> nw.Expr:
    return nw.lit(number).cast(nw.Int64)


def _small(like: nw.LazyFrame[Any], columns: _Table) -> nw.LazyFrame[Any]:
    """Make a small table, of texts and whole numbers, in the engine of a frame, so that it can be joined there."""
    if like.implementation.is_pandas_like():
        return nw.from_dict(columns, backend=like.implementation).lazy()
    if like.implementation.is_duckdb():
        return _in_duckdb(like.to_native(), pa.table(columns))
    table = nw.from_dict(columns, backend="pyarrow")
    if like.implementation.is_pyspark():
        return table.lazy(backend="pyspark", session=like.to_native().sparkSession)
    return table.lazy(backend=like.implementation)


def _in_duckdb(relation: Any, small: pa.Table) -> nw.LazyFrame[Any]:
    """Hand a table to DuckDB, which finds it by the name that it has here.

    Through the relation, since its connection need not be the default one and two cannot be joined.
    """
    made: nw.LazyFrame[Any] = nw.from_native(relation.query("lines", "SELECT * FROM small"))
    return made
