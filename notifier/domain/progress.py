"""What the provider's words for a message or call mean. Order is kept by the rank of states in the database."""

from schemas.terms import AlertChannel

SMS_STATES = {
    "accepted": "queued",
    "scheduled": "queued",
    "queued": "queued",
    "sending": "queued",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "cancelled",
}
CALL_STATES = {
    "queued": "queued",
    "initiated": "queued",
    "ringing": "ringing",
    "in-progress": "connected",
    # A call that ends without a key counts as unanswered: so does whatever an answering machine heard.
    "completed": "unanswered",
    "busy": "unanswered",
    "no-answer": "unanswered",
    "failed": "failed",
    "canceled": "cancelled",
}


def state_of(channel: AlertChannel, status: str) -> str | None:
    """The state an alert is in, by the provider's status; None for a word we do not know."""
    return (CALL_STATES if channel is AlertChannel.VOICE else SMS_STATES).get(status)


def asks_for_a_step(state: str) -> bool:
    """Whether the ladder looks at once."""
    return state in {"failed", "undelivered", "unanswered"}
