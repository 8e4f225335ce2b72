"""What the fictional nation procures: subjects with their CPV codes, and by which procedures."""

from __future__ import annotations

from dataclasses import dataclass

from procanalysis.example.draws import Choice


@dataclass(frozen=True)
class Subject:
    """Hold what can be procured: the CPV code and its main group, and how often regions and others procure it."""

    title: str
    kind: str
    cpv_code: str
    cpv_main: str
    of_regions: int
    of_others: int


_GOODS, _SERVICES, _WORKS = "Varor", "Tjänster", "Byggentreprenader"
_CARE, _OFFICE = "33000000 Medicinsk utrustning, läkemedel och hygienartiklar", "79000000 Företagstjänster"
_BUILDING = "45000000 Anläggningsarbete"
SUBJECTS: tuple[Subject, ...] = (
    Subject("Läkemedel", _GOODS, "33600000", _CARE, 8, 0),
    Subject("Sjukvårdsmaterial", _GOODS, "33140000", _CARE, 8, 1),
    Subject("Medicinteknisk utrustning", _GOODS, "33100000", _CARE, 8, 0),
    Subject("Analysinstrument", _GOODS, "38434000", "38000000 Laboratorieutrustning", 4, 1),
    Subject("Livsmedel", _GOODS, "15000000", "15000000 Livsmedel, drycker och tobak", 3, 5),
    Subject("Möbler", _GOODS, "39130000", "39000000 Möbler och inredning", 3, 4),
    Subject("Datorer och skärmar", _GOODS, "30200000", "30000000 Kontors- och datormaskiner", 4, 4),
    Subject("Verksamhetssystem", _GOODS, "48000000", "48000000 Programvara och informationssystem", 6, 5),
    Subject("Personbilar", _GOODS, "34110000", "34000000 Transportutrustning", 2, 5),
    Subject("Elenergi", _GOODS, "09310000", "09000000 Petroleumprodukter, bränsle och el", 1, 2),
    Subject("Textilservice", _SERVICES, "98310000", "98000000 Andra samhälleliga tjänster", 3, 1),
    Subject("Inhyrd vårdpersonal", _SERVICES, "79624000", _OFFICE, 5, 2),
    Subject("Ledningskonsulter", _SERVICES, "79411000", _OFFICE, 4, 4),
    Subject("Tolkförmedling", _SERVICES, "79540000", _OFFICE, 3, 2),
    Subject("IT-konsulter", _SERVICES, "72220000", "72000000 IT-tjänster", 5, 4),
    Subject("Lokalvård", _SERVICES, "90910000", "90000000 Avlopps- och avfallshantering, lokalvård", 3, 4),
    Subject("Sjukresor", _SERVICES, "60120000", "60000000 Transporttjänster", 3, 0),
    Subject("Skolskjuts", _SERVICES, "60130000", "60000000 Transporttjänster", 0, 5),
    Subject("Hälso- och sjukvård", _SERVICES, "85100000", "85000000 Hälso- och sjukvård och socialvård", 4, 0),
    Subject("Särskilt boende", _SERVICES, "85311000", "85000000 Hälso- och sjukvård och socialvård", 0, 5),
    Subject("Utbildning", _SERVICES, "80500000", "80000000 Undervisning och utbildning", 2, 4),
    Subject("Fastighetsunderhåll", _SERVICES, "50700000", "50000000 Reparation och underhåll", 4, 6),
    Subject("Ombyggnad av lokaler", _WORKS, "45450000", _BUILDING, 6, 8),
    Subject("Gatuarbeten", _WORKS, "45233000", _BUILDING, 0, 8),
    Subject("Ledningsnät för vatten och avlopp", _WORKS, "45231300", _BUILDING, 0, 5),
)
SUBJECTS_OF_REGIONS = Choice(*((subject, subject.of_regions) for subject in SUBJECTS))
SUBJECTS_OF_OTHERS = Choice(*((subject, subject.of_others) for subject in SUBJECTS))
NO_CPV = "00000000 Uppgift saknas"
NOT_STATED = "Uppgift saknas"
PROCEDURES_ABOVE = Choice(
    ("Öppet förfarande", 82),
    ("Förhandlat förfarande med föregående annonsering", 8),
    ("Selektivt förfarande", 7),
    ("Konkurrenspräglad dialog", 1),
    (NOT_STATED, 2),
)
PROCEDURES_BELOW = Choice(("Förenklat förfarande", 88), ("Urvalsförfarande", 6), ("Öppet förfarande", 6))
