"""Plan what the fictional e-commerce suppliers sell: articles by category, with units, prices and variants.

Each line of a plan is: name | CPV code | unit | units per price | lowest and highest price in kronor | variants. The
names are ordinary goods without brands, and every price is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_PLANS: dict[str, str] = {
    "01.02": """
        Natriumklorid infusionslösning|33692100|st|1|9|28|100 ml;500 ml;1000 ml
        Glukos infusionslösning|33692100|st|1|11|34|50 mg/ml;100 mg/ml
        Paracetamol tablett|33661200|fp|1|14|46|500 mg 20 st;500 mg 100 st
        Ibuprofen tablett|33661200|fp|1|22|64|200 mg;400 mg
        Lidokain injektionsvätska|33661100|fp|1|85|240|10 mg/ml;20 mg/ml
        Penicillin tablett|33651100|fp|1|48|130|800 mg;1 g
        Klorhexidin lösning|33631600|st|1|24|90|0,5 mg/ml;5 mg/ml
        Vitamin D droppar|33616000|st|1|55|120|10 ml;25 ml
        Sterilt vatten|33692100|fp|1|45|130|10 ml;20 ml
    """,
    "01.04": """
        Näringsdryck|15880000|fp|1|68|150|choklad;vanilj;jordgubb;kaffe
        Sondnäring|15880000|st|1|38|110|500 ml;1000 ml;1500 ml
        Förtjockningsmedel|15880000|st|1|70|180|burk;portion
        Proteinpulver|15880000|st|1|120|260|neutral;bär
        Berikningspulver|15880000|st|1|85|190|energi;fett
        Näringspudding|15880000|fp|1|75|160|choklad;vanilj
    """,
    "02.05": """
        Höftledsstam|33183100|st|1|6200|14500|storlek 1;storlek 2;storlek 3
        Höftledsskål|33183100|st|1|4100|9800|50 mm;54 mm;58 mm
        Knäimplantat|33183100|st|1|9800|19500|litet;medel;stort
        Benskruv|33183100|st|1|210|690|3,5 mm;4,5 mm
        Benplatta|33183100|st|1|890|3200|rak;böjd
        Bencement|33183100|fp|1|640|1500|40 g;80 g
    """,
    "02.06": """
        Rullator|33193120|st|1|620|1900|inne;ute
        Manuell rullstol|33193120|st|1|2900|7800|38 cm;42 cm;48 cm
        Duschstol|33193120|st|1|480|1400|fast;med hjul
        Toalettförhöjning|33193120|st|1|260|740|5 cm;10 cm
        Griptång|33193120|st|1|85|240|60 cm;80 cm
        Kryckkäpp|33193120|par|1|130|360|barn;vuxen
        Sittdyna|33193120|st|1|390|1600|skum;gel
    """,
    "02.01": """
        Undersökningshandske nitril|33141420|st|100|28|60|XS;S;M;L;XL
        Undersökningshandske vinyl|33141420|st|100|18|40|S;M;L
        Injektionsspruta|33141310|st|100|35|110|2 ml;5 ml;10 ml;20 ml
        Kanyl säkerhet|33141320|st|100|60|150|0,6 × 25 mm;0,8 × 40 mm;1,2 × 50 mm
        Provtagningsrör|33192500|st|100|70|180|3 ml;5 ml;10 ml
        Munskydd typ II|33141000|st|50|20|45|öronögla;knytband
        Plastförkläde|33141000|fp|1|35|80|kort;långt
        Pappersskynke till undersökningsbrits|33141000|fp|1|60|160|50 cm;60 cm
        Njurskål av papp|33141000|fp|1|90|220|liten;stor
        Medicinbägare|33141000|fp|1|25|60|med lock;utan lock
    """,
    "02.02": """
        Självhäftande förband|33141111|st|1|6|40|5 × 7 cm;6 × 8 cm;9 × 15 cm;9 × 25 cm
        Skumförband|33141110|st|1|25|140|10 × 10 cm;15 × 15 cm;20 × 20 cm;häl
        Kompressbinda|33141113|st|1|12|60|6 cm;8 cm;10 cm;12 cm
        Kompress non-woven|33141115|fp|1|15|70|5 × 5 cm;7,5 × 7,5 cm;10 × 10 cm
        Kompressionsstrumpa klass 2|33141110|par|1|180|420|S;M;L;XL
        Fixeringsplåster|33141112|st|1|8|30|2,5 cm;5 cm
        Sårtvätt|33140000|st|1|22|60|50 ml;250 ml
    """,
    "02.03": """
        Inkontinensskydd|33751000|fp|1|60|190|normal;plus;extra;natt
        Byxskydd|33751000|fp|1|90|240|S;M;L;XL
        Tappningskateter|33141200|st|1|14|38|CH 10;CH 12;CH 14;CH 16
        Kvarliggande kateter|33141200|st|1|45|130|CH 12;CH 14;CH 16
        Urinpåse|33140000|st|1|9|32|500 ml;1,5 l;2 l
        Stomipåse|33140000|fp|1|320|900|tömbar;sluten
        Hygienunderlägg|33771000|fp|1|55|150|60 × 60 cm;60 × 90 cm
    """,
    "02.04": """
        Operationsset|33140000|st|1|180|950|allmänt;höft;knä;öga
        Operationsrock steril|33140000|st|1|28|75|M;L;XL
        Sutur resorberbar|33141121|fp|1|310|890|2-0;3-0;4-0;5-0
        Sutur icke resorberbar|33141121|fp|1|280|760|3-0;4-0;5-0
        Andningsslang|33171100|st|1|65|190|barn;vuxen
        Larynxmask|33171100|st|1|85|260|3;4;5
        Infusionsaggregat|33140000|st|1|12|48|standard;med filter
        Diatermihandtag engångs|33140000|st|1|40|120|kort;långt
    """,
    "02.08": """
        Teststicka blodsocker|33124131|fp|1|95|240|50 st;100 st
        Lansett|33141320|fp|1|40|110|tunn;normal
        Pennkanyl|33141320|fp|1|70|180|4 mm;5 mm;8 mm
        Insulinspruta|33141310|fp|1|90|200|0,5 ml;1 ml
        Kolhydratgel|33140000|st|1|18|45|citron;apelsin
    """,
    "02.09": """
        Fyllningsmaterial komposit|33141800|st|1|190|520|A1;A2;A3;B1
        Avtrycksmassa|33141800|fp|1|150|420|snabb;normal
        Bomullsrulle|33141800|fp|1|30|80|1;2;3
        Salivsug|33141800|fp|1|25|70|klar;färgad
        Borr diamant|33130000|st|1|38|120|rund;cylinder;flamma
        Polerkopp|33130000|fp|1|85|260|mjuk;hård
        Bonding|33141800|st|1|320|880|en komponent;två komponenter
    """,
    "03.06": """
        Pipettspets|38437000|st|100|24|90|10 µl;200 µl;1000 µl
        Reagens|33696500|fp|1|480|2900|natrium;kalium;kreatinin;CRP;glukos
        Mikroskopglas|33192500|fp|1|45|140|slipat;matt
        Odlingsplatta|33192500|st|10|38|130|blod;hematin;selektiv
        Centrifugrör|33192500|st|100|95|260|15 ml;50 ml
        Buffertlösning|33696500|l|1|85|310|pH 4;pH 7;pH 10
    """,
    "13.01": """
        Mjölk|15511000|l|1|9|16|mellan;lätt;standard;laktosfri
        Filmjölk|15500000|l|1|12|22|naturell;låg fetthalt
        Potatis|15300000|kg|1|7|16|fast;mjölig;skalad
        Morot|15300000|kg|1|9|19|hel;skivad
        Nötfärs|15100000|kg|1|82|135|10 %;15 %
        Kycklingfilé|15100000|kg|1|70|125|fryst;färsk
        Laxfilé|15200000|kg|1|130|240|portion;hel sida
        Limpa|15811100|st|1|18|36|rågbröd;vetebröd;fullkorn
        Kaffe bryggmalet|15861000|kg|1|75|140|mellanrost;mörkrost
        Te|15860000|fp|1|25|70|svart;grönt;rött
    """,
    "14.01": """
        Kopieringspapper A4|30197630|fp|1|34|62|80 g ohålat;80 g hålat;90 g
        Kulspetspenna|30192121|fp|1|40|130|blå;svart;röd
        Pärm|30192000|st|1|14|38|A4 40 mm;A4 60 mm;A5
        Anteckningsblock|30192000|st|1|9|29|A4 linjerat;A5 rutat
        Häftapparat|30197000|st|1|65|240|liten;stor
        Märkpenna|30192000|fp|1|60|160|svart;fyra färger
        Plastficka|30192000|fp|1|25|75|A4 klar;A4 narvad
        Självhäftande lapp|30192000|fp|1|18|70|38 × 51 mm;76 × 76 mm
    """,
    "14.04": """
        Toalettpapper|33761000|fp|1|85|230|två lager;tre lager
        Pappershandduk|33763000|fp|1|110|310|vikt;rulle
        Handdesinfektion|33711900|st|1|28|95|150 ml;600 ml;1 l
        Ytdesinfektion|39830000|st|1|30|110|spray 750 ml;dunk 5 l
        Tvål|33711900|st|1|18|70|flytande 600 ml;skum 1 l
        Avfallspåse|19640000|fp|1|30|120|30 l;60 l;125 l;240 l
        Golvrengöring|39830000|st|1|45|180|1 l;5 l
    """,
    "14.05": """
        Bussarong|18110000|st|1|120|260|S;M;L;XL
        Vårdbyxa|18110000|st|1|130|280|S;M;L;XL
        Arbetssko|18830000|par|1|420|980|37;39;41;43;45
        Varseljacka|18130000|st|1|480|1200|M;L;XL
        Arbetshandske|18130000|par|1|28|120|8;9;10;11
    """,
    "14.02": """
        Kontorsstol|39113000|st|1|1400|4900|låg rygg;hög rygg
        Höj- och sänkbart skrivbord|39121100|st|1|2900|6800|120 cm;140 cm;160 cm
        Besöksstol|39113000|st|1|620|1900|stapelbar;med armstöd
        Hyllplan|39130000|st|1|190|560|80 cm;100 cm
        Skrivbordslampa|31500000|st|1|280|990|klämfäste;fot
        Gardin|39515000|st|1|340|1200|ljus;mörk
    """,
    "14.07": """
        Kursbok|22110000|st|1|180|690|omvårdnad;anatomi;farmakologi;etik;ledarskap
        Barnbok|22110000|st|1|65|190|pekbok;bilderbok;kapitelbok
        Faktabok|22110000|st|1|140|420|djur;rymden;historia
        Tidskrift årsprenumeration|22210000|st|1|320|1900|vård;teknik;kultur
        Ordbok|22110000|st|1|190|640|svenska;engelska;arabiska
    """,
    "14.10": """
        Alkaliskt batteri|31400000|fp|1|28|110|AA;AAA;C;D
        Ljuskälla led|31500000|st|1|25|120|E14;E27;GU10
        Förlängningssladd|31500000|st|1|45|190|3 m;5 m
        Flyttkartong|19640000|fp|1|90|240|liten;stor
        Silvertejp|19640000|st|1|38|95|25 m;50 m
        Buntband|19640000|fp|1|18|75|100 mm;200 mm
        Krukväxt|03121100|st|1|45|260|liten;stor
    """,
    "07.01": """
        Bildskärm|30231000|st|1|1450|3900|24 tum;27 tum;34 tum
        Bärbar dator|30213100|st|1|7900|16500|13 tum;14 tum;16 tum
        Tangentbord|30237000|st|1|180|690|med sladd;trådlöst
        Mus|30237000|st|1|95|420|med sladd;trådlös;vertikal
        Dockningsstation|30237000|st|1|990|2400|USB-C;med nätadapter
        Headset|30237000|st|1|320|1450|ett öra;två öron
        Minneskort|30237000|st|1|85|390|64 GB;128 GB
    """,
}
GROUP_WORDS: dict[str, str] = {
    "01.02": "Läkemedel och lösningar",
    "01.04": "Näringsprodukter",
    "02.05": "Implantat",
    "02.06": "Rörelsehjälpmedel",
    "14.02": "Möbler och belysning",
    "14.07": "Böcker och tidskrifter",
    "14.10": "Förbrukning övrigt",
    "02.01": "Vårdens förbrukningsmaterial",
    "02.02": "Sårvårdsmaterial",
    "02.03": "Inkontinens och stomi",
    "02.04": "Operationsmaterial",
    "02.08": "Diabetesartiklar",
    "02.09": "Tandvårdsmaterial",
    "03.06": "Laboratorieartiklar",
    "07.01": "Datorer och tillbehör",
    "13.01": "Livsmedel",
    "14.01": "Kontorsartiklar",
    "14.04": "Städ och hygien",
    "14.05": "Arbetskläder",
}
"""The groups of articles as the e-commerce system writes them; the organisation file translates them."""
OUTSIDE_WORDS: dict[str, str] = {
    "Frakt och avgifter": "11.06",
    "Inventarier och utrustning": "14.09",
    "Medicinteknisk utrustning": "03.04",
    "Förrådshyra": "08.01",
}
"""Groups of what lies outside the suppliers' contracts → code; translated like the others."""
UNTRANSLATED = "Diverse"
"""A group that the organisation file does not translate."""
CPV_CATEGORIES: dict[str, str] = {
    "336": "01.02",
    "1588": "01.04",
    "331831": "02.05",
    "331931": "02.06",
    "391": "14.02",
    "22": "14.07",
    "3314142": "02.01",
    "3314111": "02.02",
    "331412": "02.03",
    "33751": "02.03",
    "3314112": "02.04",
    "33124": "02.08",
    "331418": "02.09",
    "38437": "03.06",
    "336965": "03.06",
    "302": "07.01",
    "15": "13.01",
    "3019": "14.01",
    "398": "14.04",
    "3376": "14.04",
    "18": "14.05",
}
"""How CPV codes begin → code of the tree, for e-invoices, which have no groups of their own."""
SOLD: tuple[str, ...] = tuple(_PLANS)
"""Categories that can be bought by e-commerce."""
FOOD = "13.01"


