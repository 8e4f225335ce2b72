"""Read the savings register: awarded procurements, their bids, prices and shares, and what was bought at which price.

The awarded procurements carry the other four lists: a row about a procurement that is not among them is rejected.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from procanalysis.read.register_rows import Register, Row, normal_word, shortened
from procanalysis.read.register_suppliers import Hider, RegisterSupplier, identify, supplier_of
from procanalysis.read.registers import (
    ANSWERS,
    CategoryWords,
    RegisterControl,
    RegisterFileReading,
    RegisterFormat,
    frame_of,
    read_rows,
    reckon,
    refuse_nothing_accepted,
    word_among,
)
from procanalysis.read.savings_lists import (
    AWARDS_LIST,
    BIDS_LIST,
    PRICES_LIST,
    PURCHASES_LIST,
    SHARES_LIST,
)
from procanalysis.read.savings_rows import (
    Links,
    evaluation_scales,
    judge_award,
    judge_bid,
    judge_indexed_shares,
    judge_price,
    judge_purchase,
    judge_share,
    judge_sums,
    receiver_kind,
    rejected_awards,
    rejected_by_procurement,
)
from procanalysis.read.supplier_numbers import Masker
from procanalysis.schema import AWARDS, BIDS, CONTRACT_PRICES, PRICED_PURCHASES, SAVING_SHARES, names

Record = Mapping[str, object]

# Told by `with_rejected` as the lists are read.
_REJECTED_COUNTS = [name for name in names(AWARDS) if name.startswith("rejected_")]


@dataclass(frozen=True)
class AwardReading:
    """Hold what the awarded procurements gave: AWARDS and REJECTED_ROWS of the schema, and the control."""

    awards: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl


@dataclass(frozen=True)
class ListReading:
    """Hold what a list about awarded procurements gave: accepted rows, REJECTED_ROWS of the schema, and the control.

    accepted: BIDS, CONTRACT_PRICES, SAVING_SHARES or PRICED_PURCHASES of the schema.
    rejected_by_procurement: how many rows of each procurement that they name were rejected, and leave a gap.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    control: RegisterControl
    rejected_by_procurement: Mapping[str, int]


def read_awards(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    taxonomy: pd.DataFrame,
    masker: Masker,
) -> AwardReading:
    """Read the awarded procurements whose savings are reckoned, one row each.

    Formula: ends_on = end in the list + exercised options; latest_ends_on = the same with all options.
    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; taxonomy, schema.TAXONOMY; masker,
    hides people.
    Returns an AwardReading that reconciles. Raises InputError for a file that is not a readable list of awarded
    procurements or from which no row is accepted.
    """
    form = form or RegisterFormat()
    words = CategoryWords(taxonomy, form.categories, AWARDS_LIST.key)
    rows, files = read_rows(paths, form, AWARDS_LIST, masker)
    hider = Hider(masker, (), ())
    unknown: dict[str, None] = {}
    records: list[Record] = []
    seen: set[str | None] = set()
    for row in rows:
        number = hider.reference(row.text("procurement_id"))
        judge_award(row, empty_end=form.empty_end)
        if number in seen:
            row.reject("id_repeated", "procurement_id")
        if not row.reason:
            seen.add(number)
            records.append(_award(row, words, hider, unknown))
    listed = tuple(dict.fromkeys(shortened(hider.text(word) or "") for word in unknown))
    refuse_nothing_accepted(rows, AWARDS_LIST)
    rejected, control = reckon(
        rows,
        files,
        len(records),
        shown=hider.rejected,
        amount_column="expected_yearly",
        unknown={"categories": listed},
    )
    awards = with_rejected(frame_of(records, AWARDS), "awards", rejected_awards(rows, hider))
    return AwardReading(awards, rejected, control)


def with_rejected(awards: pd.DataFrame, part: str, rejected: Mapping[str, int]) -> pd.DataFrame:
    """Tell each award how many rows about it a list lacks, so that nothing is reckoned as if the list were whole.

    Parameters: awards, schema.AWARDS; part, the list: awards, bids, prices, shares or purchases; rejected, its
    rejected rows by procurement. Returns the awards with rejected_<part>_count; one that is not named there has 0.

    >>> with_rejected(pd.DataFrame({"procurement_id": ["U1", "U2"]}), "bids", {"U2": 3})["rejected_bids_count"].tolist()
    [0, 3]
    """
    counts = [rejected.get(number, 0) for number in awards["procurement_id"]]
    return awards.assign(**{f"rejected_{part}_count": pd.Series(counts, index=awards.index, dtype="int64")})


