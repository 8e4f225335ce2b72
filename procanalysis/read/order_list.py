"""Order lines as e-commerce systems export them: their headers and their words."""

from __future__ import annotations

from procanalysis.read.register_rows import Register
from procanalysis.schema import ASSORTMENTS

EITHER_UNIT = "either_unit"
"""A column whose header does not tell a unit of the organisation from a unit of quantity."""

ORDER_LIST = Register(
    key="orders",
    what="list of order lines",
    aliases={
        "order_number": (
            "ordernummer", "ordernr", "order nr", "order-id", "inköpsordernummer", "inköpsorder", "inköpsordernr",
            "beställningsnummer", "beställningsnr", "beställning nr", "bestnr", "purchase order", "order number",
            "order",
        ),
        "line_number": (
            "orderradnummer", "orderradnr", "orderrad", "radnummer", "radnr", "rad nr", "rad", "position", "pos",
            "line number",
        ),
        "bought_on": (
            "orderdatum", "beställningsdatum", "beställt datum", "datum för beställning", "orderdag", "inköpsdatum",
            "order date", "datum",
        ),
        "unit": (
            "beställarenhet", "beställande enhet", "köpande enhet", "beställarens enhet", "beställarorganisation",
            "organisatorisk enhet", "organisationsenhet", "förvaltning", "nämnd", "verksamhet", "kostnadsställe",
        ),
        "quantity_unit": (
            "kvantitetsenhet", "mängdenhet", "måttenhet", "antalsenhet", "enhet antal", "försäljningsenhet",
            "enhetskod", "enh", "unit of measure",
        ),
        EITHER_UNIT: ("enhet", "beställningsenhet", "orderenhet"),
        "supplier_number": (
            "organisationsnummer", "organisationsnr", "orgnr", "org.nr", "leverantörens organisationsnummer",
            "leverantör orgnr", "leverantor_id", "leverantör_id", "leverantörsnummer", "leverantörsnr", "lev.nr",
        ),
        "supplier_name": (
            "leverantör", "leverantor", "leverantörsnamn", "leverantörens namn", "företag", "supplier",
            "supplier name",
        ),
        "article_id": (
            "leverantörens artikelnummer", "leverantörens artikelnr", "lev.artnr", "lev artnr", "lev.artikelnr",
            "lev artikelnummer", "artikelnummer", "artikelnr", "artikel-id", "artnr", "art.nr", "produktnummer",
            "produktnr", "article id",
        ),
        "standard_item_id": ("gtin", "gtin-nummer", "gtin/ean", "ean", "ean-kod", "streckkod"),
        "article_name": (
            "artikelbenämning", "artikelnamn", "varubenämning", "benämning", "produktnamn", "produkt", "artikeltext",
            "artikel", "beskrivning",
        ),
        "article_group": (
            "varugrupp", "artikelgrupp", "produktgrupp", "varugruppskod", "artikelgruppskod", "inköpskategori",
            "kategori",
        ),
        "unspsc_code": ("unspsc-kod", "unspsc"),
        "cpv_code": ("cpv-kod", "cpv"),
        "quantity": (
            "antal", "beställt antal", "antal beställt", "kvantitet", "beställd kvantitet", "mängd", "orderantal",
            "levererat antal",
        ),
        "price": (
            "à-pris", "á-pris", "a-pris", "styckpris", "enhetspris", "pris per enhet", "nettopris", "pris exkl moms",
            "pris exkl. moms", "pris",
        ),
        "base_quantity": (
            "pris per antal", "priset gäller antal", "prisbas", "baskvantitet", "pris per", "per", "base quantity",
        ),
        "amount": (
            "radbelopp", "radbelopp exkl moms", "radsumma", "radtotal", "nettobelopp", "belopp exkl moms",
            "belopp exkl. moms", "belopp (exkl moms)", "belopp", "summa exkl moms", "amount",
        ),
        "currency": ("valuta", "valutakod", "currency"),
        "status": ("radstatus", "orderradstatus", "orderstatus", "status"),
        "contract_reference": (
            "avtalsnummer", "avtalsnr", "avtals-id", "avtalsreferens", "kontraktsnummer", "kontrakts-id",
            "contract id", "avtal",
        ),
        "invoice_number": ("fakturanummer", "fakturanr", "faktura nr", "faktura", "invoice number"),
        "assortment": (
            "sortiment", "sortimentstyp", "avtalad", "avtalat", "avtalsartikel", "avtalssortiment", "avtalsvara",
            "på avtal", "inom avtal",
        ),
    },
    needed=(("order_number",), ("bought_on",), ("supplier_number", "supplier_name"), ("amount",)),
    dates=("bought_on",),
    amounts=("amount",),
    numbers=("quantity", "price", "base_quantity"),
)  # fmt: skip

CLEAR_ANSWERS: dict[str, str] = {
    **dict.fromkeys(("ja", "j", "yes", "sant", "true"), "contract"),
    **dict.fromkeys(("nej", "n", "no", "falskt", "false"), "other"),
}
"""Answers that can stand in a column called Avtal in place of a contract's number."""

CANCELLED: frozenset[str] = frozenset(
    ("makulerad", "makulerat", "annullerad", "annullerat", "avbeställd", "avbeställt", "avbruten", "avbrutet",
     "borttagen", "borttaget", "struken", "struket", "cancelled", "canceled")
)  # fmt: skip
"""The words for a line that was never bought; every other status is of a line that counts."""

ASSORTMENT_WORDS: dict[str, str] = {
    **CLEAR_ANSWERS,
    **dict.fromkeys(("1", "x"), "contract"),
    "0": "other",
    **dict.fromkeys(
        ("avtal", "avtalat", "avtalad", "avtalssortiment", "avtalat sortiment", "avtalsartikel", "på avtal",
         "inom avtal", "ramavtal", "upphandlat", "upphandlat sortiment", "upphandlad"),
        "contract",
    ),
    **dict.fromkeys(
        ("övrigt", "övrig", "övrigt sortiment", "ej avtal", "ej avtalat", "ej avtalad", "ej på avtal", "utanför avtal",
         "utom avtal", "ej upphandlat", "ej upphandlad"),
        "other",
    ),
    **{kind: kind for kind in ASSORTMENTS},
}  # fmt: skip
"""The words for assortments → key of ASSORTMENTS."""