@dataclass(frozen=True)
class ArticlePlan:
    """Hold one article of a plan; the price is what `base_quantity` units cost, as share of the way to the highest."""

    name: str
    cpv_code: str
    unit: str
    base_quantity: int
    lowest: Decimal
    highest: Decimal


def category_of_cpv(cpv_code: str) -> str:
    """Return the category that the longest translated beginning of a CPV code stands for; empty when none does.

    >>> category_of_cpv("30192121"), category_of_cpv("30213100"), category_of_cpv("33140000")
    ('14.01', '07.01', '')
    """
    beginnings = (cpv_code[:length] for length in range(len(cpv_code), 1, -1))
    return next((CPV_CATEGORIES[one] for one in beginnings if one in CPV_CATEGORIES), "")


def plans_of(category: str) -> list[ArticlePlan]:
    """List what is sold in a category, one item per variant.

    >>> [one.name for one in plans_of("14.01")][:2]
    ['Kopieringspapper A4, 80 g ohålat', 'Kopieringspapper A4, 80 g hålat']
    """
    found = []
    for line in _PLANS[category].strip().splitlines():
        name, cpv_code, unit, base, lowest, highest, variants = line.strip().split("|")
        found += [
            ArticlePlan(f"{name}, {variant}", cpv_code, unit, int(base), Decimal(lowest), Decimal(highest))
            for variant in variants.split(";")
        ]
    return found
