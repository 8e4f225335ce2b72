"""Send e-mails through a server named in the environment, over TLS, one by one so that one failure stops no other."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from procanalysis.errors import ParamsError, ReportError
from procanalysis.params.distribution import is_address

HOST, PORT, USER, PASSWORD, FROM, TLS = (
    f"PROCANALYSIS_SMTP_{name}" for name in ("HOST", "PORT", "USER", "PASSWORD", "FROM", "TLS")
)
_LOCAL = ("localhost", "127.0.0.1", "::1")
_TLS_FROM_THE_START = 465
_SECONDS = 30.0


@dataclass(frozen=True)
class MailSettings:
    """Hold how to reach the mail server, and who the e-mails are from."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = True


def mail_settings(environment: Mapping[str, str]) -> MailSettings:
    """Read the settings from environment variables. Raises ParamsError that names the variable that is wrong."""
    given = {name: environment.get(name, "").strip() for name in (HOST, PORT, USER, FROM, TLS)}
    password = environment.get(PASSWORD, "")
    missing = [name for name in (HOST, FROM) if not given[name]]
    if missing:
        raise ParamsError(
            f"{' and '.join(missing)} must be set in the environment to send e-mail. See docs/schedule.md."
        )
    if not is_address(given[FROM]):
        raise ParamsError(f"{FROM} is not one plain e-mail address. Correct it in the environment.")
    if bool(given[USER]) != bool(password):
        raise ParamsError(f"{USER} and {PASSWORD} go together. Set both in the environment, or neither.")
    if given[TLS].lower() not in ("", "on", "off"):
        raise ParamsError(f"{TLS} must be on or off. Correct it in the environment.")
    tls = given[TLS].lower() != "off"
    if not tls and given[HOST].lower() not in _LOCAL:
        raise ParamsError(f"{TLS}=off is only allowed for a server on this machine (localhost). Remove it.")
    return MailSettings(given[HOST], _port(given[PORT]), given[FROM], given[USER], password, tls)


def _port(text: str) -> int:
    port = int(text or "587") if (text or "587").isascii() and (text or "587").isdigit() else 0
    if not 1 <= port <= 65535:
        raise ParamsError(f"{PORT} must be a number between 1 and 65535, usually 587. Correct it in the environment.")
    if port == _TLS_FROM_THE_START:
        raise ParamsError(
            f"{PORT}=465 is for servers that begin with TLS. Use the server's port for STARTTLS, usually 587."
        )
    return port


def send_all(messages: Iterable[tuple[EmailMessage, str]], settings: MailSettings) -> Iterator[str]:
    """Send messages, each to its one address, and yield for each why it failed, or empty text.

    What a server says of an address is not repeated, only its code. Raises ReportError when the server cannot be
    reached, has no trustworthy TLS or does not accept the login: the messages that remain are then not sent.
    """
    for message, address in messages:
        connection = _connected(settings)
        try:
            connection.send_message(message, from_addr=settings.sender, to_addrs=[address])
            yield ""
        except smtplib.SMTPRecipientsRefused as error:
            code = next((reply[0] for reply in error.recipients.values()), 0)
            yield f"the server refused the recipient (code {code})"
        except smtplib.SMTPResponseException as error:
            yield f"the server refused the e-mail (code {error.smtp_code})"
        except (smtplib.SMTPException, OSError) as error:
            yield f"the connection broke off ({type(error).__name__})"
        finally:
            _leave(connection)


def _connected(settings: MailSettings) -> smtplib.SMTP:
    """Connect, begin TLS with the server's certificate checked, and log in."""
    with _told(f"mail server {settings.host}:{settings.port}"):
        connection = smtplib.SMTP(settings.host, settings.port, timeout=_SECONDS)
        try:
            if settings.tls:
                connection.starttls(context=ssl.create_default_context())
            if settings.user:
                connection.login(settings.user, settings.password)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Tell in words why a server cannot be used; nothing that it says itself is repeated."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ReportError(f"{where}: its certificate is not trusted ({error.verify_message}).") from None
    except smtplib.SMTPAuthenticationError as error:
        raise ReportError(f"{where}: login refused (code {error.smtp_code}). Check {USER} and {PASSWORD}.") from None
    except smtplib.SMTPNotSupportedError:
        raise ReportError(f"{where}: it offers no TLS, or no login. Nothing is sent in the open.") from None
    except smtplib.SMTPResponseException as error:
        raise ReportError(f"{where}: it refused (code {error.smtp_code}). Try again later.") from None
    except (smtplib.SMTPException, OSError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ReportError(f"{where}: it cannot be reached ({why}). Check {HOST} and {PORT}.") from None


def _leave(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()
