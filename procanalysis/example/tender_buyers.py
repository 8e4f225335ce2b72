"""Who procures in the fictional nation Exempelriket: eight regions, their municipalities, and four authorities."""

from __future__ import annotations

from dataclasses import dataclass

from procanalysis.example.files import BUYER, BUYER_NUMBER
from procanalysis.example.organisation_numbers import legal_numbers

NATION = "Exempelriket"
OWN = "exempel"
"""Region Exempel among the regions."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """Hold one fictional region: how much it announces in 2025, and what sets its statistics apart.

    `other_name` is a body of its own that a part of its procurements is filed under, with a number of its own;
    `tells_awards` is False for a region that sends no notices of award.
    """

    peer: str
    name: str
    county_code: str
    county: str
    yearly: int
    database: str
    municipalities: tuple[str, ...]
    other_name: str = ""
    tells_awards: bool = True


@dataclass(frozen=True)
class Buyer:
    """Hold one buyer as the statistics name it; `peer` is empty for all but the regions."""

    number: str
    name: str
    sector: str
    subsector: str
    county: str
    yearly: int
    database: str
    peer: str = ""
    tells_awards: bool = True


MARKING_DATABASE = "Annonstorget"
"""The only notice database whose buyers fill in whether a procurement is coordinated."""
DATABASES: tuple[str, ...] = (MARKING_DATABASE, "Avropsbrevet", "Provannonsen", "Sagodatabasen")

# County codes from 91 on belong to no real county.
REGIONS: tuple[Region, ...] = (
    Region(
        peer=OWN,
        name=BUYER,
        county_code="91",
        county="Exempels län",
        yearly=34,
        database=MARKING_DATABASE,
        municipalities=("Exempelstad", "Exempelvik", "Exempelhult"),
    ),
    Region(
        peer="pahittsbygden",
        name="Region Påhittsbygden",
        county_code="92",
        county="Påhittsbygdens län",
        yearly=118,
        database=DATABASES[1],
        municipalities=("Påhittsborg", "Påhittsnäs", "Påhittstjärn", "Påhittshamn"),
        other_name="Påhittsbygdens inköpscentral",
    ),
    Region(
        peer="sagomark",
        name="Region Sagomark",
        county_code="93",
        county="Sagomarks län",
        yearly=86,
        database=DATABASES[3],
        municipalities=("Sagofors", "Sagotuna", "Sagovång"),
    ),
    Region(
        peer="diktdalen",
        name="Region Diktdalen",
        county_code="94",
        county="Diktdalens län",
        yearly=62,
        database=MARKING_DATABASE,
        municipalities=("Diktköping", "Diktvik", "Dikthult"),
    ),
    Region(
        peer="latsasfjall",
        name="Region Låtsasfjäll",
        county_code="95",
        county="Låtsasfjälls län",
        yearly=51,
        database=DATABASES[2],
        municipalities=("Låtsasby", "Låtsasåsen", "Låtsasmoen"),
    ),
    Region(
        peer="modellskogen",
        name="Region Modellskogen",
        county_code="96",
        county="Modellskogens län",
        yearly=44,
        database=DATABASES[1],
        municipalities=("Modellholm", "Modellkulla", "Modelläng"),
    ),
    Region(
        peer="provnaset",
        name="Region Provnäset",
        county_code="97",
        county="Provnäsets län",
        yearly=39,
        database=DATABASES[2],
        municipalities=("Provstad", "Provbacka", "Provlunda", "Provsund"),
        tells_awards=False,
    ),
    Region(
        peer="fatalson",
        name="Region Fåtalsön",
        county_code="98",
        county="Fåtalsöns län",
        yearly=6,
        database=DATABASES[3],
        municipalities=("Fåtalsviken", "Fåtalsmyren", "Fåtalsstrand"),
    ),
)
"""The regions, Region Exempel first: one with few procurements, one with two numbers, one that tells no awards."""

_AUTHORITIES: tuple[tuple[str, int], ...] = (
    ("Exempelverket", 22),
    ("Påhittsstyrelsen", 15),
    ("Sagotrafikverket", 31),
    ("Provmyndigheten", 8),
)
_MUNICIPAL_YEARLY = (21, 12, 9, 16)
# Past the numbers that the ledger's public suppliers use, and the one that a rule is about.
_FIRST_NUMBER = 8_100


def buyers() -> tuple[Buyer, ...]:
    """List the buyers: the regions in order (a second number after the first), municipalities, authorities."""
    count = 2 * len(REGIONS) + sum(len(region.municipalities) for region in REGIONS) + len(_AUTHORITIES)
    numbers = iter(legal_numbers("public", count, first=_FIRST_NUMBER))
    found: list[Buyer] = []
    for region in REGIONS:
        own = BUYER_NUMBER if region.peer == OWN else next(numbers)
        second = region.yearly // 4 if region.other_name else 0
        bodies = [(own, region.name, "Region", region.yearly - second)]
        if region.other_name:
            bodies.append((next(numbers), region.other_name, "Regionalt ägd organisation", second))
        found += [
            Buyer(
                *(number, name, "Region", subsector, region.county, yearly, region.database),
                peer=region.peer,
                tells_awards=region.tells_awards,
            )
            for number, name, subsector, yearly in bodies
        ]
    for region in REGIONS:
        for place, name in enumerate(region.municipalities):
            yearly = _MUNICIPAL_YEARLY[(place + len(name)) % len(_MUNICIPAL_YEARLY)]
            database = DATABASES[(place + len(region.name)) % len(DATABASES)]
            found.append(
                Buyer(
                    next(numbers),
                    f"{name.removesuffix('s')}s kommun",
                    "Kommun",
                    "Kommun",
                    region.county,
                    yearly,
                    database,
                )
            )
    for place, (name, yearly) in enumerate(_AUTHORITIES):
        found.append(Buyer(next(numbers), name, "Stat", "Statlig myndighet", "", yearly, DATABASES[place]))
    return tuple(found)
