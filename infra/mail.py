"""Mail through one SMTP server. The only module that imports its library.

A server that has taken a mail tells nothing of it afterwards: no delivery, no list. A mail that is sent again after a
lost answer has the same Message-ID, by which most mailboxes show it once.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from ssl import SSLContext, create_default_context
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import errors

from infra.sending import AccountRefused, ProviderDown, Refused, Throttled, Uncertain
from infra.settings import Settings, required

TIMEOUT = timedelta(seconds=5)
"""For all that is said to the server until it has taken a mail, however fast it answers each line.

Shorter than a lease of the notifier: nobody sends a mail again while it is still being sent."""
LEAVING = timedelta(seconds=0.5)
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
        async with self._connected():
            pass

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["_Server"]:
        """The server, greeted; whatever the caller says to it ends with the timeout too."""
        server = self._server()
        try:
            with _translated(server):
                async with asyncio.timeout(self._timeout):
                    await server.connect()
                    yield server
            # A mail that is taken stays taken, whatever becomes of the goodbye.
            with suppress(errors.SMTPException, OSError):
                await server.quit(timeout=LEAVING.total_seconds())
        finally:
            server.close()

    def _server(self) -> "_Server":
        return _Server(
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
        async with self._connected() as server:
            await server.send_message(message)
        return str(message["Message-ID"])


class _Server(aiosmtplib.SMTP):
    """A connection that carries one mail, and knows whether the server may have taken it."""

    may_have_taken = False

    async def rcpt(self, *given: Any, **named: Any) -> aiosmtplib.SMTPResponse:
        """Name the recipient. What follows is the mail: from then on nobody knows, until the server answers."""
        response = await super().rcpt(*given, **named)
        self.may_have_taken = True
        return response


@contextmanager
def _translated(server: _Server) -> Iterator[None]:
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
        kind = Uncertain if server.may_have_taken else ProviderDown
        raise kind(type(error).__name__) from None


def _of_code(code: int) -> Refused | Throttled:
    """4xx is for the moment, 5xx for good (RFC 5321, section 4.2.1)."""
    return Throttled(str(code)) if code < 500 else Refused(str(code))
