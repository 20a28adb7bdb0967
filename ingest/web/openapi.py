"""The description of the API (OpenAPI 3.1), made from the models that read and write it."""

from typing import Any

from openapi_pydantic import OpenAPI
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingest.web.contract import ContactIn, ContactOut, Problem, ReceiptOut, ReportIn, StateOut

PROBLEMS = {
    "400": "Not JSON, not UTF-8, or a key that is none",
    "413": "Larger than 256 kB",
    "422": "Fields to mend, or a key used again for another body",
    "500": "A fault of ours: nobody can say that it was received",
    "503": "Nothing was received: the database is away",
}
DESCRIPTION = (
    "Reports of children in danger. Anybody may send one, as anybody may fill in the form: no Authorization is asked "
    "for, and nobody is turned away for a wrong one. A body that was given a key sends it as Authorization: Bearer; "
    "then it may ask what became of the reports that it filed, and may be told when something does."
)


def document(origin: str) -> dict[str, Any]:
    """The description as JSON values."""
    described = OpenAPI.model_validate(
        {
            "openapi": "3.1.0",
            "info": {"title": "Hotline intake", "version": "1", "description": DESCRIPTION},
            "servers": [{"url": origin}],
            "paths": {
                "/v1/reports": {"post": _reports()},
                "/v1/reports/{report_id}": {"get": _state()},
                "/v1/contacts": {"post": _contacts()},
            },
        }
    )
    whole = construct_open_api_with_schema_class(described)
    values: dict[str, Any] = whole.model_dump(mode="json", by_alias=True, exclude_none=True)
    return values


def route(origin: str) -> Route:
    """Where the description is to be had."""
    described = document(origin)

    async def show(_request: Request) -> Response:
        return JSONResponse(described)

    return Route("/openapi.json", show, methods=["GET"])


def _reports() -> dict[str, Any]:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key with the same body gets the first answer again; scoped to the sender.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }
    answers = {
        "201": _content(ReceiptOut, "Received"),
        "200": _content(ReceiptOut, "Added to the report that the code opens"),
        "429": _content(Problem, "Too many wrong codes"),
    }
    return _operation("send_report", ReportIn, [key, _language()], answers)


def _state() -> dict[str, Any]:
    where = {"name": "report_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    key = {
        "name": "Authorization",
        "in": "header",
        "description": "Bearer and the key of the body whose system filed it.",
        "schema": {"type": "string"},
    }
    return {
        "operationId": "ask_state",
        "parameters": [where, key, _language()],
        "responses": {
            "200": _content(StateOut, "What its reporter is told of it"),
            "401": _content(Problem, "No key, or one that we do not know"),
            "404": _content(Problem, "The system with this key filed no such report"),
            "500": _content(Problem, PROBLEMS["500"]),
            "503": _content(Problem, "The database is away"),
        },
    }


def _contacts() -> dict[str, Any]:
    headers = [
        {
            "name": "Hotline-Timestamp",
            "in": "header",
            "description": "Seconds since 1970; not more than five minutes away.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,12}$"},
        },
        {
            "name": "Hotline-Signature",
            "in": "header",
            "description": "HMAC-SHA256 in hex, with the agreed secret, of the timestamp, a point and the body.",
            "schema": {"type": "string"},
        },
        _language(),
    ]
    answers = {
        "201": _content(ContactOut, "Received"),
        "403": _content(Problem, "The signature is missing or wrong"),
    }
    return _operation("hand_over_contact", ContactIn, headers, answers)


def _operation(name: str, model: type, parameters: list[dict[str, Any]], answers: dict[str, Any]) -> dict[str, Any]:
    problems = {status: _content(Problem, text) for status, text in PROBLEMS.items()}
    return {
        "operationId": name,
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": PydanticSchema(schema_class=model)}},
        },
        "responses": answers | problems,
    }


def _content(model: type, description: str) -> dict[str, Any]:
    kind = "application/problem+json" if model is Problem else "application/json"
    return {"description": description, "content": {kind: {"schema": PydanticSchema(schema_class=model)}}}


def _language() -> dict[str, Any]:
    return {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of what went wrong: zh or en.",
        "schema": {"type": "string"},
    }