def read_bids(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    masker: Masker,
    awards: pd.DataFrame,
    known_keys: Collection[str] = frozenset(),
) -> ListReading:
    """Read the bids in awarded procurements, one row each.

    Formula: a bid without final price is final as it was first made; it is negotiated only when it has both.
    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; masker, hides people; awards,
    schema.AWARDS from `read_awards`; known_keys, the ledger's supplier keys, by which a sole trader without number is
    found and hidden as there.
    Returns a ListReading that reconciles. Raises InputError for a file that is not a readable list of bids or from
    which no row is accepted.
    """
    form = form or RegisterFormat()
    rows, files = read_rows(paths, form, BIDS_LIST, masker)
    links = Links(masker, awards)
    scales = evaluation_scales(awards)
    for row in rows:
        judge_bid(row, links, scales)
    bidders, hider = _suppliers(rows, "bidder", form, masker, known_keys)
    records: list[Record] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if row.reason:
            continue
        bidder = bidders[supplier_of(row.cells["bidder"])]
        bid = (links.procurement(row), bidder.supplier_key or "")
        if bidder.supplier_key is not None and bid in seen:
            row.reject("id_repeated", "bidder")
            continue
        seen.add(bid)
        first, final = row.amounts.get("first_bid"), row.amounts.get("final_bid")
        records.append(
            {
                "procurement_id": links.procurement(row),
                "bidder": bidder.name,
                "is_qualified": word_among(row, "is_qualified", ANSWERS),
                "is_winner": word_among(row, "is_winner", ANSWERS) or 0,
                "first_bid_ore": first,
                "final_bid_ore": first if final is None else final,
                "is_negotiated": int(first is not None and final is not None),
                "file": row.file,
                "row_number": row.row_number,
            }
        )
    rejected, control = _reckoned(rows, files, records, BIDS_LIST, hider, amount_column="final_bid")
    return ListReading(frame_of(records, BIDS), rejected, control, rejected_by_procurement(rows, links))


def read_prices(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    masker: Masker,
    awards: pd.DataFrame,
) -> ListReading:
    """Read what the articles of awarded procurements cost in the earlier and in the new contract, one row each.

    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; masker, hides people; awards,
    schema.AWARDS from `read_awards`.
    Returns a ListReading that reconciles. Raises InputError for a file that is not a readable list of prices, in
    which every indexed share is written as a fraction, or from which no row is accepted.
    """
    form = form or RegisterFormat()
    rows, files = read_rows(paths, form, PRICES_LIST, masker)
    links = Links(masker, awards)
    hider = Hider(masker, (), ())
    judge_indexed_shares(rows)
    records: list[Record] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        judge_price(row, links)
        article = (links.procurement(row), links.article(row))
        if article in seen:
            row.reject("id_repeated", "article_id")
        if row.reason:
            continue
        seen.add(article)
        records.append(
            {
                "procurement_id": article[0],
                "article_id": article[1],
                "article_name": hider.text(row.text("article_name")),
                "quantity_unit": hider.text(row.text("quantity_unit")),
                "quantity": row.numbers.get("quantity"),
                "previous_price_sek": row.numbers.get("previous_price"),
                "new_price_sek": row.numbers.get("new_price"),
                "indexed_share_pct": row.numbers.get("indexed_share"),
                "index_base": row.numbers.get("index_base"),
                "index_now": row.numbers.get("index_now"),
                "refused_increase_sek": row.numbers.get("refused_increase"),
                "file": row.file,
                "row_number": row.row_number,
            }
        )
    rejected, control = _reckoned(rows, files, records, PRICES_LIST, hider)
    return ListReading(frame_of(records, CONTRACT_PRICES), rejected, control, rejected_by_procurement(rows, links))


def read_saving_shares(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    masker: Masker,
    awards: pd.DataFrame,
) -> ListReading:
    """Read how the savings of awarded procurements are divided between organisations and units, one row per receiver.

    Formula: the shares of a procurement and kind sum to exactly 100, otherwise all of them are rejected.
    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; masker, hides people; awards,
    schema.AWARDS from `read_awards`.
    Returns a ListReading that reconciles. Raises InputError for a file that is not a readable list of shares, whose
    shares are written as fractions, or from which no row is accepted.
    """
    form = form or RegisterFormat()
    rows, files = read_rows(paths, form, SHARES_LIST, masker)
    links = Links(masker, awards)
    hider = Hider(masker, (), ())
    seen: set[tuple[str, str | None, str]] = set()
    for row in rows:
        judge_share(row, links)
        name = normal_word(hider.number_free(row.text("receiver") or ""))
        receiver = (links.procurement(row), receiver_kind(row), name)
        if receiver in seen:
            row.reject("id_repeated", "receiver")
        if not row.reason:
            seen.add(receiver)
    judge_sums(rows, links)
    records: list[Record] = [
        {
            "procurement_id": links.procurement(row),
            "receiver_kind": receiver_kind(row),
            "receiver": hider.number_free(row.text("receiver") or ""),
            "share_pct": row.numbers["share"],
            "file": row.file,
            "row_number": row.row_number,
        }
        for row in rows
        if not row.reason
    ]
    rejected, control = _reckoned(rows, files, records, SHARES_LIST, hider)
    # Without shares a procurement's units are told of together, but its saving would go whole to one organisation.
    lacking = rejected_by_procurement([row for row in rows if receiver_kind(row) != "unit"], links)
    return ListReading(frame_of(records, SAVING_SHARES), rejected, control, lacking)


