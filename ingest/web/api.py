"""The API: reports of other systems and what became of them, and contacts of gateways, which sign theirs."""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra import partners
from infra.clock import Clock
from infra.partners import Partner
from infra.postgres import Transaction
from infra.webhook import SIGNATURE, TIMESTAMP, is_signed
from ingest.domain import phones
from ingest.domain.languages import accepted, written_in
from ingest.domain.told import Origin, Told
from ingest.handlers import answered, codes, texts, words
from ingest.handlers.intake import Intake
from ingest.handlers.receipts import Receipt
from ingest.handlers.texts import InboundText
from ingest.web import bodies
from ingest.web.contract import ContactIn, ContactOut, ReceiptOut, ReportIn, StateOut, Telling
from ingest.web.problems import Refused, refused
from schemas.report import Facts, Moment, MomentKind
from schemas.terms import Channel, ContactKind, StateWord

LONGEST_KEY = 200
HEADERS = {"Cache-Control": "no-store"}

Model = TypeVar("Model", bound=BaseModel)


class Api:
    """The doors for systems."""

    def __init__(self, intake: Intake, clock: Clock, languages: tuple[str, ...]) -> None:
        self._intake = intake
        self._clock = clock
        self._languages = languages
        self._partners = partners.read(intake.settings.partners)

    def routes(self) -> list[Route]:
        """Reports and contacts."""
        return [
            Route("/v1/reports", self.report, methods=["POST"]),
            Route("/v1/reports/{report_id:uuid}", self.state, methods=["GET"]),
            Route("/v1/contacts", self.contact, methods=["POST"]),
        ]

    async def report(self, request: Request) -> Response:
        """A report, or words for the report that its code opens."""
        body = await bodies.read(request)
        telling, now = self._read(ReportIn, body), self._clock.now()
        if telling.says_nothing:
            raise Refused(422, "problem.mistakes", [("narrative", "mistake.nothing_said")])
        key = _key(request, body)
        sender = self._partner(request)
        told = replace(
            self._told(request, telling, now),
            channel=Channel.API,
            kind=ContactKind(telling.kind),
            partner=sender.name if sender else None,
        )
        if telling.code is not None:
            return await self._added(request, telling.code, told, key, now)
        async with self._intake.db.statements() as tx:
            receipt = await words.take_report(tx, self._intake, told, key, now)
        answer = self._receipt(receipt, told.language, None)
        return _json(answer, 200 if receipt.is_update else 201, receipt)

    async def state(self, request: Request) -> Response:
        """What became of a report, to the body alone whose system filed it, by its key."""
        sender = self._partner(request)
        if sender is None:
            raise Refused(401, "problem.no_partner")
        report_id: UUID = request.path_params["report_id"]
        async with self._intake.db.statements() as tx:
            found = await codes.open_filed(tx, self._intake.vault, report_id, sender.name)
        if found is None:
            raise Refused(404, "problem.not_filed")
        out = StateOut(report_id=report_id, state=found.state, received_at=found.received_at)
        return Response(out.model_dump_json(), 200, HEADERS, "application/json")

    async def contact(self, request: Request) -> Response:
        """A contact of a gateway: a text goes through the dialogue, anything else is taken whole."""
        body = await bodies.read(request)
        now = self._clock.now()
        self._require_signature(request, body, now)
        telling = self._read(ContactIn, body)
        told = self._told(request, telling, now)
        facts = told.facts.model_copy(update={"recording_sids": telling.recording_sids})
        told = replace(told, channel=Channel(telling.channel), is_canary=telling.is_canary, facts=facts)
        if telling.channel == "sms":
            return await self._text(telling, told, now)
        if telling.says_nothing and not telling.recording_sids:
            told = replace(told, kind=ContactKind.NOTHING_SAID)
        async with self._intake.db.transaction() as tx:
            phone, named = await self._sender(tx, telling), phones.named(telling.sender or "")
            origin = Origin(f"gateway:{telling.provider}", telling.sid, phone, named)
            receipt = await words.take_gateway_contact(tx, self._intake, told, origin, telling.is_new_event, now)
        answer = self._receipt(receipt, told.language, None)
        return _json(ContactOut(report_id=receipt.report_id, receipt=answer), 201, receipt)

    async def _text(self, telling: ContactIn, told: Told, now: datetime) -> Response:
        async with self._intake.db.transaction() as tx:
            text = InboundText(
                f"gateway:{telling.provider}",
                telling.sid,
                await self._sender(tx, telling) or "",
                telling.narrative,
                told.began_at,
                area=(told.area, told.area_place),
                is_canary=telling.is_canary,
                handed_over=told,
                language=telling.language,
                is_new_event=telling.is_new_event,
                named=telling.sender,
            )
            taken = await texts.take_text(tx, self._intake, text, now)
        out = ContactOut(report_id=taken.report_id, reply=taken.reply)
        return Response(out.model_dump_json(), 201, HEADERS, "application/json")

    async def _added(
        self, request: Request, code: str, told: Told, key: answered.Request | None, now: datetime
    ) -> Response:
        """Words for a report that stands already. A wrong code is counted, so the attempt is committed first."""
        source = request.client.host if request.client else ""
        async with self._intake.db.transaction() as tx:
            opened = await codes.open_code(tx, self._intake, code, source, now)
        if isinstance(opened, codes.Refusal):
            status = 429 if opened is codes.Refusal.TOO_MANY else 422
            raise Refused(status, f"code.{opened.value}", [("code", f"code.{opened.value}")])
        async with self._intake.db.transaction() as tx:
            receipt = await words.add_words(tx, self._intake, opened.report_id, told, key, now)
        answer = self._receipt(receipt, told.language, opened)
        return _json(answer, 200, receipt)

    async def _sender(self, tx: Transaction, telling: ContactIn) -> str | None:
        """The phone of a contact in E.164; without a country code it is one of the jurisdiction's of the area."""
        jurisdictions = self._intake.jurisdictions
        found = await self._intake.areas.jurisdiction(tx, telling.all_areas.first()[0])
        home = jurisdictions[found or jurisdictions.usual]
        return phones.sender(telling.sender or "", home.phone_region)

    def _partner(self, request: Request) -> Partner | None:
        """Whose key a request carries. Nobody needs one to report: without it, or with a wrong one, anybody may."""
        return partners.who_sends(self._partners, request.headers.get("authorization", ""))

    def _read(self, model: type[Model], body: bytes) -> Model:
        try:
            body.decode("utf-8")
            return model.model_validate_json(body)
        except UnicodeDecodeError:
            raise bodies.NotUtf8 from None
        except ValidationError as error:
            raise refused(error) from None

    def _told(self, request: Request, telling: Telling, now: datetime) -> Told:
        regions = self._intake.jurisdictions.regions
        if telling.contact.phone and not phones.is_number(telling.contact.phone, regions):
            raise Refused(422, "problem.mistakes", [("contact.phone", "mistake.phone")])
        jurisdiction = self._intake.jurisdictions.usual
        usual = accepted(request.headers.get("accept-language", ""), self._languages)
        area, area_place = telling.all_areas.first()
        return Told(
            channel=Channel.API,
            language=telling.language or written_in(telling.narrative, usual),
            jurisdiction=jurisdiction,
            time_zone=telling.time_zone or self._intake.jurisdictions[jurisdiction].time_zone,
            began_at=telling.began_at or now,
            area=area,
            area_place=area_place,
            reporter_role=telling.reporter_role,
            answers=telling.answers,
            facts=_facts(telling),
            happened_at=telling.happened_at,
            first_known_at=telling.first_known_at,
            told_at=telling.told_at,
            is_zone_given=telling.time_zone is not None,
        )

    def _receipt(self, receipt: Receipt, language: str, opened: codes.Opened | None) -> ReceiptOut:
        """What a system is given; the emergency numbers are those of the jurisdiction that is kept."""
        kept = receipt.jurisdiction
        numbers = self._intake.emergency(kept) if kept else self._intake.emergency_everywhere(language)
        return ReceiptOut(
            report_id=receipt.report_id,
            reference=receipt.reference,
            code=receipt.code,
            version=receipt.version,
            is_update=receipt.is_update,
            state=opened.state if opened else StateWord.RECEIVED,
            received_at=receipt.received_at,
            follow_url=f"{self._intake.settings.ingest_url}/{language}/follow",
            emergency_numbers=numbers,
        )

    def _require_signature(self, request: Request, body: bytes, now: datetime) -> None:
        """Only who knows the secret, and said so within five minutes. Refused with 403 otherwise."""
        secret = self._intake.settings.contacts_secret
        at, given = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        if secret is None or not is_signed([secret.get_secret_value()], at, body, given, now):
            raise Refused(403, "problem.forged")


