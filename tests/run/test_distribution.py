"""E-mails: one per recipient, of published reports, with nothing smuggled in, and never sent without being asked."""

from __future__ import annotations

import email
import json
import shutil
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from procanalysis.cli import app
from procanalysis.errors import ParamsError, ReportError
from procanalysis.params import load_organisation_params
from procanalysis.params.distribution import Recipient
from procanalysis.run import mail
from procanalysis.run.distribution import letters
from procanalysis.run.mail import MailSettings, mail_settings, send_all

LIST = """
distribution:
  - {to: anna.berg@example.se, name: Anna Berg}
  - {to: bo@example.se, name: 'Bo "Åke" <mallory@example.org>, Ö', units: [Primärvården, Region IT]}
  - {to: Anna.Berg@example.se, units: [Primärvården]}
"""
SERVER = {mail.HOST: "localhost", mail.FROM: "inkop@example.se", mail.TLS: "off"}


def command(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["send", *arguments])


@pytest.fixture
def project(monthly: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with published monthly reports and three entries in the distribution list, of two people."""
    root = tmp_path / "project"
    shutil.copytree(monthly.root / "params", root / "params")
    shutil.copytree(monthly.reports, root / "reports")
    own = root / "params/organisations/exempel.yml"
    own.write_text(own.read_text("utf-8") + LIST, "utf-8")
    monkeypatch.setenv("PROCANALYSIS_ROOT", str(root))
    monkeypatch.delenv("PROCANALYSIS_PARAMS", raising=False)
    for name in (mail.HOST, mail.PORT, mail.USER, mail.PASSWORD, mail.FROM, mail.TLS):
        monkeypatch.delenv(name, raising=False)
    return root


def read(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


# What is written


def test_a_dry_run_writes_one_e_mail_per_address_and_sends_nothing(project: Path) -> None:
    folder = project / "reports/exempel/2025/mail"
    folder.mkdir()
    (folder / "99.eml").write_text("of a recipient who is gone")
    done = command("exempel", "--dry-run")
    assert (done.exit_code, sorted(path.name for path in folder.iterdir())) == (0, ["01.eml", "02.eml"])
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    for person in ("anna", "Berg", "bo@", "mallory"):
        assert person not in done.output
    anna, bo = read(folder / "01.eml"), read(folder / "02.eml")
    names = [[part.get_filename() for part in message.iter_attachments()] for message in (anna, bo)]
    assert names[0] == ["monthly-report.html", "monthly-report-primarvarden.html"]
    assert names[1] == ["monthly-report-primarvarden.html", "monthly-report-region-it.html"]
    assert anna["To"].addresses[0].addr_spec == "anna.berg@example.se"
    assert anna["Subject"] == "Månadsrapport, Region Exempel, 2025 och 1 till"


def test_the_text_holds_the_figures_of_the_page_and_the_page_is_whole(project: Path) -> None:
    command("exempel", "--dry-run")
    folder = project / "reports/exempel/2025"
    message = read(folder / "mail/02.eml")
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for part, item in zip(text.split("Månadsrapport: ")[1:], ("primarvarden", "region-it"), strict=True):
        page = (folder / f"monthly-report-{item}.html").read_text("utf-8")
        figures = json.loads((folder / f"monthly-report-{item}.json").read_text("utf-8"))["figures"]
        assert len(figures) == 4
        for figure in figures:
            line = next(line for line in part.splitlines() if line.startswith(f"- {figure['label']}: "))
            assert line.partition(": ")[2].split(" (")[0] in page
        attached = [part.get_content() for part in message.iter_attachments()]
        assert page.splitlines() in [one.splitlines() for one in attached]
    assert "Fiktiva uppgifter" in text and text.startswith("Hej Bo")


def test_an_unknown_figure_is_written_with_its_reason(project: Path) -> None:
    file = project / "reports/exempel/2025/monthly-report.json"
    content = json.loads(file.read_text("utf-8"))
    content["figures"][2] |= {"value": None, "unknown_because": "Registret saknas"}
    file.write_text(json.dumps(content), "utf-8")
    made = letters("exempel", period="", out=project / "reports", sender="")
    assert made[0].message is not None
    body = made[0].message.get_body(("plain",))
    assert body is not None and "Uppgift saknas (Registret saknas)" in body.get_content()


@pytest.mark.parametrize(
    "name",
    ["Anna\nBcc: mallory@example.org", "Anna\r\n\r\nbody", "Anna\x00", "Anna\u2028Bcc: m@example.org", "\u202eanna"],
)
def test_a_name_that_is_more_than_a_line_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="on one line"):
        Recipient(to="a@example.se", name=name)


@pytest.mark.parametrize(
    "address",
    ["a@example.se\nBcc: m@example.org", "a@example.se, m@example.org", "A <a@example.se>", "a@exämple.se", "a", "a@b",
     ".a@example.se", "a..b@example.se", '"a b"@example.se', "a@-example.se", f"{'a' * 250}@example.se",
     "a@example.se%0aBcc: x"],
)  # fmt: skip
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="not one plain e-mail address"):
        Recipient(to=address)


HOSTILE = [
    '"; Bcc: m@example.org',
    "Bo <m@example.org>",
    "a, m@example.org",
    "Ö" * 90,
]


SMUGGLED = "=?utf-8?q?=0ABcc:_m@example.org?="


def test_a_line_break_in_an_encoded_word_is_seen_wherever_it_comes_from(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValidationError, match="a meaning of its own"):
        Recipient(to="a@example.se", name=SMUGGLED)
    file = project / "reports/exempel/2025/monthly-report.json"
    content = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(content | {"title": f"Rapport {SMUGGLED}"}), "utf-8")
    made = letters("exempel", period="", out=project / "reports", sender="")[0].message
    assert made is not None and b"\nBcc" not in made.as_bytes()
    params = load_organisation_params("exempel")
    let_through = params.distribution[0].model_construct(to="a@example.se", name=SMUGGLED)
    chosen = params.model_copy(update={"distribution": (let_through,)})
    monkeypatch.setattr("procanalysis.run.distribution.load_organisation_params", lambda slug: chosen)
    with pytest.raises(ReportError, match="that were not asked for"):
        letters("exempel", period="", out=project / "reports", sender="")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_reaches_nobody_else(project: Path, name: str) -> None:
    own = project / "params/organisations/exempel.yml"
    own.write_text(own.read_text("utf-8").replace("name: Anna Berg", f"name: {json.dumps(name)}"), "utf-8")
    made = letters("exempel", period="", out=project / "reports", sender="inkop@example.se")[0]
    assert made.message is not None
    back = email.message_from_bytes(made.message.as_bytes(), policy=default)
    assert set(back.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert [each.addr_spec for each in back["To"].addresses] == ["anna.berg@example.se"]
    assert [each.addr_spec for each in back["From"].addresses] == ["inkop@example.se"]


def test_a_mistake_in_the_list_does_not_show_whom_it_is_about(project: Path) -> None:
    own = project / "params/organisations/exempel.yml"
    own.write_text(own.read_text("utf-8").replace("to: bo@example.se", "to: bo.secret at example.se"), "utf-8")
    with pytest.raises(ParamsError, match=r"line \d+: 'distribution\.1\.to'") as error:
        load_organisation_params("exempel")
    assert "secret" not in str(error.value)


def test_units_and_reports_must_be_there(project: Path) -> None:
    own = project / "params/organisations/exempel.yml"
    text = own.read_text("utf-8")
    own.write_text(text.replace("units: [Primärvården]}", "units: [Primärvård]}"), "utf-8")
    with pytest.raises(ParamsError, match=r"'Primärvård' is not among .*Did you mean 'Primärvården'"):
        load_organisation_params("exempel")
    own.write_text(text.replace("units: [Primärvården]}", "reports: [montly-report]}"), "utf-8")
    with pytest.raises(ParamsError, match="Did you mean 'monthly-report'"):
        letters("exempel", period="", out=project / "reports", sender="")


def test_what_is_not_published_is_said_with_what_to_run_and_the_others_go_on(project: Path) -> None:
    folder = project / "reports/exempel/2025"
    (folder / "monthly-report-region-it.failed.json").write_text("{}")
    done = command("exempel", "--dry-run")
    assert done.exit_code == 1 and [path.name for path in folder.glob("mail/*")] == ["01.eml"]
    assert "recipient 2: monthly-report-region-it of 2025 is not published, or failed" in done.output
    assert "procanalysis run exempel --report monthly-report --period 2025" in done.output


def test_a_report_of_data_that_could_not_be_read_again_is_not_sent_as_if_it_were_new(project: Path) -> None:
    (project / "reports/exempel/2025/preparation.failed.json").write_text("{}")
    done = command("exempel", "--dry-run")
    assert done.exit_code == 1 and not list((project / "reports/exempel/2025").glob("mail/*.eml"))
    assert "recipient 1: monthly-report of 2025 is not published, or failed when it was last run" in done.output


def test_recipients_make_no_report_run_again(project: Path, monthly: Any) -> None:
    root = project / "data"
    shutil.copytree(monthly.root / "data", root)
    for name in ("notebooks", "docs"):
        shutil.copytree(monthly.root / name, project / name)
    done = monthly.at(project).command("run", "exempel", "--report", "monthly-report")
    assert "0 published, 4 unchanged, 0 failed." in done.stdout
    for person in ("anna", "Berg", "bo@"):
        assert person not in done.stdout + done.stderr


# The server


@dataclass
class Received:
    port: int = 0
    refused: tuple[str, ...] = ()
    recipients: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)


class Talk(socketserver.StreamRequestHandler):
    """Speak as much SMTP as is needed to take e-mails, or refuse some."""

    def handle(self) -> None:
        got: Received = self.server.got  # type: ignore[attr-defined]
        self.say("220 here")
        for line in self.rfile:
            word = line.strip().upper()
            if word.startswith(b"RCPT"):
                address = line.decode().split("<")[1].split(">")[0]
                if address in got.refused:
                    self.say(f"550 5.1.1 <{address}> is unknown here")
                    continue
                got.recipients.append(address)
            if word == b"DATA":
                self.say("354 go on")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                got.messages.append(b"".join(one.removeprefix(b".") for one in lines))
            self.say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    got: Received


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    """A server on this machine without TLS, and the environment that leads to it."""
    with Server(("127.0.0.1", 0), Talk) as listening:
        listening.got = Received(port=listening.server_address[1])
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        for name, value in {**SERVER, mail.HOST: "127.0.0.1", mail.PORT: str(listening.got.port)}.items():
            monkeypatch.setenv(name, value)
        yield listening.got
        listening.shutdown()


def test_each_recipient_gets_an_e_mail_of_their_own(project: Path, server: Received) -> None:
    done = command("exempel", "--yes")
    assert done.exit_code == 0, done.output
    assert server.recipients == ["anna.berg@example.se", "bo@example.se"]
    told = [email.message_from_bytes(one, policy=default)["To"].addresses for one in server.messages]
    assert [[each.addr_spec for each in one] for one in told] == [["anna.berg@example.se"], ["bo@example.se"]]
    assert not list(project.glob("reports/*/*/mail")) and "anna" not in done.output


def test_one_who_is_refused_stops_nobody_else_and_is_not_named(project: Path, server: Received) -> None:
    server.refused = ("anna.berg@example.se",)
    done = command("exempel", "--yes")
    assert done.exit_code == 1 and server.recipients == ["bo@example.se"]
    assert "recipient 1: the server refused the recipient (code 550)" in done.output
    assert "anna" not in done.output.lower()


def test_nothing_is_sent_without_being_asked(project: Path, server: Received) -> None:
    done = command("exempel")
    assert isinstance(done.exception, ParamsError) and "Add --yes to send" in str(done.exception)
    assert server.recipients == []


def test_nothing_is_sent_in_the_open(server: Received) -> None:
    message = EmailMessage()
    settings = MailSettings("127.0.0.1", server.port, "inkop@example.se")
    with pytest.raises(ReportError, match="offers no TLS"):
        list(send_all([(message, "a@example.se")], settings))
    assert server.messages == []


def test_the_certificate_is_checked_before_the_password_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    class Fake:
        def __init__(self, host: str, port: int, timeout: float) -> None:
            steps.append(f"{host}:{port}")

        def starttls(self, context: ssl.SSLContext) -> None:
            assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
            steps.append("tls")

        def login(self, user: str, password: str) -> None:
            steps.append(f"login {user} {password}")

        def send_message(self, message: EmailMessage, from_addr: str, to_addrs: list[str]) -> None:
            steps.append(f"{from_addr} -> {to_addrs[0]}")

        def quit(self) -> None:
            steps.append("quit")

    monkeypatch.setattr(mail.smtplib, "SMTP", Fake)
    given = {mail.HOST: "mail.example.se", mail.FROM: "i@example.se", mail.USER: "u", mail.PASSWORD: "hemligt"}
    settings = mail_settings(given)
    assert "hemligt" not in repr(settings)
    assert list(send_all([(EmailMessage(), "a@example.se")], settings)) == [""]
    assert steps == ["mail.example.se:587", "tls", "login u hemligt", "i@example.se -> a@example.se", "quit"]


def test_a_server_that_is_not_there_is_told_in_words() -> None:
    settings = MailSettings("127.0.0.1", 1, "inkop@example.se", tls=False)
    with pytest.raises(ReportError, match="cannot be reached"):
        list(send_all([(EmailMessage(), "a@example.se")], settings))


WRONG = {
    "no host": ({mail.HOST: ""}, "PROCANALYSIS_SMTP_HOST must be set"),
    "no sender": ({mail.FROM: ""}, "PROCANALYSIS_SMTP_FROM must be set"),
    "sender": ({mail.FROM: "Inköp <a@example.se>"}, "not one plain e-mail address"),
    "password alone": ({mail.PASSWORD: "x"}, "go together"),
    "port": ({mail.PORT: "smtp"}, "between 1 and 65535"),
    "port of another protocol": ({mail.PORT: "465"}, "STARTTLS"),
    "no TLS elsewhere": ({mail.HOST: "mail.example.se"}, "only allowed for a server on this machine"),
    "neither on nor off": ({mail.TLS: "maybe"}, "must be on or off"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_setting_is_named(wrong: str) -> None:
    changed, words = WRONG[wrong]
    with pytest.raises(ParamsError, match=words):
        mail_settings(SERVER | changed)


def test_an_organisation_without_recipients_is_told_what_to_do(project: Path) -> None:
    own = project / "params/organisations/exempel.yml"
    own.write_text(own.read_text("utf-8").replace(LIST, ""), "utf-8")
    done = command("exempel", "--dry-run")
    assert isinstance(done.exception, ParamsError) and "under distribution" in str(done.exception)
