"""Mail through one SMTP server. The only module that imports its library.

A server that has taken a mail tells nothing of it afterwards: no delivery, no list. A mail that is sent again after a
lost answer has the same Message-ID, by which most mailboxes show it once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from ssl import SSLContext, create_default_context
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import errors

from infra.sending import AccountRefused, ProviderDown, Refused, Throttled, Uncertain
from infra.settings import Settings, required

TIMEOUT = timedelta(seconds=10)
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """One mail in plain text; `name` is the part of its Message-ID that is its own."""

    to: str
    subject: str
    body: str
    name: str


class Mailer:
    """A server that takes mail. Raises only the errors of `infra.sending`."""

    def __init__(self, settings: Settings, timeout: timedelta = TIMEOUT, trust: SSLContext | None = None) -> None:
        url = urlsplit(required(settings.smtp_url, "smtp_url"))
        self._from = required(settings.mail_from, "mail_from")
        self._host, self._port = url.hostname or "", url.port or DEFAULT_PORTS[url.scheme]
        self._user, self._password = unquote(url.username or "") or None, unquote(url.password or "") or None
        self._is_tls = url.scheme == "smtps"
        # A password never goes over a connection that is not encrypted; without one, TLS is used where it is offered.
        self._start_tls = None if self._is_tls or self._user is None else True
        self._timeout = timeout.total_seconds()
        self._trust = trust or create_default_context()

    async def look(self) -> None:
        """Greet the server, sign in, and leave."""
        with _translated():
            async with self._server():
                pass

    def _server(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._is_tls,
            start_tls=False if self._is_tls else self._start_tls,
            timeout=self._timeout,
            tls_context=self._trust,
        )

    async def send(self, mail: Mail) -> str:
        """Hand a mail to the server; returns its Message-ID."""
        domain = parseaddr(self._from)[1].partition("@")[2]
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._from, mail.to, mail.subject
        message["Message-ID"] = f"<{mail.name}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body)
        with _translated():
            async with self._server() as server:
                await server.send_message(message)
        return str(message["Message-ID"])


@contextmanager
def _translated() -> Iterator[None]:
    """Map every error of the library to the tree of `infra.sending`."""
    try:
        yield
    except errors.SMTPAuthenticationError as error:
        raise AccountRefused(str(error.code)) from None
    except (errors.SMTPConnectError, errors.SMTPHeloError, errors.SMTPNotSupported) as error:
        raise ProviderDown(type(error).__name__) from None
    except errors.SMTPRecipientsRefused as error:
        raise _of_code(error.recipients[0].code) from None
    except errors.SMTPSenderRefused as error:
        # The server does not let this hotline send: that is about the account, not about one mail.
        raise AccountRefused(str(error.code)) if error.code >= 500 else Throttled(str(error.code)) from None
    except errors.SMTPResponseException as error:
        raise _of_code(error.code) from None
    except (errors.SMTPException, OSError) as error:
        raise Uncertain(type(error).__name__) from None


def _of_code(code: int) -> Refused | Throttled:
    """4xx is for the moment, 5xx for good (RFC 5321, section 4.2.1)."""
    return Throttled(str(code)) if code < 500 else Refused(str(code))
