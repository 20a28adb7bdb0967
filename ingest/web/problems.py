"""What went wrong, told in the sender's language, with the emergency numbers; never *received*."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from infra import log
from ingest.domain.languages import accepted
from ingest.handlers.answered import AnotherBody
from ingest.handlers.intake import Intake
from ingest.web.bodies import NotForm, NotUtf8, TooLarge
from ingest.web.contract import Mistake, Problem
from ingest.web.provider import Forged
from ingest.web.templates import Pages, kept_draft

RETRY_SECONDS = "5"
MESSAGES = {"extra_forbidden": "mistake.unknown_field", "missing": "mistake.missing"}

_log = log.get("ingest.web")


class Refused(Exception):
    """A request that is answered with a status and a text of the locale, and the fields to mend."""

    def __init__(self, status: int, key: str, mistakes: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.mistakes = mistakes


def refused(error: ValidationError) -> Refused:
    """What a model did not take: 400 when it is no JSON at all, else 422 with each field."""
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    if any(each["type"] == "json_invalid" for each in errors):
        return Refused(400, "problem.not_json")
    fields = [(".".join(map(str, e["loc"])), MESSAGES.get(e["type"], "mistake.invalid")) for e in errors]
    return Refused(422, "problem.mistakes", fields)


@dataclass(frozen=True)
class Problems:
    """Turns errors into answers: pages for people, JSON for systems, nothing personal in either."""

    intake: Intake
    pages: Pages
    languages: tuple[str, ...]

    def handlers(self, away: Sequence[type[Exception]]) -> dict[Any, Callable[[Request, Any], Awaitable[Response]]]:
        """The handlers of every error the doors raise; `away` are those of a database that is down."""
        statuses: dict[type[Exception], tuple[int, str]] = {
            TooLarge: (413, "problem.too_large"),
            NotUtf8: (400, "problem.not_utf8"),
            NotForm: (400, "problem.not_form"),
            AnotherBody: (422, "problem.another_body"),
            Forged: (403, "problem.forged"),
        }

        def told(status: int, key: str) -> Callable[[Request, Any], Awaitable[Response]]:
            async def handler(request: Request, _error: Exception) -> Response:
                return self.answer(request, Refused(status, key))

            return handler

        async def refusal(request: Request, error: Refused) -> Response:
            return self.answer(request, error)

        return {
            Refused: refusal,
            **{error: told(*answer) for error, answer in statuses.items()},
            **dict.fromkeys(away, self._away),
            Exception: self._failed,
            404: told(404, "problem.not_found"),
            405: told(405, "problem.not_allowed"),
        }

    def answer(self, request: Request, error: Refused) -> Response:
        """One problem, as a page or as JSON."""
        language = accepted(request.headers.get("accept-language", ""), self.languages)
        path = request.url.path
        if path.startswith("/twilio/"):
            return PlainTextResponse(self.intake.text("en", error.key), error.status)
        if not path.startswith(("/v1/", "/openapi")):
            language = path.split("/")[1] if path.split("/")[1] in self.languages else language
            return self.pages.problem(language, error.status, error.key, is_lost=request.method == "POST")
        problem = Problem(
            title=self.intake.text(language, "problem.title"),
            status=error.status,
            detail=self.intake.text(language, error.key),
            emergency=self.intake.emergency_everywhere(language),
            errors=tuple(Mistake(field=f, message=self.intake.text(language, key)) for f, key in error.mistakes),
        )
        return _json(problem)

    async def _away(self, request: Request, error: Exception) -> Response:
        """The database is away: nothing was received, in both languages, and whom to ring meanwhile."""
        _log.warning("database_away", error=type(error).__name__)
        return self._trouble(request, 503, "problem.away")

    async def _failed(self, request: Request, _error: Exception) -> Response:
        """A fault of ours: whom to ring, and what was typed. It is raised again after this, so that it is logged."""
        return self._trouble(request, 500, "problem.failed")

    def _trouble(self, request: Request, status: int, key: str) -> Response:
        path = request.url.path
        if path.startswith("/twilio/"):
            return PlainTextResponse("not received", status)
        if not path.startswith(("/v1/", "/openapi")):
            return self.pages.trouble(key, status, kept_draft(request))
        problem = Problem(
            title=" / ".join(self.intake.text(language, "problem.title") for language in self.languages),
            status=status,
            detail=" ".join(self.intake.text(language, key) for language in self.languages),
            emergency=" / ".join(self.intake.emergency_everywhere(language) for language in self.languages),
        )
        answer = _json(problem)
        answer.headers["Retry-After"] = RETRY_SECONDS
        return answer


def _json(problem: Problem) -> Response:
    return JSONResponse(problem.model_dump(mode="json"), problem.status, media_type="application/problem+json")
