"""The notifier's addresses: webhooks of provider and gateway, pages behind links, and people's own calendars."""

from starlette.applications import Starlette
from starlette.routing import Route

from notifier.web.calendars import Calendars
from notifier.web.front import Front
from notifier.web.gateway import GatewayDoor
from notifier.web.pages import Pages
from notifier.web.provider import Webhooks
from notifier.web.voice import VoiceWebhooks


def app(front: Front) -> Starlette:
    """Every route of the notifier."""
    webhooks, voice, pages = Webhooks(front), VoiceWebhooks(front), Pages(front)
    gateway = GatewayDoor(front)
    return Starlette(
        routes=[
            Route("/twilio/status/{alert:uuid}", webhooks.status, methods=["POST"]),
            Route("/twilio/sms", webhooks.sms, methods=["POST"]),
            Route("/twilio/voice", voice.ring_back, methods=["POST"]),
            Route("/twilio/answer/{alert:uuid}", voice.answer, methods=["POST"]),
            Route("/twilio/keys/{alert:uuid}", voice.keys, methods=["POST"]),
            Route("/gateway/statuses", gateway.status, methods=["POST"]),
            Route("/gateway/answers", gateway.answer, methods=["POST"]),
            Route("/twilio/facts/{alert:uuid}", voice.facts, methods=["POST"]),
            Route("/twilio/desk/{alert:uuid}", voice.desk, methods=["POST"]),
            Route("/a/{token}", pages.show, methods=["GET"]),
            Route("/a/{token}", pages.act, methods=["POST"]),
            Route("/c/{token}.ics", Calendars(front).show, methods=["GET"]),
        ]
    )
