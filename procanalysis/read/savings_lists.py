"""The five lists of the savings register as organisations write them: their headers and their words."""

from __future__ import annotations

from procanalysis.read.contracts import PERIOD_ALIASES
from procanalysis.read.register_rows import Register
from procanalysis.schema import RECEIVER_KINDS

_PROCUREMENT = (
    "upphandlingsnummer", "upphandlingsnr", "upphandlings-id", "upphandling id", "upphandlingens nummer",
    "procurement id", "diarienummer", "dnr",
)  # fmt: skip
_ARTICLE = ("artikelnummer", "artikelnr", "artikel-id", "article id", "artnr", "art.nr", "produktnummer", "produktnr")
_SUPPLIER = ("leverantör", "leverantörsnamn", "leverantörens namn", "företag", "företagsnamn", "supplier")

AWARDS_LIST = Register(
    key="savings.awards",
    what="list of awarded procurements",
    aliases={
        "procurement_id": (*_PROCUREMENT, "referensnummer", "id", "nummer"),
        "title": (
            "upphandlingens namn", "upphandlingsnamn", "upphandling", "benämning", "titel", "rubrik", "namn",
            "beskrivning",
        ),
        "category": ("kategori", "kategorikod", "inköpskategori", "produktområde", "område", "cpv-kod", "cpv"),
        "contract_id": (
            "avtalsnummer", "avtalsnr", "avtals-id", "avtal id", "kontraktsnummer", "kontrakts-id", "contract id",
            "avtal",
        ),
        "replaces_procurement_id": (
            "ersätter upphandling", "ersätter upphandlingsnummer", "ersätter", "tidigare upphandling",
            "föregående upphandling",
        ),
        "organisation": ("upphandlad för", "upphandlande organisation", "gjord för", "huvudman"),
        "is_coordinated": ("samordnad", "samordnad upphandling", "gemensam upphandling", "coordinated"),
        **PERIOD_ALIASES,
        "yearly_volume": ("årsvolym", "volym per år", "årlig volym", "yearly volume"),
        "evaluated_volume": (
            "utvärderad volym", "volym i utvärderingen", "utvärderingsvolym", "anbudsvolym", "evaluated volume",
        ),
        "expected_yearly": (
            "förväntade inköp per år", "förväntat årsinköp", "förväntade årliga inköp", "beräknade inköp per år",
            "förväntat årsvärde", "beräknat årsvärde", "årsvärde",
        ),
        "one_off_cost": ("engångskostnad", "engångskostnader", "omställningskostnad", "kostnad för byte"),
        "is_comparable": (
            "jämförbar", "jämförbart", "jämförbar med tidigare avtal", "samma omfattning", "comparable",
        ),
        "is_monetary": (
            "räknas i pengar", "går att räkna i pengar", "mätbar i pengar", "mätbar i kronor", "monetär",
        ),
        "value_in_words": ("värde i ord", "nytta i ord", "annan nytta", "övrig nytta", "kvalitativ nytta", "mervärde"),
        "responsible": (
            "ansvarig för effekten", "effektansvarig", "effektägare", "ansvarig", "ansvarig enhet",
            "ansvarig förvaltning",
        ),
    },
    needed=(("procurement_id",), ("title",), ("starts_on", "ends_on")),
    dates=("starts_on", "ends_on"),
    amounts=("expected_yearly", "one_off_cost"),
    numbers=("yearly_volume", "evaluated_volume"),
    month_ends=("ends_on",),
    open_ends=("ends_on",),
)  # fmt: skip

BIDS_LIST = Register(
    key="savings.bids",
    what="list of bids",
    aliases={
        "procurement_id": (*_PROCUREMENT, "upphandling"),
        "bidder": ("anbudsgivare", "anbudsgivarens namn", "anbudslämnare", *_SUPPLIER),
        "is_qualified": (
            "kvalificerad", "kvalificerat", "kvalificerat anbud", "uppfyller kraven", "godkänd", "godkänt",
            "godkänt anbud", "qualified",
        ),
        "is_winner": (
            "vinnare", "vinnande anbud", "vann", "antagen", "antaget", "antaget anbud", "tilldelad", "winner",
        ),
        "first_bid": (
            "första anbud", "första anbudet", "första bud", "anbud före förhandling", "pris före förhandling",
            "ursprungligt anbud", "inlämnat anbud", "first bid",
        ),
        "final_bid": (
            "slutligt anbud", "slutanbud", "slutligt bud", "anbud efter förhandling", "pris efter förhandling",
            "slutligt pris", "anbudspris", "anbudssumma", "anbud", "final bid",
        ),
    },
    needed=(("procurement_id",), ("bidder",), ("is_qualified",), ("is_winner",), ("final_bid", "first_bid")),
    amounts=("first_bid", "final_bid"),
)  # fmt: skip

