"""The fictional region's account plan, units and buying habits.

The plan follows the class structure of the regions' common plans (1 investments, 4 staff, 5 care and
materials, 6–7 other costs) but every account is made up. `category_code` is what a reviewed rule set should
reach; it is written here, apart from `params/mappings/exempel.csv`, so that the planted truths do not lean on
the rules.
"""

from __future__ import annotations

from typing import NamedTuple


class Account(NamedTuple):
    """Describe one account: where it belongs, and which kinds of suppliers are booked on it ('' = any)."""

    code: str
    text: str
    category_code: str
    spend_class: str
    lou_covered: str
    sold_by: str = ""


class Profile(NamedTuple):
    """Describe how a category is bought: relative numbers of suppliers and invoices, typical size, season."""

    suppliers: float
    invoices: float
    typical_kronor: float
    season: str
    yearly_growth_pct: float


ADDRESSABLE = ("adresserbar", "ja")
EXEMPT = ("ej adresserbar", "nej")
INVESTMENT = ("investering", "ja")
NOT_PURCHASE = ("ej inköp", "nej")

_PLAN: tuple[tuple[tuple[str, str], str], ...] = (
    (
        INVESTMENT,
        """
1211 Investering bilddiagnostik|03.01
1212 Investering övervakning och intensivvård|03.02
1213 Investering operation och endoskopi|03.03
1219 Investering övrig medicinteknik|03.04
1221 Investering datorer och servrar|07.01
1231 Investering fordon|11.01
1241 Investering byggnader|09.01
1242 Investering installationer|09.02
1251 Investering inventarier|14.09
1261 Konstnärlig utsmyckning|14.09
1271 Investering laboratorieutrustning|03.06
""",
    ),
    (
        ADDRESSABLE,
        """
4711 Inhyrda läkare|06.01
4721 Inhyrda sjuksköterskor|06.02
4722 Inhyrda barnmorskor|06.02
4731 Inhyrd övrig vårdpersonal|06.03
4741 Inhyrd administrativ personal|06.03
4811 Rekryteringstjänster|06.06
4821 Företagshälsovård|06.04
4831 Friskvård|06.04
4841 Kursavgifter|06.05
4842 Konferensavgifter|06.05
4851 Handledning|06.06
4861 Extern representation|06.07
4862 Intern representation|06.07
5012 Köpt specialiserad vård, privat vårdgivare|04.01|private
5031 Köpt psykiatrisk vård|04.03
5051 Ambulanssjukvård|04.05
5052 Luftburen sjuktransport|04.05
5061 Köpt rehabilitering|04.06
5062 Ortopedteknisk service|04.06
5121 Rekvisitionsläkemedel|01.02
5122 Cytostatika och beredningar|01.02
5131 Vaccin|01.03
5141 Näringsprodukter|01.04
5142 Infusionsvätskor|01.04
5151 Apotekstjänster och dosdispensering|01.05
5161 Medicinska gaser|01.06
5211 Förbrukningsmaterial vård|02.01
5212 Handskar och skyddsmaterial|02.01
5213 Provtagningsmaterial|02.01
5221 Förbandsmaterial|02.02
5222 Kompressionsmaterial|02.02
5231 Inkontinensmaterial|02.03
5232 Katetrar och stomimaterial|02.03
5241 Operationsmaterial|02.04
5242 Suturer|02.04
5243 Anestesimaterial|02.04
5251 Ortopediska implantat|02.05
5252 Hjärtimplantat|02.05
5253 Proteser|02.05
5261 Rullstolar|02.06
5262 Övriga hjälpmedel för rörelse|02.06
5271 Hörapparater|02.07
5272 Synhjälpmedel|02.07
5281 Diabetesmaterial|02.08
5291 Tandvårdsmaterial|02.09
5292 Tandtekniska arbeten|02.09
5311 Reagens|03.06
5312 Laboratoriematerial|03.06
5321 Köpta laboratorieanalyser|03.07
5322 Köpt bildgranskning|03.07
5331 Service medicinteknik|03.05
5332 Reservdelar medicinteknik|03.05
5341 Mindre medicinteknisk utrustning|03.04
5411 Livsmedel|13.01
5412 Mejeriprodukter|13.01
5421 Drycker|13.01
5431 Måltidstjänster|13.02
5441 Utrustning till kök|13.03
5511 Busstrafik enligt avtal|12.01
5512 Anropsstyrd trafik|12.01
5521 Tågtrafik enligt avtal|12.02
5531 Sjukresor|12.03
5532 Färdtjänst|12.03
5541 Hållplatser och depåer|12.05
5542 Biljettsystem|12.05
6021 Fastighetsskötsel|08.03
6022 Reparation av lokaler|08.04
6031 Lokalvård|08.05
6032 Fönsterputs|08.05
6041 Bevakning|08.06
6042 Passersystem|08.06
6051 Brandskydd|08.06
6071 Arkitekter och tekniska konsulter|09.09
6081 Byggmaterial|09.06
6091 Snöröjning|09.04
6092 Skötsel av grönytor|09.05
6111 El, förbrukning|10.01
6141 Avfallshämtning|10.05
6142 Farligt avfall|10.05
6211 Datorer|07.01
6212 Tillbehör till datorer|07.01
6221 Mobiltelefoner och surfplattor|07.02
6231 Programvarulicenser|07.03
6241 Vårdsystem|07.04
6242 Administrativa system|07.04
6251 IT-drift|07.05
6261 IT-konsulter|07.06
6262 Systemutveckling|07.06
6271 Telefoni|07.07
6272 Datakommunikation|07.07
6311 Leasing av fordon|11.02
6321 Drivmedel|11.03
6331 Fordonsservice|11.04
6341 Frakt|11.06
6342 Budtjänster|11.06
6411 Tjänsteresor tåg och flyg|12.06
6412 Taxi i tjänsten|12.06
6421 Hotell|12.06
6511 Kontorsmaterial|14.01
6521 Möbler|14.02
6522 Textil inredning|14.02
6531 Skrivare och utskrifter|14.03
6541 Trycksaker|14.03
6551 Städ- och hygienmaterial|14.04
6561 Arbetskläder|14.05
6571 Tvätt|14.06
6572 Hyra av textilier|14.06
6581 Böcker|14.07
6582 Tidskrifter|14.07
6591 Förbrukningsinventarier|14.09
6592 Övrigt förbrukningsmaterial|14.10
6593 Hyra av inventarier|14.11
6594 Reparation av inventarier|14.12
6711 Blommor och växter|14.10
6712 Batterier och lampor|14.10
7011 Organisationskonsulter|15.01
7012 Upphandlingskonsulter|15.01
7021 Juridiska tjänster|15.02
7031 Revision|15.02
7032 Inkasso|15.02
7041 Språktolk|15.03
7042 Översättning|15.03
7051 Annonsering|15.04
7052 Informationskampanjer|15.04
7061 Porto|15.05
7071 Försäkringspremier|15.06
7081 Bankavgifter|15.07
7091 Administrativa tjänster|15.08
7092 Övriga främmande tjänster|15.08
7101 Uppdragsforskning|15.01
""",
    ),
    (
        EXEMPT,
        """
5011 Köpt specialiserad vård, annan region|04.01|public
5021 Vårdval primärvård|04.02
5022 Digital vård enligt vårdval|04.02
5041 Tandvård för barn och unga, annan vårdgivare|04.04
5071 Folkhögskola, annan huvudman|05.04
5111 Läkemedel inom förmånen|01.01
6011 Lokalhyra|08.01
6012 Markhyra|08.02
6112 Elnät|10.01
6121 Fjärrvärme|10.02
6131 Vatten och avlopp|10.04
""",
    ),
    (
        NOT_PURCHASE,
        """
4911 Pensionsutbetalningar|90.01
4912 Pensionsförsäkringspremier|90.01
5811 Bidrag till föreningar|90.02|association
5812 Bidrag till kommuner|90.02|public
5813 Bidrag till kultur|90.02|association
7211 Självrisk och skadestånd|90.08
7221 Skatter och avgifter till staten|90.03
7231 Medlemsavgifter|90.09
7241 Räntor|90.04
""",
    ),
)

