"""How long to wait for the sound of a recording, and which sounds the desk can play."""

from datetime import timedelta

LARGEST = 16 * 1024 * 1024
"""Bytes: three times what five minutes take at the provider (8 kHz, 16 bits, one channel)."""

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)

TYPES = {
    "audio/wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mpeg": "audio/mpeg",
    "audio/mp3": "audio/mpeg",
    "audio/ogg": "audio/ogg",
}


def wait(attempts: int) -> timedelta:
    """How long after so many vain attempts the next one is: 2 s, 4 s, 8 s …, never over ten minutes, without end."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(max(0, attempts - 1), 20)))


def content_type(written: str) -> str | None:
    """The type of a sound by the one name we use for it, or None when it is none that can be played."""
    return TYPES.get(written.partition(";")[0].strip().lower())