PRICES_LIST = Register(
    key="savings.prices",
    what="list of contract prices",
    aliases={
        "procurement_id": (*_PROCUREMENT, "upphandling"),
        "article_id": _ARTICLE,
        "article_name": (
            "artikelbenämning", "artikelnamn", "artikel", "benämning", "produkt", "produktnamn", "beskrivning",
        ),
        "quantity_unit": ("måttenhet", "mängdenhet", "kvantitetsenhet", "enhet"),
        "quantity": ("årsvolym", "volym per år", "antal per år", "kvantitet", "volym", "antal", "mängd"),
        "previous_price": (
            "tidigare pris", "tidigare avtalspris", "pris i tidigare avtal", "gammalt pris", "nuvarande pris",
            "previous price",
        ),
        "new_price": ("nytt pris", "nytt avtalspris", "pris i nytt avtal", "avtalspris", "new price"),
        "indexed_share": (
            "indexandel", "indexerad andel", "indexreglerad andel", "andel som indexeras", "andel index",
        ),
        "index_base": ("basindex", "index bas", "index vid bastidpunkten", "index vid bastidpunkt", "indexbas"),
        "index_now": (
            "aktuellt index", "index nu", "index vid avtalsstart", "index vid nytt pris", "index vid nya priset",
        ),
        "refused_increase": (
            "avvisad prishöjning", "avvisad höjning", "nekad prishöjning", "avslagen prishöjning", "refused increase",
        ),
    },
    needed=(("procurement_id",), ("article_id",), ("new_price", "previous_price", "refused_increase")),
    numbers=(
        "quantity", "previous_price", "new_price", "indexed_share", "index_base", "index_now", "refused_increase",
    ),
    percents=("indexed_share",),
)  # fmt: skip

SHARES_LIST = Register(
    key="savings.shares",
    what="list of shares",
    aliases={
        "procurement_id": (*_PROCUREMENT, "upphandling"),
        "receiver_kind": ("slag av mottagare", "mottagarslag", "mottagartyp", "slag", "typ"),
        "receiver": ("mottagare", "mottagarens namn", "organisation eller enhet", "namn"),
        "share": ("andel", "andel i procent", "procent", "fördelning"),
    },
    needed=(("procurement_id",), ("receiver_kind",), ("receiver",), ("share",)),
    numbers=("share",),
    percents=("share",),
)

PURCHASES_LIST = Register(
    key="savings.purchases",
    what="list of priced purchases",
    aliases={
        "procurement_id": (*_PROCUREMENT, "upphandling"),
        "article_id": _ARTICLE,
        "unit": ("enhet", "köpande enhet", "beställande enhet", "förvaltning", "nämnd", "beställare"),
        "supplier": _SUPPLIER,
        "bought_on": (
            "inköpsdatum", "köpdatum", "orderdatum", "beställningsdatum", "fakturadatum", "datum", "bought on",
        ),
        "quantity": ("antal", "kvantitet", "mängd", "köpt antal", "beställt antal", "levererat antal", "volym"),
        "price_paid": (
            "betalt pris", "betalt pris per enhet", "fakturerat pris", "pris per enhet", "enhetspris", "styckpris",
            "à-pris", "a-pris", "pris", "price paid",
        ),
        "is_on_contract": ("på avtal", "köp på avtal", "inom avtal", "avtalsköp", "avtalstrogen", "on contract"),
    },
    needed=(
        ("procurement_id",), ("article_id",), ("bought_on",), ("quantity",), ("price_paid",), ("is_on_contract",),
    ),
    dates=("bought_on",),
    numbers=("quantity", "price_paid"),
)  # fmt: skip

RECEIVER_WORDS: dict[str, str] = {
    **dict.fromkeys(("organisation", "organisationer", "kommun", "region", "myndighet", "bolag"), "organisation"),
    **dict.fromkeys(("enhet", "enheter", "förvaltning", "nämnd", "verksamhet"), "unit"),
    **{kind: kind for kind in RECEIVER_KINDS},
}
"""The words for kinds of receivers → key of RECEIVER_KINDS."""
