"""What responders wrote that no rule took, for people to read. Every look at it is on record."""

from starlette.requests import Request
from starlette.responses import Response

from infra import audit
from infra.audit import AuditEntry
from infra.vault import Subject
from triage.console.desk_pages import back, chrome
from triage.console.frame import Frame
from triage.console.guard import trouble
from triage.console.opened import open_answer, open_name
from triage.console.sessions import Session
from triage.domain.case import Refusal
from triage.handlers import Means, Turn, seen_to
from triage.store import responder_words

SHOWN = ("person.name", "answer.words")


class WordsPages:
    """The texts that nobody has read, and the press that says that one was."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def show(self, frame: Frame, request: Request, session: Session) -> Response:
        """Open what nobody has read."""
        words, vault, now = frame.words(request), frame.service.vault, frame.service.clock.now()
        async with frame.service.db.transaction() as tx:
            request.state.chrome = await chrome(tx, frame, request)
            found = await responder_words.unread(tx)
            names = [await open_name(tx, vault, words, row) for row in found]
            texts = [await open_answer(tx, vault, words, row) for row in found]
            for person_id in sorted({row["person_id"] for row in found}):
                subject = Subject("person", person_id)
                look = AuditEntry(now, str(session.person_id), "duty", "words_shown", subject, None, SHOWN)
                await audit.record(tx, look)
        return frame.page(request, "words.html", said=list(zip(found, names, texts, strict=True)))

    async def read(self, frame: Frame, request: Request, session: Session) -> Response:
        """I have read this."""
        try:
            async with frame.service.db.transaction() as tx:
                turn = Turn(tx, self._means, frame.service.clock.now())
                await seen_to.read_words(turn, session.actor, request.path_params["id"])
        except Refusal:
            return trouble(frame, request, "desk_trouble_settled", 409)
        return await back(request, "settled")