UNMAPPED_ACCOUNT = Account("7990", "Observationskonto", "99.01", "adresserbar", "okänt")
"""No rule above the default decides this account."""

DATED_ACCOUNT = Account("6232", "Molntjänster", "07.03", "adresserbar", "ja")
"""Counted as licences until the end of 2024 and as IT operations from 2025-01-01."""
DATED_CATEGORY_FROM_2025 = "07.05"


def _accounts() -> tuple[Account, ...]:
    """Read the plan above into accounts, sorted by code."""
    found = [DATED_ACCOUNT, UNMAPPED_ACCOUNT]
    for (spend_class, lou_covered), block in _PLAN:
        for line in block.strip().splitlines():
            head, category_code, *sold_by = line.split("|")
            code, text = head.split(" ", 1)
            found.append(Account(code, text, category_code, spend_class, lou_covered, *sold_by))
    return tuple(sorted(found))


ACCOUNTS: tuple[Account, ...] = _accounts()

PROFILES: dict[str, Profile] = {
    "01.01": Profile(8, 20, 420_000, "summer_low", 4),
    "01.02": Profile(30, 70, 22_000, "summer_low", 6),
    "01.03": Profile(6, 6, 12_000, "autumn", 3),
    "01.04": Profile(15, 25, 2_500, "even", 3),
    "01.05": Profile(5, 8, 40_000, "even", 3),
    "01.06": Profile(5, 10, 2_000, "even", 2),
    "02.01": Profile(90, 75, 3_000, "summer_low", 2),
    "02.02": Profile(30, 25, 1_500, "even", 2),
    "02.03": Profile(25, 28, 1_700, "even", 2),
    "02.04": Profile(60, 45, 8_000, "summer_low", 3),
    "02.05": Profile(35, 26, 26_000, "summer_low", 2),
    "02.06": Profile(45, 28, 4_200, "summer_low", 3),
    "02.07": Profile(25, 22, 2_800, "summer_low", 2),
    "02.08": Profile(12, 20, 3_500, "even", 4),
    "02.09": Profile(40, 30, 1_300, "summer_low", 3),
    "03.01": Profile(12, 1.2, 260_000, "year_end", 2),
    "03.02": Profile(14, 1.5, 120_000, "year_end", 2),
    "03.03": Profile(15, 1.6, 120_000, "year_end", 2),
    "03.04": Profile(60, 14, 12_000, "year_end", 2),
    "03.05": Profile(55, 24, 4_500, "even", 4),
    "03.06": Profile(52, 35, 4_000, "summer_low", 3),
    "03.07": Profile(20, 16, 14_000, "even", 3),
    "04.01": Profile(45, 34, 90_000, "summer_low", 4),
    "04.02": Profile(70, 30, 100_000, "even", 3),
    "04.03": Profile(25, 8, 45_000, "even", 3),
    "04.04": Profile(60, 16, 9_000, "summer_low", 3),
    "04.05": Profile(5, 2, 200_000, "even", 3),
    "04.06": Profile(45, 14, 7_000, "summer_low", 3),
    "05.04": Profile(12, 3, 30_000, "autumn", 2),
    "06.01": Profile(60, 14, 42_000, "summer_high", 3),
    "06.02": Profile(50, 14, 30_000, "summer_high", 3),
    "06.03": Profile(40, 8, 15_000, "summer_high", 3),
    "06.04": Profile(80, 19, 3_000, "even", 3),
    "06.05": Profile(240, 45, 2_600, "summer_low", 3),
    "06.06": Profile(100, 13, 3_500, "summer_low", 2),
    "06.07": Profile(150, 28, 700, "year_end", 3),
    "07.01": Profile(50, 26, 5_000, "year_end", 1),
    "07.02": Profile(15, 12, 3_000, "even", 1),
    "07.03": Profile(90, 16, 9_000, "year_end", 6),
    "07.04": Profile(50, 12, 40_000, "year_end", 4),
    "07.05": Profile(35, 10, 20_000, "even", 3),
    "07.06": Profile(90, 16, 35_000, "even", 2),
    "07.07": Profile(20, 24, 1_500, "even", 1),
    "08.01": Profile(120, 20, 45_000, "even", 5),
    "08.02": Profile(20, 2, 6_000, "even", 3),
    "08.03": Profile(40, 12, 5_000, "even", 4),
    "08.04": Profile(150, 34, 3_600, "summer_low", 4),
    "08.05": Profile(35, 20, 7_500, "even", 3),
    "08.06": Profile(55, 23, 3_000, "even", 3),
    "09.01": Profile(45, 5, 140_000, "year_end", 4),
    "09.02": Profile(45, 6, 60_000, "year_end", 4),
    "09.04": Profile(25, 4, 8_000, "winter", 3),
    "09.05": Profile(25, 5, 4_500, "summer_high", 3),
    "09.06": Profile(60, 14, 1_400, "even", 3),
    "09.09": Profile(60, 8, 20_000, "even", 3),
    "10.01": Profile(18, 22, 12_000, "winter", -4),
    "10.02": Profile(8, 6, 22_000, "winter", 5),
    "10.04": Profile(12, 8, 3_000, "even", 5),
    "10.05": Profile(25, 18, 1_900, "even", 4),
    "11.01": Profile(10, 0.8, 320_000, "year_end", 2),
    "11.02": Profile(15, 16, 2_800, "even", 3),
    "11.03": Profile(15, 16, 1_400, "winter", -2),
    "11.04": Profile(70, 14, 2_200, "even", 3),
    "11.06": Profile(30, 22, 1_000, "even", 3),
    "12.01": Profile(20, 7, 200_000, "even", 5),
    "12.02": Profile(4, 1.2, 500_000, "even", 5),
    "12.03": Profile(35, 26, 9_000, "even", 4),
    "12.05": Profile(20, 4, 20_000, "even", 3),
    "12.06": Profile(180, 80, 1_100, "summer_low", 4),
    "13.01": Profile(70, 67, 4_000, "even", 5),
    "13.02": Profile(25, 16, 4_000, "even", 5),
    "13.03": Profile(15, 4, 5_000, "year_end", 3),
    "14.01": Profile(20, 24, 700, "summer_low", 2),
    "14.02": Profile(60, 12, 7_000, "year_end", 2),
    "14.03": Profile(58, 16, 2_600, "even", 0),
    "14.04": Profile(25, 18, 1_100, "even", 3),
    "14.05": Profile(35, 10, 1_700, "even", 2),
    "14.06": Profile(10, 18, 4_600, "even", 3),
    "14.07": Profile(90, 18, 800, "even", 3),
    "14.09": Profile(205, 21, 3_200, "year_end", 2),
    "14.10": Profile(230, 38, 800, "even", 3),
    "14.11": Profile(25, 6, 2_400, "even", 2),
    "14.12": Profile(70, 9, 2_000, "even", 3),
    "15.01": Profile(140, 15, 22_000, "even", 3),
    "15.02": Profile(42, 9, 9_000, "even", 3),
    "15.03": Profile(25, 34, 1_500, "summer_low", 2),
    "15.04": Profile(80, 12, 5_000, "even", 2),
    "15.05": Profile(6, 12, 2_200, "even", 5),
    "15.06": Profile(6, 1, 60_000, "even", 4),
    "15.07": Profile(6, 5, 900, "even", 1),
    "15.08": Profile(250, 25, 2_800, "even", 3),
    "90.01": Profile(4, 1.5, 350_000, "even", 4),
    "90.02": Profile(190, 12, 18_000, "even", 1),
    "90.03": Profile(6, 5, 2_500, "even", 2),
    "90.04": Profile(4, 0.6, 45_000, "even", 1),
    "90.08": Profile(12, 1, 4_000, "even", 1),
    "90.09": Profile(40, 3, 8_000, "even", 3),
}
"""How each category is bought; invented proportions that give a region's mix of many small and few large."""