def _key(request: Request, body: bytes) -> answered.Request | None:
    """The idempotency key, scoped to its sender: the Authorization it sends, else the address it has.

    What stands there only tells senders apart here: anybody may report, with it or without.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY:
        raise Refused(400, "problem.bad_key")
    bearer = request.headers.get("authorization", "")
    source = request.client.host if request.client else ""
    sender = f"bearer:{bearer}" if bearer else f"source:{source}"
    return answered.Request(f"api:{sender}", key, body)


def _facts(telling: Telling) -> Facts:
    """The words of a message, and the instants it gives: of words that are added they stand here alone."""
    instants: dict[MomentKind, datetime | None] = {
        "child_safe_until": telling.answers.child_safe_until,
        "happened": telling.happened_at,
        "first_known": telling.first_known_at,
        "told": telling.told_at,
    }
    given = [Moment(kind=kind, at=at, known="given") for kind, at in instants.items() if at]
    return Facts(
        narrative=telling.narrative,
        places=telling.places,
        areas=telling.all_areas,
        people=telling.people,
        contact=telling.contact,
        moments=tuple(given),
    )


def _json(model: BaseModel, status: int, receipt: Receipt) -> Response:
    headers = HEADERS | ({"Idempotent-Replayed": "true"} if receipt.is_repeat else {})
    return Response(model.model_dump_json(), status, headers, "application/json")
