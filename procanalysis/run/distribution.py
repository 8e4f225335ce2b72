"""Make one e-mail per recipient of the reports that lie published: key figures as text, the pages attached."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from procanalysis.errors import ParamsError, ReportError, did_you_mean
from procanalysis.params import OrganisationParams, load_organisation_params, parse_period
from procanalysis.params.distribution import Recipient
from procanalysis.report import clean_text, date_in_words, value_text
from procanalysis.run.catalogue import REPORTS, Item, Report
from procanalysis.run.jobs import unit_items
from procanalysis.run.publish import FAILED, PREPARATION, Place
from procanalysis.schema import KeyFigure

MAIL_FOLDER = "mail"
_SENDABLE = {
    report.name: report
    for report in REPORTS
    if report.subject in ("organisation", "organisation_year") and report.per in ("", "unit")
}


@dataclass(frozen=True)
class Letter:
    """Hold one recipient's e-mail, or why it cannot be made. The number is the recipient's place in the file."""

    slug: str
    number: int
    folder: Path
    address: str
    message: EmailMessage | None
    problem: str = ""


def letters(slug: str, *, period: str, out: Path, sender: str) -> list[Letter]:
    """Make the e-mails of one organisation: one per address, in the order of the organisation file.

    Parameters: slug; period, empty for the file's own; out, the folder of reports; sender, an address, or empty when
    the e-mails are only written to files. Returns one Letter per address. Raises ParamsError when the organisation
    file is wrong or names a report that cannot be sent.
    """
    params = load_organisation_params(slug)
    label = parse_period(period or params.period).label
    entries: dict[str, list[tuple[int, Recipient]]] = {}
    for number, recipient in enumerate(params.distribution, start=1):
        entries.setdefault(recipient.to.lower(), []).append((number, recipient))
    return [_letter(params, [each for _, each in found], found[0][0], label, out, sender) for found in entries.values()]


def _letter(
    params: OrganisationParams, entries: Sequence[Recipient], number: int, period: str, out: Path, sender: str
) -> Letter:
    places = [Place(out, params.slug, period, report.name, item.file) for report, item in _wanted(params, entries)]
    folder = out / params.slug / period / MAIL_FOLDER
    contents = {place: _content(place) for place in places}
    missing = [place for place, content in contents.items() if not content]
    to = entries[0].to
    if missing:
        names = " ".join(f"--report {name}" for name in dict.fromkeys(place.report for place in missing))
        problem = (
            f"{missing[0].stem} of {period} is not published, or failed when it was last run. Run first: procanalysis "
            f"run {params.slug} {names} --period {period}"
        )
        return Letter(params.slug, number, folder, to, None, problem)
    name = next((each.name for each in entries if each.name), "")
    return Letter(params.slug, number, folder, to, _message(params, name, to, contents, sender))


def _wanted(params: OrganisationParams, entries: Sequence[Recipient]) -> list[tuple[Report, Item]]:
    """List the reports of a recipient, each once: of the units named, or else of the whole organisation."""
    items = {item.given: item for item in unit_items(dict.fromkeys(params.reports.monthly_report.units))}
    wanted = []
    for recipient in entries:
        for name in recipient.reports:
            if name not in _SENDABLE:
                raise ParamsError(
                    f"{params.path.name}: distribution: '{name}' is no report that can be sent. "
                    f"{did_you_mean(name, _SENDABLE)}"
                )
            report = _SENDABLE[name]
            units = recipient.units if report.per == "unit" and recipient.units else ("",)
            wanted += [(report, items[unit]) for unit in units]
    return list(dict.fromkeys(wanted))


def _content(place: Place) -> dict[str, Any]:
    """Read what a published report tells of itself; nothing when it is not there whole, or failed the last time.

    It failed too when the data could not be read, and so was not made: what lies there is then of an earlier run.
    """
    data = Place(place.out, place.slug, place.period, PREPARATION)
    if data.file(FAILED).exists() or place.file(FAILED).exists() or not place.file(".html").is_file():
        return {}
    try:
        content = json.loads(place.file(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and isinstance(content.get("figures"), list) else {}


def _message(
    params: OrganisationParams, name: str, to: str, contents: Mapping[Place, Mapping[str, Any]], sender: str
) -> EmailMessage:
    titles = [_title(content) for content in contents.values()]
    message = EmailMessage(policy=SMTP)
    if sender:
        message["From"] = Address(addr_spec=sender)
    message["To"] = Address(display_name=name, addr_spec=to)
    more = f" och {len(titles) - 1} till" if len(titles) > 1 else ""
    # An encoded word in a name from the data could hide a line break, and so a header.
    message["Subject"] = f"{titles[0]}{more}".replace("=?", "= ?")
    message["Date"] = format_datetime(datetime.now().astimezone())
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(params, name, list(contents.values())), charset="utf-8")
    for place in contents:
        page = place.file(".html").read_text(encoding="utf-8")
        message.add_attachment(page, subtype="html", charset="utf-8", filename=place.file(".html").name)
    _refuse_smuggled(message, to, params)
    return message


def _refuse_smuggled(message: EmailMessage, to: str, params: OrganisationParams) -> None:
    """Read the e-mail back as a mail server does, and refuse one with a header or an address that was not put there."""
    back = message_from_bytes(message.as_bytes(), policy=default)
    # The addresses are only read when the headers are the right ones: a header broken in two cannot be.
    same = sorted(back.keys()) == sorted(message.keys())
    if not same or [address.addr_spec for address in back["To"].addresses] != [to]:
        raise ReportError(
            f"{params.path.name}: an e-mail would get headers or recipients that were not asked for. Correct the names "
            "under distribution."
        )


def _text(params: OrganisationParams, name: str, contents: Sequence[Mapping[str, Any]]) -> str:
    several = len(contents) > 1
    lines = [f"Hej {name},".replace(" ,", ","), ""]
    for content in contents:
        lines += [_title(content), ""]
        lines += [f"- {_figure(figure, params.currency)}" for figure in content["figures"]]
        lines += ["", f"Framtagen {date_in_words(str(content.get('made_at'))[:10])}.", ""]
    lines.append(
        "Rapporterna är bifogade i sin helhet. Spara dem och öppna dem i en webbläsare. Länkarna till Excel fungerar "
        "bara där rapporterna är publicerade."
        if several
        else "Rapporten är bifogad i sin helhet. Spara den och öppna den i en webbläsare. Länkarna till Excel fungerar "
        "bara där rapporten är publicerad."
    )
    if params.fictional:
        lines += ["", "Fiktiva uppgifter: organisationen och alla siffror är påhittade."]
    return "\n".join(lines) + "\n"


def _title(content: Mapping[str, Any]) -> str:
    return clean_text(str(content.get("title")))


def _figure(figure: Mapping[str, Any], currency: str) -> str:
    """Write a key figure as the page does: its value in its unit, or why it is not known."""
    value = figure["value"]
    told = KeyFigure(
        id=figure["id"],
        label=figure["label"],
        value=None if value is None else Decimal(str(value)),
        unit=figure["unit"],
        method=figure["method"],
    )
    because = figure.get("unknown_because", "")
    written = f"{value_text(told, currency)} ({because})" if value is None else value_text(told, currency)
    return f"{clean_text(told.label)}: {written}"


def write_letters(made: Sequence[Letter]) -> list[Path]:
    """Write e-mails as .eml files that only their owner may read, in place of those of an earlier dry run."""
    for folder in {letter.folder for letter in made}:
        for old in folder.glob("*.eml"):
            old.unlink()
    written = []
    for letter in made:
        if letter.message is None:
            continue
        letter.folder.mkdir(parents=True, exist_ok=True)
        path = letter.folder / f"{letter.number:02d}.eml"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(letter.message.as_bytes())
        written.append(path)
    return written
