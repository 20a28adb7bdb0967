"""What every address stands on, and the check that a webhook is the provider's."""

from dataclasses import dataclass
from html import escape
from uuid import UUID

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from infra.clock import Clock
from infra.postgres import Database
from infra.settings import Settings, required
from infra.twilio.signature import HEADER, is_signed, signed_url
from notifier.handlers.waking import Wake
from notifier.handlers.wording import Phrases
from notifier.store.alerts import Moved

MOST_BYTES = 64 * 1024
# The provider's names of the languages that are spoken.
SPOKEN = {"zh": "zh-CN", "en": "en-GB"}
SECOND = '<Pause length="1"/>'
"""A second of silence."""


@dataclass(frozen=True)
class Front:
    """The parts of the process that its addresses use. `wake` makes the timer look at once."""

    settings: Settings
    db: Database
    clock: Clock
    phrases: Phrases
    wake: Wake

    @property
    def origin(self) -> str:
        """Our public origin."""
        return required(self.settings.notifier_url, "notifier_url").rstrip("/")

    def intake(self, path: str) -> str:
        """An address of the intake, where contacts go."""
        return required(self.settings.ingest_url, "ingest_url").rstrip("/") + path

    async def signed_form(self, request: Request) -> FormData:
        """The parameters of a webhook; 403 unless the provider signed exactly these, 413 when they are too long."""
        form = await bounded_form(request)
        pairs = [(key, value) for key, value in form.multi_items() if isinstance(value, str)]
        url = signed_url(self.origin, request.scope)
        if not is_signed(self.settings.auth_tokens, url, pairs, request.headers.get(HEADER)):
            raise HTTPException(403, "not signed")
        return form

    def heed(self, moved: Moved) -> None:
        """Wake the timer for what a status asks for."""
        if moved.is_unwanted:
            self.wake.sends.set()
        if moved.is_step_due:
            self.wake.steps.set()

    def say(self, language: str, *sentences: str) -> str:
        """TwiML that speaks sentences one after the other; for an empty one it is silent for a second."""
        spoken = SPOKEN.get(language, "en-GB")
        return "".join(
            f'<Say language="{spoken}">{escape(sentence)}</Say>' if sentence else SECOND for sentence in sentences
        )

    def say_slowly(self, language: str, *sentences: str) -> str:
        """TwiML that speaks sentences with a second between them, so that they can be written down."""
        return SECOND.join(self.say(language, sentence) for sentence in sentences)

    def voice_url(self, what: str, alert_id: UUID) -> str:
        """Where a call goes on: `facts` once a PIN was entered, `desk` once the desk has hung up."""
        return f"{self.origin}/twilio/{what}/{alert_id}"

    def keys_url(self, alert_id: UUID) -> str:
        """Where the keys of a call go."""
        return f"{self.origin}/twilio/keys/{alert_id}"

    def answer_url(self, alert_id: UUID) -> str:
        """Where a call begins."""
        return f"{self.origin}/twilio/answer/{alert_id}"


async def bounded_form(request: Request) -> FormData:
    """The form of a request of bounded size; 413 beyond it, 400 when it cannot be read."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BYTES:
        raise HTTPException(413 if length.isdigit() else 411)
    try:
        return await request.form(max_files=0, max_fields=100)
    except UnicodeDecodeError as error:
        raise HTTPException(400, "not UTF-8") from error


def twiml(*verbs: str) -> Response:
    """A TwiML answer."""
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>',
        media_type="application/xml",
    )


def redirect(url: str) -> str:
    """TwiML that lets another address answer."""
    return f'<Redirect method="POST">{escape(url)}</Redirect>'


def text(form: FormData, name: str) -> str:
    """One parameter of a form as text; blank when it is missing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
