"""The savings register: awarded procurements, bids, prices, shares and purchases; and what boards have printed."""

from __future__ import annotations

from procanalysis.schema.columns import Column

AWARDS: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement's own number", True),
    Column("title", "text", "what it is about", True),
    Column("category_code", "text", "code of the category tree"),
    Column("contract_id", "text", "the contract that it led to, as in CONTRACTS"),
    Column("replaces_procurement_id", "text", "the earlier award whose saving ends the day before this one starts"),
    Column("organisation", "text", "the organisation it was made for; missing means the organisation itself"),
    Column("is_coordinated", "integer", "1 when several organisations buy on it, 0 when one does; missing: not stated"),
    Column("starts_on", "date", "the contract's first day"),
    Column("ends_on", "date", "its last day, exercised options counted"),
    Column("latest_ends_on", "date", "its last day if every option is exercised"),
    Column("yearly_volume", "decimal", "what a year takes, in the unit of evaluated_volume"),
    Column("evaluated_volume", "decimal", "what the bids price"),
    Column("expected_yearly_ore", "integer", "our own organisation's expected purchases in a year at the new prices"),
    Column("one_off_cost_ore", "integer", "what changing contract costs once"),
    Column("is_comparable", "integer", "0 when the old contract bought something else, else 1; missing: not stated"),
    Column("is_monetary", "integer", "0 when the effect cannot be counted in money, else 1; missing: not stated"),
    Column("value_in_words", "text", "gain beyond money: quality, environment, security of supply"),
    Column("responsible", "text", "role or unit that answers for the effect"),
    Column("rejected_awards_count", "integer", "rejected rows of this list that repeat its number or replace it", True),
    Column("rejected_bids_count", "integer", "rejected rows of BIDS about it", True),
    Column("rejected_prices_count", "integer", "rejected rows of CONTRACT_PRICES about it", True),
    Column("rejected_shares_count", "integer", "rejected rows of SAVING_SHARES about it, units' shares apart", True),
    Column("rejected_purchases_count", "integer", "rejected rows of PRICED_PURCHASES about its articles", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per awarded procurement whose saving is to be reckoned: the savings register."""

BIDS: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement, as in AWARDS", True),
    Column("bidder", "text", "the bidder's name; sole traders masked"),
    Column("is_qualified", "integer", "1 when the bid met the requirements, else 0", True),
    Column("is_winner", "integer", "1 when it won, else 0", True),
    Column("first_bid_ore", "integer", "real price of the evaluated volume as first bid, deductions not counted"),
    Column("final_bid_ore", "integer", "the same after negotiation; as first_bid_ore when there was none", True),
    Column("is_negotiated", "integer", "1 when the bid has both a first and a final price, else 0", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per bid in an awarded procurement."""

CONTRACT_PRICES: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement, as in AWARDS", True),
    Column("article_id", "text", "the article's number", True),
    Column("article_name", "text", "its name"),
    Column("quantity_unit", "text", "what one is: st, paket, timme"),
    Column("quantity", "decimal", "what a year takes, by all who buy on it: the last twelve months or the estimate"),
    Column("previous_price_sek", "decimal", "price per unit in the earlier contract"),
    Column("new_price_sek", "decimal", "price per unit in the new contract"),
    Column("indexed_share_pct", "decimal", "the part of the earlier price that an index clause moves, 0 to 100"),
    Column("index_base", "decimal", "the index at the earlier contract's base point"),
    Column("index_now", "decimal", "the index when the new price starts"),
    Column("refused_increase_sek", "decimal", "price increase per unit that was asked for and refused"),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per article of an awarded procurement."""

SAVING_SHARES: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement, as in AWARDS", True),
    Column("receiver_kind", "text", "one of RECEIVER_KINDS", True),
    Column("receiver", "text", "the organisation or unit", True),
    Column("share_pct", "decimal", "its part of the saving; the parts of a procurement and kind sum to 100", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per receiver of a procurement's saving."""

RECEIVER_KINDS: dict[str, str] = {"organisation": "Organisation", "unit": "Enhet"}

PRICED_PURCHASES: tuple[Column, ...] = (
    Column("procurement_id", "text", "the procurement whose articles these are, as in AWARDS", True),
    Column("article_id", "text", "the article, as in CONTRACT_PRICES", True),
    Column("unit", "text", "the unit that bought, as in SAVING_SHARES"),
    Column("supplier", "text", "the supplier; sole traders masked"),
    Column("bought_on", "date", "day of order or invoice", True),
    Column("quantity", "decimal", "how much, in the article's unit; returns negative", True),
    Column("price_paid_sek", "decimal", "price paid per unit", True),
    Column("is_on_contract", "integer", "1 when bought on the contract, 0 when elsewhere", True),
    Column("file", "text", "input file", True),
    Column("row_number", "integer", "row in that file; the header is row 1", True),
)
"""One row per order or invoice line of an article that some awarded procurement priced."""

PUBLISHED_SAVINGS: tuple[Column, ...] = (
    Column("organisation", "text", "the board that printed the figure", True),
    Column("year", "integer", "the calendar year", True),
    Column("kind", "text", "one of PUBLISHED_SAVING_KINDS", True),
    Column("part", "text", "what the figure is of, in the board's words", True),
    Column("amount_ore", "integer", "the figure", True),
    Column("is_approximate", "integer", "1 when the board wrote 'ca' or the figure is derived, else 0", True),
    Column("source", "text", "where it is printed, or how it was derived", True),
)
"""One row per published figure of enabled savings."""

PUBLISHED_SAVING_KINDS: dict[str, str] = {
    "total": "Möjliggjort totalt",
    "new": "Från avtal som började under året",
    "running": "Från avtal som började tidigare",
    "target": "Mål",
}

SAVING_METHODS: dict[str, str] = {
    "previous_contract": "Tidigare avtal",
    "market_price": "Marknadspris",
    "negotiation": "Förhandling",
}
"""Methods of hard savings, in the order of preference. They are never added together."""

NO_SAVING_REASONS: dict[str, str] = {
    "not_monetary": "Effekten går inte att räkna i pengar",
    "scope_changed": "Det nya avtalet gäller något annat än det gamla",
    "prices_rejected": "En eller flera prisrader kunde inte läsas",
    "no_previous_contract": "Inget tidigare avtal att jämföra med",
    "no_prices": "Priserna saknas för någon artikel",
    "no_volume": "Volymen saknas",
    "index_incomplete": "Indexklausulens uppgifter är inte fullständiga",
    "bids_rejected": "Ett eller flera anbud kunde inte läsas",
    "no_bids": "Anbuden saknas i underlaget",
    "too_few_bids": "För få kvalificerade anbud",
    "no_winner": "Inget anbud är angivet som vinnare",
    "several_winners": "Flera vinnare utan känd fördelning av avropen",
    "no_negotiation": "Ingen förhandling med första och slutligt anbud",
    "no_refused_increase": "Ingen avvisad prishöjning",
}
"""Why a method cannot be used for a procurement."""
