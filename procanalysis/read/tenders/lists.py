"""The four tables of tender statistics as sources write them: Upphandlingsmyndigheten's headers, and usual others."""

from __future__ import annotations

from procanalysis.read.register_rows import Register

_PROCUREMENT = (
    "upphandlings-id", "upphandling id", "upphandlingsnummer", "upphandlingsnr", "procurement id", "diarienummer",
    "dnr", "referensnummer",
)  # fmt: skip
_LOT = ("anbudsområdes-id", "anbudsområde", "anbudsområdesnummer", "delområde", "delområdesnummer", "lot id", "lot")
_TITLE = ("upphandlingens titel", "upphandlingens namn", "upphandling", "titel", "benämning", "rubrik", "title")
_BUYER = {
    "buyer_number": (
        "organisationsnummer för köpare", "köparens organisationsnummer", "organisationsnummer köpare",
        "upphandlande organisations organisationsnummer", "organisationsnummer", "orgnr", "buyer id",
    ),
    "buyer_name": (
        "namn för köpare", "köpare", "upphandlande organisation", "upphandlande myndighet", "organisation", "buyer",
    ),
}  # fmt: skip
_ANNOUNCED = ("publiceringsdatum", "annonseringsdatum", "annonserad", "annonsdatum", "announced on", "publication date")
_SHARED = {"procurement_id": _PROCUREMENT, **_BUYER, "announced_on": _ANNOUNCED}

# What the sheets of Upphandlingsmyndigheten count; each stands in its own table only.
BIDS_MEASURE = (
    "antal anbud, summa",
    "antal anbud",
    "inkomna anbud",
    "antal inkomna anbud",
    "bids",
    "number of tenders",
)
VALUE_MEASURE = (
    "kontrakterat värde, summa", "kontrakterat värde", "kontraktsvärde", "avtalsvärde", "avtalat värde",
    "contract value",
)  # fmt: skip
AWARDS_MEASURE = ("antal kontrakterade anbud*, summa", "antal kontrakterade anbud, summa", "antal kontrakterade anbud")
OTHER_TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "lots": ("bids per lot", BIDS_MEASURE[:1]),
    "values": ("contract values", VALUE_MEASURE[:1]),
    "awards": ("awarded suppliers", AWARDS_MEASURE[:2]),
}
"""Per table of Upphandlingsmyndigheten's: what it holds, and the header that only it has."""

PROCUREMENTS_LIST = Register(
    key="tenders.procurements",
    what="list of announced procurements",
    aliases={
        **_SHARED,
        "title": _TITLE,
        "buyer_sector": ("sektor för köpare", "sektor"),
        "buyer_subsector": ("delsektor för köpare", "delsektor"),
        "kind": ("upphandlingsslag", "slag", "kontraktsslag", "kind"),
        "procedure": ("förfarande", "upphandlingsförfarande", "procedure"),
        "cpv_code": ("huvudsaklig cpv-kod", "cpv-kod", "cpv kod", "cpv"),
        "cpv_main": ("cpv-huvudgrupp",),
        "is_above_threshold": ("direktivstyrd", "över tröskelvärdet"),
        "agreement": ("typ av avtal", "avtalstyp"),
        "is_framework": ("ramavtal", "framework"),
        "is_dynamic": ("dynamiskt inköpssystem", "dis"),
        "has_lots": ("anbudsområden", "delad i anbudsområden"),
        "is_coordinated": ("samordnad upphandling", "samordnad"),
        "is_environmental": ("miljömässigt hållbar upphandling", "miljökrav", "miljöhänsyn"),
        "is_social": ("socialt hållbar upphandling", "sociala krav", "social hänsyn"),
        "is_reviewed": ("överprövad", "överprövning"),
        "notice_database": ("annonsdatabas",),
        **{f"of_{table}": headers for table, (_, headers) in OTHER_TABLES.items()},
    },
    needed=(("procurement_id",), ("announced_on",)),
    dates=("announced_on",),
)  # fmt: skip

LOTS_LIST = Register(
    key="tenders.lots",
    what="list of bids per lot",
    aliases={**_SHARED, "lot_id": _LOT, "bids_count": BIDS_MEASURE},
    needed=(("procurement_id",), ("bids_count",)),
    dates=("announced_on",),
    counts=("bids_count",),
)

VALUES_LIST = Register(
    key="tenders.values",
    what="list of contract values",
    aliases={**_SHARED, "title": _TITLE, "value": VALUE_MEASURE, "currency": ("valuta", "currency")},
    needed=(("procurement_id",), ("value",)),
    dates=("announced_on",),
    amounts=("value",),
)

AWARDS_LIST = Register(
    key="tenders.awards",
    what="list of awarded suppliers",
    aliases={
        **_SHARED,
        "lot_id": _LOT,
        "supplier_name": (
            "namn för leverantör", "leverantör", "leverantörsnamn", "leverantörens namn", "tilldelad leverantör",
            "supplier",
        ),
        "supplier_number": (
            "organisationsnummer för leverantör", "leverantörens organisationsnummer", "leverantörsnummer",
            "organisationsnummer leverantör", "supplier number",
        ),
        "supplier_sector": ("sektor för leverantör",),
        "supplier_form": ("juridisk form för leverantör", "leverantörens juridiska form"),
        "supplier_size": ("företagsstorlek för leverantör", "företagsstorlek", "storleksklass", "antal anställda"),
        "supplier_size_code": ("scb storleksklass", "scb:s storleksklass", "storleksklass kod", "storleksklasskod"),
        "supplier_county": ("län för leverantör", "leverantörens län", "län"),
        "contracted_count": AWARDS_MEASURE,
        "award_status": ("award status",),
    },
    needed=(("procurement_id",), ("supplier_name", "supplier_number")),
    dates=("announced_on",),
    counts=("contracted_count",),
)  # fmt: skip

LISTS: dict[str, Register] = {
    "procurements": PROCUREMENTS_LIST,
    "lots": LOTS_LIST,
    "values": VALUES_LIST,
    "awards": AWARDS_LIST,
}
"""The tables by the name that files are given under, as in schema.TENDER_TABLES."""
