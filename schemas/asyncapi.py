"""The events as an AsyncAPI 3.0 document, made from the models; `docs/asyncapi.json` is kept equal to it."""

from typing import Any

from pydantic.json_schema import models_json_schema

from schemas.events import Topic
from schemas.registry import EVENTS


def document() -> dict[str, Any]:
    """Every topic, every event and the JSON Schema of each body."""
    _, definitions = models_json_schema(
        [(event, "serialization") for event in EVENTS.values()], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "hotline events", "version": "1.0.0"},
        "defaultContentType": "application/json",
        "channels": {topic.value: _channel(topic) for topic in Topic},
        "components": {
            "messages": {kind: _message(kind) for kind in EVENTS},
            "schemas": definitions["$defs"],
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    kinds = [kind for kind, event in EVENTS.items() if event.topic is topic]
    return {
        "address": topic.value,
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds},
    }


def _message(kind: str) -> dict[str, Any]:
    event = EVENTS[kind]
    return {
        "name": kind,
        "summary": (event.__doc__ or "").strip(),
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "headers": {
            "type": "object",
            "required": ["ce_id", "ce_type", "ce_time", "ce_correlationid", "ce_causationid", "traceparent"],
        },
    }