PLANTED_RISE = ("07.06", 1.65)
"""IT consultants: bought for about two thirds more in 2025."""
PLANTED_FALL = ("06.02", 0.55)
"""Agency nurses: bought for a little over half in 2025."""

SEASONS: dict[str, tuple[float, ...]] = {
    "even": (1, 1, 1, 1, 1, 1, 0.9, 0.95, 1, 1, 1, 1.15),
    "summer_low": (1, 1, 1.1, 1, 1, 0.95, 0.5, 0.7, 1.1, 1.15, 1.15, 1.25),
    "summer_high": (0.9, 0.85, 0.9, 0.9, 0.95, 1.3, 1.8, 1.5, 1, 0.9, 0.85, 0.95),
    "winter": (1.8, 1.7, 1.4, 1, 0.7, 0.5, 0.4, 0.45, 0.65, 0.95, 1.3, 1.7),
    "autumn": (0.6, 0.7, 0.8, 0.8, 0.8, 0.7, 0.4, 0.8, 1.5, 2, 1.8, 1.1),
    "year_end": (0.7, 0.75, 0.9, 0.85, 0.9, 1, 0.6, 0.7, 0.95, 1.15, 1.4, 2.2),
}
"""Relative number of invoices per month."""

UNITS: tuple[str, ...] = (
    "Exempelsjukhuset Nord",
    "Exempelsjukhuset Syd",
    "Exempelsjukhuset Öst",
    "Primärvården",
    "Psykiatriförvaltningen",
    "Habilitering och hjälpmedel",
    "Folktandvården",
    "Laboratoriemedicin",
    "Bild och funktion",
    "Medicinsk teknik",
    "Ambulanssjukvården",
    "Regionservice",
    "Regionfastigheter",
    "Region IT",
    "Kollektivtrafikförvaltningen",
    "Kultur och bildning",
    "Regional utveckling",
    "Regionledningskontoret",
    "HR-centrum",
    "Ekonomi och inköp",
    "Kostservice",
)
UNIT_WEIGHTS: tuple[float, ...] = (20, 16, 9, 18, 9, 5, 7, 4, 3, 2, 2, 6, 5, 3, 3, 4, 3, 3, 2, 2, 2)
MAIN_UNIT: dict[str, tuple[str, float]] = {
    "02.06": ("Habilitering och hjälpmedel", 0.8),
    "02.07": ("Habilitering och hjälpmedel", 0.8),
    "02.09": ("Folktandvården", 0.97),
    "03.01": ("Bild och funktion", 0.8),
    "03.05": ("Medicinsk teknik", 0.6),
    "03.06": ("Laboratoriemedicin", 0.9),
    "04.03": ("Psykiatriförvaltningen", 0.9),
    "04.04": ("Folktandvården", 0.9),
    "04.05": ("Ambulanssjukvården", 0.95),
    "07": ("Region IT", 0.65),
    "08": ("Regionfastigheter", 0.6),
    "09": ("Regionfastigheter", 0.85),
    "10": ("Regionfastigheter", 0.8),
    "12.01": ("Kollektivtrafikförvaltningen", 0.98),
    "12.02": ("Kollektivtrafikförvaltningen", 0.98),
    "12.03": ("Kollektivtrafikförvaltningen", 0.7),
    "12.05": ("Kollektivtrafikförvaltningen", 0.98),
    "13": ("Kostservice", 0.6),
    "14.04": ("Regionservice", 0.5),
    "14.06": ("Regionservice", 0.6),
    "90.01": ("HR-centrum", 1.0),
    "90.02": ("Kultur och bildning", 0.6),
    "90.04": ("Ekonomi och inköp", 1.0),
}
"""The unit that does most of the buying in a category (or main category), and its share of the invoices."""

UNIT_RULE = ("6591", "Region IT", "07.01")
"""Minor equipment bought by the IT unit is computers; everywhere else it is equipment."""

OVERRIDE_SUPPLIER, OVERRIDE_NUMBER = "Nordfjäll Sjukresor AB", "5599999009"
"""Drives patients but is booked as bus traffic: one override rule moves all of it."""
OVERRIDE_BOOKED, OVERRIDE_CATEGORY = "12.01", "12.03"

RULED_SUPPLIER, RULED_NUMBER = "Region Låtsasmark", "2120998006"
"""A neighbouring region: whatever account is used, it sells specialised care outside LOU."""
RULED_BOOKED, RULED_CATEGORY = "04.06", "04.01"