def read_priced_purchases(
    paths: Sequence[Path],
    form: RegisterFormat | None = None,
    *,
    masker: Masker,
    awards: pd.DataFrame,
    prices: pd.DataFrame | None = None,
    known_keys: Collection[str] = frozenset(),
) -> ListReading:
    """Read order or invoice lines of articles that awarded procurements priced, one row each.

    Parameters: paths, CSV, XLSX, JSON or Parquet files; form, how they are written; masker, hides people; awards,
    schema.AWARDS from `read_awards`; prices, schema.CONTRACT_PRICES from `read_prices`, without which articles are not
    looked up; known_keys, the ledger's supplier keys.
    Returns a ListReading that reconciles. Raises InputError for a file that is not a readable list of purchases or
    from which no row is accepted.
    """
    form = form or RegisterFormat()
    rows, files = read_rows(paths, form, PURCHASES_LIST, masker)
    links = Links(masker, awards, prices)
    for row in rows:
        judge_purchase(row, links)
    suppliers, hider = _suppliers(rows, "supplier", form, masker, known_keys)
    records: list[Record] = [
        {
            "procurement_id": links.procurement(row),
            "article_id": links.article(row),
            "unit": hider.number_free(row.text("unit") or "") or None,
            "supplier": suppliers[supplier_of(row.cells.get("supplier", ""))].name,
            "bought_on": row.dates["bought_on"],
            "quantity": row.numbers["quantity"],
            "price_paid_sek": row.numbers["price_paid"],
            "is_on_contract": word_among(row, "is_on_contract", ANSWERS),
            "file": row.file,
            "row_number": row.row_number,
        }
        for row in rows
        if not row.reason
    ]
    rejected, control = _reckoned(rows, files, records, PURCHASES_LIST, hider)
    lacking = rejected_by_procurement(rows, links)
    return ListReading(frame_of(records, PRICED_PURCHASES), rejected, control, lacking)


def _award(row: Row, words: CategoryWords, hider: Hider, unknown: dict[str, None]) -> Record:
    """Lay one awarded procurement out under the schema's columns."""
    return {
        "procurement_id": hider.reference(row.text("procurement_id")),
        "title": hider.text(row.text("title")),
        "category_code": words.only_code(row.cells.get("category", ""), unknown),
        "contract_id": hider.reference(row.text("contract_id")),
        "replaces_procurement_id": hider.reference(row.text("replaces_procurement_id")),
        "organisation": hider.number_free(row.text("organisation") or "") or None,
        "is_coordinated": word_among(row, "is_coordinated", ANSWERS),
        "starts_on": row.dates.get("starts_on"),
        "ends_on": row.dates.get("ends_with_exercised"),
        "latest_ends_on": row.dates.get("ends_with_all"),
        "yearly_volume": row.numbers.get("yearly_volume"),
        "evaluated_volume": row.numbers.get("evaluated_volume"),
        "expected_yearly_ore": row.amounts.get("expected_yearly"),
        "one_off_cost_ore": row.amounts.get("one_off_cost"),
        "is_comparable": word_among(row, "is_comparable", ANSWERS),
        "is_monetary": word_among(row, "is_monetary", ANSWERS),
        "value_in_words": hider.text(row.text("value_in_words")),
        "responsible": hider.text(row.text("responsible")),
        **dict.fromkeys(_REJECTED_COUNTS, 0),
        "file": row.file,
        "row_number": row.row_number,
    }


def _suppliers(
    rows: Sequence[Row], column: str, form: RegisterFormat, masker: Masker, known_keys: Collection[str]
) -> tuple[Mapping[tuple[str, str], RegisterSupplier], Hider]:
    """Identify the suppliers of a column that has room for one name, perhaps with its number beside it."""
    return identify(
        [(supplier_of(row.cells.get(column, "")), not row.reason) for row in rows],
        masker,
        supplier_numbers=form.supplier_numbers,
        known_keys=known_keys,
    )


def _reckoned(
    rows: Sequence[Row],
    files: Sequence[RegisterFileReading],
    records: Sequence[Record],
    register: Register,
    hider: Hider,
    *,
    amount_column: str = "",
) -> tuple[pd.DataFrame, RegisterControl]:
    """List the rejected rows and reckon up one list; refuse one of which nothing is accepted."""
    refuse_nothing_accepted(rows, register)
    return reckon(rows, files, len(records), shown=hider.rejected, amount_column=amount_column)
