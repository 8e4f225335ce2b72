"""Write the parts of the savings register as a region exports them, with rows that a reader must reject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from procanalysis.example.register_files import day_text, write_table
from procanalysis.example.savings import Award, Bid, Price, Purchase, SavingsRegister

AWARD_FILE = "effektredovisning.csv"
BID_FILE = "anbud.csv"
PRICE_FILE = "avtalspriser.csv"
SHARE_FILE = "andelar.csv"
PURCHASE_FILE = "prisade_inkop.csv"
AWARD_HEADER: tuple[str, ...] = (
    "Upphandlings-id",
    "Upphandling",
    "Kategori",
    "Avtalsnummer",
    "Ersätter upphandling",
    "Beställande organisation",
    "Samordnad",
    "Avtalsstart",
    "Avtalsslut",
    "Optioner (månader)",
    "Utnyttjade optioner",
    "Årsvolym",
    "Utvärderad volym",
    "Förväntade inköp per år",
    "Kostnad för avtalsbyte",
    "Jämförbart med tidigare avtal",
    "Mätbart i pengar",
    "Mervärde i ord",
    "Effektansvarig",
)
BID_HEADER: tuple[str, ...] = (
    "Upphandlings-id",
    "Anbudsgivare",
    "Kvalificerat",
    "Vinnande",
    "Första anbud",
    "Slutligt anbud",
)
PRICE_HEADER: tuple[str, ...] = (
    "Upphandlings-id",
    "Artikelnummer",
    "Artikel",
    "Enhet",
    "Årsförbrukning",
    "Pris i tidigare avtal",
    "Pris i nytt avtal",
    "Indexreglerad andel (%)",
    "Index vid basdatum",
    "Index vid avtalsstart",
    "Avvisad prishöjning",
)
SHARE_HEADER: tuple[str, ...] = ("Upphandlings-id", "Mottagarslag", "Mottagare", "Andel (%)")
PURCHASE_HEADER: tuple[str, ...] = (
    "Upphandlings-id",
    "Artikelnummer",
    "Förvaltning",
    "Leverantör",
    "Orderdatum",
    "Antal",
    "Pris per enhet",
    "Köpt på avtal",
)
UNKNOWN_PROCUREMENT = "UPP-2031-999"
"""A procurement that a bid is on but that nobody awarded."""
UNREADABLE_PRICE = "9,4,0"
UNREADABLE_BID = "1 221 OOO,00"
"""Written with the letter O."""
REPEATED_PRICE = "229,50"
"""What an article costs on a second row about it."""

Rows = list[list[str]]


@dataclass(frozen=True)
class FaultyRow:
    """Say where a row that must be rejected came to stand, and why."""

    file: str
    row_number: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class WrittenSavings:
    """Hold how many rows each file came to contain, and those that must be rejected."""

    rows_in_file: dict[str, int]
    rejected: tuple[FaultyRow, ...]


def write_savings(directory: Path, register: SavingsRegister) -> WrittenSavings:
    """Write the five files, with a fault of each kind that such an export can have."""
    awards, prices = _with_faulty_awards([_award_cells(one) for one in register.awards]), _price_rows(register)
    bids = [cells for one in register.awards for cells in _bid_rows(one)]
    bids.insert(len(bids) // 2, [UNKNOWN_PROCUREMENT, "Anbudsbolaget Alfa AB", "ja", "ja", "", "1 250 000,00"])
    shares = [cells for one in register.awards for cells in _share_rows(one)]
    purchases = [_purchase_cells(one) for one in register.purchases]
    write_table(directory / AWARD_FILE, AWARD_HEADER, awards, encoding="utf-8-sig")
    write_table(directory / BID_FILE, BID_HEADER, bids, encoding="cp1252", line_end="\r\n")
    write_table(directory / PRICE_FILE, PRICE_HEADER, prices, encoding="utf-8-sig")
    write_table(directory / SHARE_FILE, SHARE_HEADER, shares, encoding="utf-8")
    write_table(directory / PURCHASE_FILE, PURCHASE_HEADER, purchases, encoding="utf-8", line_end="\r\n")
    rejected = [
        *(_at(AWARD_FILE, AWARD_HEADER, "Avtalsslut", "ends_before_start", place, row)
          for place, row in enumerate(awards) if row[8] and row[8] < row[7]),
        *(_at(AWARD_FILE, AWARD_HEADER, "", "totals_row", place, row)
          for place, row in enumerate(awards) if row[0] == "Summa"),
        *(_at(BID_FILE, BID_HEADER, "Upphandlings-id", "procurement_unknown", place, row)
          for place, row in enumerate(bids) if row[0] == UNKNOWN_PROCUREMENT),
        *(_at(BID_FILE, BID_HEADER, "Slutligt anbud", "amount_unreadable", place, row)
          for place, row in enumerate(bids) if row[5] == UNREADABLE_BID),
        *_rejected_prices(prices),
        *_rejected_shares(shares),
    ]  # fmt: skip
    files = {AWARD_FILE: awards, BID_FILE: bids, PRICE_FILE: prices, SHARE_FILE: shares, PURCHASE_FILE: purchases}
    return WrittenSavings({name: len(rows) for name, rows in files.items()}, tuple(rejected))


def _at(file: str, header: Sequence[str], column: str, reason: str, place: int, row: Sequence[str]) -> FaultyRow:
    return FaultyRow(file, place + 2, column, row[header.index(column)] if column else "", reason)


def number_text(value: Decimal | None) -> str:
    """Write a number with a decimal comma, nothing when there is none.

    >>> number_text(Decimal("0.3125")), number_text(Decimal("100"))
    ('0,3125', '100')
    """
    return "" if value is None else f"{value:f}".replace(".", ",")


def money_text(amount_ore: int | None) -> str:
    """Write kronor with two decimals, spaces between thousands and a decimal comma.

    >>> money_text(125_000_050)
    '1 250 000,50'
    """
    return "" if amount_ore is None else f"{Decimal(amount_ore).scaleb(-2):,.2f}".replace(",", " ").replace(".", ",")


def _yes(answer: bool) -> str:
    return "ja" if answer else "nej"


def _award_cells(one: Award) -> list[str]:
    plan = one.plan
    evaluated, yearly = plan.volumes or ("", "")
    return [
        one.procurement_id,
        one.title,
        one.category,
        one.contract_id,
        one.replaces,
        plan.organisation,
        plan.coordinated,
        day_text(one.starts_on),
        day_text(one.ends_on),
        ";".join(map(str, one.option_months)),
        str(one.options_exercised) if one.option_months else "",
        yearly,
        evaluated,
        money_text(one.expected_ore),
        money_text(plan.one_off_sek * 100 if plan.one_off_sek else None),
        plan.comparable,
        plan.monetary,
        plan.value_in_words,
        plan.responsible,
    ]


def _with_faulty_awards(rows: Rows) -> Rows:
    """Add an award that ends before it starts among the others, and a row of sums below them."""
    places = {name: AWARD_HEADER.index(name) for name in AWARD_HEADER}
    backwards = [""] * len(AWARD_HEADER)
    for name, value in {
        "Upphandlings-id": "UPP-2023-999",
        "Upphandling": "Växter till entréer",
        "Kategori": "14.10",
        "Avtalsstart": "2024-06-01",
        "Avtalsslut": "2023-05-31",
        "Mätbart i pengar": "ja",
    }.items():
        backwards[places[name]] = value
    totals = [""] * len(AWARD_HEADER)
    totals[0] = "Summa"
    ore = [round(Decimal(_plain(row[places["Förväntade inköp per år"]]) or 0) * 100) for row in rows]
    totals[places["Förväntade inköp per år"]] = money_text(sum(ore))
    middle = len(rows) // 2
    return [*rows[:middle], backwards, *rows[middle:], totals]


def _plain(written: str) -> str:
    return written.replace(" ", "").replace(",", ".")


def _bid_rows(award: Award) -> Rows:
    rows = [_bid_cells(award, bid) for bid in award.bids or ()]
    if award.plan.missing == "readable_bid":
        rows[-1][5] = UNREADABLE_BID
    return rows


def _bid_cells(award: Award, bid: Bid) -> list[str]:
    return [
        award.procurement_id,
        bid.bidder,
        _yes(bid.is_qualified),
        _yes(bid.is_winner),
        money_text(bid.first_ore),
        money_text(bid.final_ore),
    ]


def _price_rows(register: SavingsRegister) -> Rows:
    """Write the articles; one price cannot be read, and one article stands twice with different prices."""
    rows: Rows = []
    for award in register.awards:
        for place, price in enumerate(award.prices):
            cells = _price_cells(award, price)
            if award.plan.missing == "readable_price":
                cells[6] = UNREADABLE_PRICE
            rows.append(cells)
            if award.plan.missing == "single_article" and place == 0:
                rows.append([*cells[:6], REPEATED_PRICE, *cells[7:]])
    return rows


def _price_cells(award: Award, price: Price) -> list[str]:
    numbers = (
        price.quantity,
        price.previous_price,
        price.new_price,
        price.indexed_share,
        price.index_base,
        price.index_now,
        price.refused_increase,
    )
    return [award.procurement_id, price.article_id, price.name, price.unit, *map(number_text, numbers)]


def _rejected_prices(rows: Rows) -> list[FaultyRow]:
    seen: set[str] = set()
    found = []
    for place, row in enumerate(rows):
        if row[6] == UNREADABLE_PRICE:
            found.append(_at(PRICE_FILE, PRICE_HEADER, "Pris i nytt avtal", "number_unreadable", place, row))
        elif row[1] in seen:
            found.append(_at(PRICE_FILE, PRICE_HEADER, "Artikelnummer", "id_repeated", place, row))
        seen.add(row[1])
    return found


def _share_rows(award: Award) -> Rows:
    return [
        [award.procurement_id, kind, receiver, share.replace(".", ",")]
        for kind, shares in (("organisation", award.plan.organisations), ("enhet", award.plan.units))
        for receiver, share in shares
    ]


def _rejected_shares(rows: Rows) -> list[FaultyRow]:
    """Find the rows whose procurement and kind do not sum to 100; the value at fault is the sum, not their share."""
    sums: dict[tuple[str, str], Decimal] = {}
    for number, kind, _, share in rows:
        sums[number, kind] = sums.get((number, kind), Decimal(0)) + Decimal(share.replace(",", "."))
    return [
        FaultyRow(SHARE_FILE, place + 2, "Andel (%)", f"summa {number_text(sums[row[0], row[1]])}", "shares_sum")
        for place, row in enumerate(rows)
        if sums[row[0], row[1]] != 100
    ]


def _purchase_cells(one: Purchase) -> list[str]:
    return [
        one.procurement_id,
        one.article_id,
        one.unit,
        one.supplier,
        day_text(one.bought_on),
        number_text(one.quantity),
        number_text(one.price),
        _yes(one.is_on_contract),
    ]
