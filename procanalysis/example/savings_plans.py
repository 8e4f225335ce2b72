"""List the awards of the fictional savings register: one plan for everything that a saving can be, or fail to be."""

from __future__ import annotations

from dataclasses import dataclass

OWN_NAME = "Region Exempel"
SISTERS = ("Region Låtsas", "Region Påhitt")
"""Fictional organisations that buy together with the region."""
COORDINATED = ((OWN_NAME, "50"), (SISTERS[0], "30"), (SISTERS[1], "20"))
LED_BY_A_SISTER = ((OWN_NAME, "20"), (SISTERS[0], "50"), (SISTERS[1], "30"))


@dataclass(frozen=True)
class ArticlePlan:
    """Plan an article: its new price, its part of the yearly value, and the earlier price in percent of the new.

    `previous_pct` is empty for an article that is new. Numbers are written as text, so that they stay exact.
    """

    name: str
    unit: str
    new_price: str
    value_pct: int
    previous_pct: str = ""


@dataclass(frozen=True)
class AwardPlan:
    """Plan an award.

    `bids` are final prices in percent of the first winner's, negative for a bid that does not qualify; the first
    `winners` of them won. `first_pct` is the first bid of the winner in percent of its final one. `linked` takes
    title, category, dates and yearly value from a finished procurement with as many bids, where one is left.
    `index` is share, base and now; `refused_pct` an increase in percent of the new price that was refused. `missing` is
    what the first article, or the last bid, lacks in the files.
    """

    case: str
    title: str
    category: str
    starts_on: str
    ends_on: str
    yearly_sek: int
    bids: tuple[int, ...] | None
    options: tuple[int, ...] = ()
    exercised: int = 0
    linked: bool = False
    winners: int = 1
    first_pct: int = 0
    articles: tuple[ArticlePlan, ...] = ()
    index: tuple[str, str, str] | None = None
    refused_pct: str = ""
    missing: str = ""
    volumes: tuple[str, str] | None = ("1000", "1000")
    coordinated: str = "nej"
    organisation: str = ""
    organisations: tuple[tuple[str, str], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    replaces: str = ""
    comparable: str = "ja"
    monetary: str = "ja"
    value_in_words: str = ""
    responsible: str = "Avtalscontroller 1"
    one_off_sek: int = 0
    expected: bool = True


def _article(name: str, unit: str, price: str, part: int, previous: str = "") -> ArticlePlan:
    return ArticlePlan(name, unit, price, part, previous)


def _two(previous: str, unit: str = "st", price: str = "240.00") -> tuple[ArticlePlan, ...]:
    """Plan two articles of an award whose articles matter only as a sum."""
    return (
        _article("Huvudartikel", unit, price, 70, previous),
        _article("Tillbehör", unit, "18.5000", 30, previous),
    )


_MEASURED: tuple[AwardPlan, ...] = (
    # By the previous contract, in several of them with bids that would have given a market price too.
    AwardPlan(
        "previous_contract", "Laboratorietjänster", "03.07", "2021-04-01", "2025-03-31", 38_000_000,
        (100, 103, 109, 115), options=(12, 12), exercised=2, articles=_two("107.5", "analys", "84.00"),
        units=(("Laboratoriemedicin", "60"), ("Primärvården", "40")), responsible="Laboratoriechef",
    ),
    AwardPlan(
        "indexed_baseline", "Busstrafik på landsbygden", "12.01", "2020-06-14", "2028-06-13", 52_000_000, (100, 104),
        articles=(_article("Trafik enligt tidtabell", "km", "31.40", 100, "99.0"),), index=("70", "105", "112"),
        units=(("Kollektivtrafikförvaltningen", "100"),), responsible="Trafikdirektör", volumes=None,
    ),
    AwardPlan(
        "option_not_exercised", "Telefoni och växel", "07.07", "2022-01-01", "2025-12-31", 8_000_000, (100, 107),
        options=(12, 12), articles=_two("112", "abonnemang", "61.00"), responsible="IT-chef",
        coordinated="ja", organisations=COORDINATED,
        value_in_words="Bättre täckning på landsbygden.",
    ),
    AwardPlan(
        "purchases_off_contract", "Undersökningshandskar", "02.01", "2023-03-01", "2027-02-28", 6_400_000,
        (100, 102, 106, 111), options=(12,),
        articles=(
            _article("Undersökningshandske nitril, storlek M", "st", "0.3125", 55, "112"),
            _article("Undersökningshandske nitril, storlek L", "st", "0.3125", 35, "112"),
            _article("Operationshandske steril", "par", "4.60", 10, "104"),
        ),
        units=(("Exempelsjukhuset Nord", "40"), ("Exempelsjukhuset Syd", "35"), ("Primärvården", "25")),
        responsible="Kategoriansvarig sjukvårdsmaterial",
    ),
    AwardPlan(
        "purchases_not_started", "Förbandsmaterial", "02.02", "2024-01-01", "2027-12-31", 3_600_000, (100, 105, 108),
        articles=(
            _article("Polyuretanförband 10 × 10 cm", "st", "14.20", 45, "109"),
            _article("Kompressionslinda 8 cm", "st", "22.50", 35, "106"),
            _article("Fixeringstejp", "rulle", "9.80", 15, "103"),
            _article("Silikonförband, nytt i sortimentet", "st", "31.00", 5),
        ),
        units=(("Primärvården", "50"), ("Exempelsjukhuset Öst", "30"), ("Habilitering och hjälpmedel", "20")),
        responsible="Kategoriansvarig sjukvårdsmaterial", one_off_sek=120_000,
    ),
    AwardPlan(
        "purchases_replacing", "Kontorsmaterial", "14.01", "2023-10-01", "2026-09-30", 2_100_000, (100, 103),
        options=(12,), replaces="replaced",
        articles=(
            _article("Kopieringspapper A4", "paket", "36.00", 60, "108"),
            _article("Kulspetspenna", "st", "3.15", 25, "115"),
            _article("Pärm A4", "st", "17.40", 15, "98"),
        ),
        units=(("Regionservice", "50"), ("Primärvården", "30"), ("Folktandvården", "20")),
        responsible="Kategoriansvarig övergripande material",
    ),
    AwardPlan(
        "replaced", "Kontorsmaterial, det tidigare avtalet", "14.01", "2019-11-01", "2023-12-31", 1_900_000, (100, 108),
        articles=_two("111", "paket", "33.00"), responsible="Kategoriansvarig övergripande material", volumes=None,
    ),
    AwardPlan(
        "purchases_negative", "Färska livsmedel", "13.01", "2025-02-01", "2029-01-31", 5_200_000, (100,),
        articles=(
            _article("Mjölk 3 %, 10 liter", "st", "118.00", 40, "97"),
            _article("Nötfärs 12 %", "kg", "104.00", 40, "94"),
            _article("Potatis, skalad", "kg", "16.25", 20, "101"),
        ),
        index=("40", "131.2", "134.8"), units=(("Kostservice", "85"), ("Folktandvården", "15")),
        responsible="Måltidschef",
    ),
    AwardPlan(
        "purchases_more_volume", "Datorer och skärmar", "07.01", "2025-04-01", "2029-03-31", 12_000_000,
        (100, 106, 111), first_pct=104, replaces="replaced_early",
        articles=(
            _article("Bärbar dator 14 tum", "st", "7450.00", 80, "109"),
            _article("Skärm 27 tum", "st", "1680.00", 20, "106"),
        ),
        units=(("Region IT", "70"), ("Exempelsjukhuset Nord", "30")), responsible="IT-chef", one_off_sek=250_000,
    ),
    AwardPlan(
        "replaced_early", "Datorer och skärmar, det tidigare avtalet", "07.01", "2021-07-01", "2025-06-30", 10_000_000,
        (100, 105), articles=_two("105", "st", "6900.00"), responsible="IT-chef", volumes=None,
    ),
    AwardPlan(
        "previous_contract", "Hjälpmedel till hemmet", "02.06", "2024-05-01", "2027-04-30", 900_000, (100, 104),
        linked=True, articles=_two("106"), responsible="Hjälpmedelschef",
    ),
    AwardPlan(
        "previous_contract", "Inhyrda läkare", "06.01", "2023-02-01", "2026-01-31", 1_400_000, (100,),
        linked=True, articles=_two("104", "timme", "1180.00"), refused_pct="2", responsible="HR-chef",
    ),
    # By the market price.
    AwardPlan(
        "market_price", "Service på röntgenutrustning", "03.05", "2022-09-01", "2026-08-31", 20_000_000,
        (100, 108, 113, 121), responsible="Medicinteknisk chef", one_off_sek=300_000, coordinated="ja",
        organisations=COORDINATED, units=(("Bild och funktion", "60"), ("Medicinsk teknik", "39")),
    ),
    AwardPlan(
        "scope_changed", "Lokalvård", "08.05", "2024-05-01", "2028-04-30", 16_000_000, (100, 102, 105, 109, -88),
        options=(24,), articles=_two("118", "kvm", "212.00"), comparable="nej", volumes=("500", "1000"),
        responsible="Fastighetschef", value_in_words="Miljömärkta rengöringsmedel i alla lokaler.",
    ),
    AwardPlan(
        "market_price_coordinated", "Elhandel", "10.01", "2025-01-01", "2026-12-31", 24_000_000, (100, 103, 104),
        coordinated="ja", organisations=LED_BY_A_SISTER, organisation=SISTERS[0], responsible="Energistrateg",
    ),
    AwardPlan(
        "market_price_negative", "Vårdsystem för habilitering", "07.04", "2024-02-29", "2027-12-31", 4_000_000,
        (100, 91, 94, 103), responsible="IT-chef", one_off_sek=900_000,
        value_in_words="Högre kvalitet: färre avbrott och ett gemensamt stöd för vårdplaner.",
    ),
    AwardPlan(
        "price_repeated", "Operationsmaterial", "02.04", "2023-06-01", "2026-05-31", 800_000, (100, 105, 112),
        linked=True, articles=_two("107"), refused_pct="3", missing="single_article", responsible="Avtalscontroller 3",
        coordinated="ja",
    ),
    AwardPlan(
        "market_price", "Ambulanssjukvårdens material", "02.04", "2024-09-01", "2027-08-31", 700_000,
        (100, 103, 109, 114), linked=True, volumes=("250", "1000"), responsible="Avtalscontroller 4",
        coordinated="ja", organisations=COORDINATED,
    ),
    AwardPlan(
        "signed_ahead", "Hyra av textilier", "14.06", "2026-03-01", "2030-02-28", 15_000_000, (100, 104, 110),
        options=(12, 12), responsible="Servicechef",
    ),
    AwardPlan(
        "signed_ahead_coordinated", "Ortopediska implantat", "02.05", "2027-01-01", "2030-12-31", 28_000_000,
        (100, 105, 107), coordinated="ja", organisations=COORDINATED, responsible="Kategoriansvarig sjukvårdsmaterial",
    ),
    # By negotiation.
    AwardPlan(
        "negotiation_for_a_sister", "Programlicenser", "07.03", "2023-07-01", "2026-06-30", 9_000_000, (100, 102),
        first_pct=106, organisation=SISTERS[1], responsible="IT-chef",
    ),
    AwardPlan(
        "without_end", "Larm och bevakning", "08.06", "2025-09-01", "", 3_000_000, (100,), first_pct=105,
        responsible="Säkerhetschef",
    ),
    AwardPlan(
        "negotiation", "Vaccin", "01.03", "2024-01-01", "2026-12-31", 1_100_000, (100, 101), first_pct=108,
        linked=True, responsible="Läkemedelschef", expected=False,
    ),
)  # fmt: skip

_OTHERS_WITH_THREE_OR_MORE: tuple[AwardPlan, ...] = (
    AwardPlan("few_qualified", "Rullstolar", "02.06", "2023-02-01", "2026-01-31", 600_000, (100, 106, -92),
              linked=True),
    AwardPlan("few_qualified", "Tvätt av arbetskläder", "14.06", "2022-05-01", "2026-04-30", 500_000, (100, -97, -105),
              linked=True),
    AwardPlan("few_qualified", "Sjukresor i glesbygd", "12.03", "2023-03-01", "2027-02-28", 2_500_000,
              (100, 109, -90, -99), linked=True, coordinated="ja"),
    AwardPlan("few_qualified", "Trycksaker", "14.03", "2021-10-01", "2025-09-30", 800_000, (100, 103, -101)),
    AwardPlan("no_winner", "Reparation av inventarier", "14.12", "2023-04-01", "2026-03-31", 400_000, (100, 104, 107),
              linked=True, winners=0),
    AwardPlan("no_volume", "Möbler", "14.02", "2022-11-01", "2026-10-31", 1_200_000, (100, 103, 108, 112),
              linked=True, volumes=None, coordinated=""),
    AwardPlan("no_volume", "Tekniska konsulter", "09.09", "2025-06-01", "2028-05-31", 6_000_000, (100, 101, 106, 110),
              volumes=None),
    AwardPlan("several_winners", "Inhyrda sjuksköterskor", "06.02", "2024-03-01", "2027-02-28", 18_000_000,
              (100, 102, 103, 107, 110), winners=3, coordinated="ja", organisations=COORDINATED),
    AwardPlan("several_winners", "IT-konsulter", "07.06", "2023-09-01", "2027-08-31", 14_000_000,
              (100, 101, 104, 108, 109, 115), winners=4, responsible="IT-chef"),
    AwardPlan("several_winners", "Tolktjänster", "15.03", "2022-04-01", "2026-03-31", 3_000_000, (100, 103, 106),
              winners=2),
    AwardPlan("not_monetary", "Köpt specialiserad vård", "04.01", "2023-03-01", "2027-02-28", 1_000_000, (100, 97, 99),
              linked=True, monetary="nej",
              value_in_words="Kvalitet: patienterna får tid inom vårdgarantin i hela regionen."),
    AwardPlan("not_monetary", "Nödlager av skyddsutrustning", "14.05", "2025-01-15", "2029-01-14", 2_000_000,
              (100, 104, 111), monetary="nej", articles=_two("103"),
              value_in_words="Försörjningstrygghet: lager för 60 dagar inom landet."),
)  # fmt: skip

_OTHERS_WITH_TWO: tuple[AwardPlan, ...] = (
    AwardPlan("scope_changed", "Kursadministration", "06.05", "2022-02-01", "2026-01-31", 600_000, (100, 103),
              linked=True, articles=_two("110"), comparable="nej"),
    AwardPlan("no_volume", "Tandvårdsmaterial", "02.09", "2023-02-01", "2026-01-31", 300_000, (100, 105),
              linked=True, articles=_two("105"), missing="quantity"),
    AwardPlan("no_prices", "Godstransporter", "11.06", "2024-08-01", "2028-07-31", 2_200_000, (100, 104),
              articles=_two("104", "sändning", "310.00"), missing="new_price"),
    AwardPlan("index_incomplete", "Fastighetsskötsel", "08.03", "2021-05-01", "2025-04-30", 5_000_000, (100, 108),
              options=(12,), exercised=1, articles=_two("106", "kvm", "64.00"), index=("60", "108.4", "121.9"),
              missing="index_now"),
    AwardPlan("cost_avoidance", "Medicinska gaser", "01.06", "2024-01-01", "2026-12-31", 4_500_000, (100, 110),
              articles=_two("", "kg", "42.00"), refused_pct="6", responsible="Läkemedelschef"),
    AwardPlan("cost_avoidance", "Måltidstjänster", "13.02", "2025-03-01", "2028-02-29", 7_000_000, (100, 102),
              articles=_two("", "portion", "71.50"), refused_pct="3.5", coordinated="ja", organisations=COORDINATED),
    AwardPlan("not_monetary", "Juridisk rådgivning", "15.02", "2023-06-01", "2026-05-31", 400_000, (100, 96),
              linked=True, monetary="nej", value_in_words="Kvalitet: svar inom två arbetsdagar."),
    AwardPlan("not_monetary", "Avfallshämtning", "10.05", "2022-10-01", "2026-09-30", 1_500_000, (100, 99),
              monetary="nej", value_in_words="Miljö: fossilfria fordon."),
    AwardPlan("two_bids", "Inhyrda läkare, psykiatri", "06.01", "2023-05-01", "2026-04-30", 900_000, (100, 107),
              linked=True),
    AwardPlan("two_bids", "Lokalvård på vårdcentraler", "08.05", "2023-05-01", "2026-04-30", 700_000, (100, 103),
              linked=True, expected=False),
    AwardPlan("two_bids", "Reservdelar till medicinteknik", "03.05", "2024-02-01", "2027-01-31", 500_000, (100, 112),
              linked=True),
    AwardPlan("two_bids", "Diabetesmaterial", "02.08", "2024-06-01", "2027-05-31", 800_000, (100, 104), linked=True),
    AwardPlan("two_bids", "Livsmedel, specerier", "13.01", "2022-11-15", "2026-11-14", 900_000, (100, 102),
              linked=True),
    AwardPlan("two_bids", "Drivmedel", "11.03", "2021-01-01", "2024-12-31", 3_100_000, (100, 101)),
    AwardPlan("two_bids", "Annonsering", "15.04", "2019-09-01", "2023-08-31", 1_000_000, (100, 106)),
    AwardPlan("two_bids", "Hissar, underhåll", "08.04", "2020-02-29", "2025-02-28", 1_800_000, (100, 104)),
    AwardPlan("two_bids", "Arbetskläder", "14.05", "2026-05-01", "2030-04-30", 2_400_000, (100, 103), coordinated="ja",
              organisations=COORDINATED),
    AwardPlan("one_qualified_of_two", "Passagesystem", "08.06", "2024-10-01", "2028-09-30", 1_300_000, (100, -93)),
)  # fmt: skip

_OTHERS_WITH_ONE: tuple[AwardPlan, ...] = (
    AwardPlan("not_monetary", "Blodkomponenter", "03.07", "2022-03-01", "2026-02-28", 1_600_000, (100,),
              monetary="nej", value_in_words="Försörjningstrygghet: leverans inom fyra timmar dygnet runt."),
    AwardPlan("cost_avoidance", "Ventilatorer, förbrukning", "02.04", "2023-01-01", "2026-12-31", 1_900_000, (100,),
              articles=_two("", "st", "96.00"), refused_pct="4"),
    AwardPlan("one_bid", "Kursavgifter", "06.05", "2022-02-01", "2026-01-31", 500_000, (100,), linked=True),
    AwardPlan("one_bid", "Inhyrd vårdpersonal", "06.03", "2022-11-01", "2025-10-31", 700_000, (100,), linked=True),
    AwardPlan("one_bid", "Vårdsystem för tandvård", "07.04", "2023-04-01", "2027-03-31", 900_000, (100,), linked=True),
    AwardPlan("one_bid", "Sjukresor, specialfordon", "12.03", "2023-06-01", "2026-05-31", 600_000, (100,),
              linked=True, coordinated=""),
    AwardPlan("one_bid", "Tågtrafik, ersättning", "12.02", "2019-12-15", "2027-12-14", 30_000_000, (100,),
              responsible="Trafikdirektör"),
    AwardPlan("one_bid", "Apotekstjänster", "01.05", "2026-01-01", "2029-12-31", 5_000_000, (100,)),
)  # fmt: skip

_OTHERS_WITHOUT_BIDS: tuple[AwardPlan, ...] = (
    AwardPlan("bids_unknown", "Hyra av inventarier", "14.11", "2023-04-01", "2026-03-31", 300_000, None, linked=True),
    AwardPlan("bids_unknown", "Influensavaccin", "01.03", "2022-10-15", "2026-10-14", 800_000, None, linked=True),
    AwardPlan("bid_unreadable", "Böcker och tidskrifter", "14.07", "2020-08-01", "2024-07-31", 1_100_000,
              (100, 105, 108, 111), first_pct=103, missing="readable_bid"),
    AwardPlan("price_unreadable", "Post och bud", "15.05", "2024-04-01", "2027-03-31", 900_000, None,
              articles=(_article("Brev, ekonomi", "st", "9.40", 100, "105"),), missing="readable_price"),
)  # fmt: skip

PLANS: tuple[AwardPlan, ...] = (
    *_MEASURED,
    *_OTHERS_WITH_THREE_OR_MORE,
    *_OTHERS_WITH_TWO,
    *_OTHERS_WITH_ONE,
    *_OTHERS_WITHOUT_BIDS,
)
"""The linked ones that are measured stand first, so that they get the procurements whose contracts are bought most."""
