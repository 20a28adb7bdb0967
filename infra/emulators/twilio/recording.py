"""Record, and the sound of a recording (https://www.twilio.com/docs/voice/twiml/record)."""

import asyncio
import io
import math
import struct
import wave
from xml.etree.ElementTree import Element

from infra.emulators.twilio import instants
from infra.emulators.twilio.calls import call_params, hear
from infra.emulators.twilio.exchange import Exchange
from infra.emulators.twilio.line import HungUp, Input, Key, Silence, Speech, Steered
from infra.emulators.twilio.records import Call, Hook, Recording, Said, draw_sid

SAMPLES_A_SECOND = 8000
CHARACTERS_A_SECOND = 12
HANGUP = "hangup"


async def record(exchange: Exchange, call: Call, verb: Element, callback: Hook | None) -> dict[str, str] | None:
    """Record a person; the parameters of the action, or None if nothing at all was said.

    A person who hangs up in mid-sentence is recorded as far as they came: Digits is then `hangup`.
    """
    if verb.get("playBeep", "true") != "false":
        hear(exchange, call, Said("hotline", "", kind="tone"))
    call.line.listen("recording")
    exchange.changed(call.phone)
    spoken: list[str] = []
    try:
        digits = await _listen(call, verb, spoken)
    except HungUp:
        if not spoken:
            raise
        digits = HANGUP
    except Steered:
        await _keep(exchange, call, spoken, verb, callback)
        raise
    finally:
        call.line.listening = None
    recording = await _keep(exchange, call, spoken, verb, callback)
    if recording is None:
        return None
    return {**_about(exchange, recording), "Digits": digits}


async def _listen(call: Call, verb: Element, spoken: list[str]) -> str:
    """Take words until silence, a finishing key or the longest length; the key that ended it, if any."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + float(verb.get("maxLength", "3600"))
    silence = float(verb.get("timeout", "5"))
    finish_on = verb.get("finishOnKey", "1234567890*#")
    while (left := deadline - loop.time()) > 0:
        given: Input | None = await call.line.hear(min(silence, left))
        match given:
            case None | Silence():
                return ""
            case Key(key) if key in finish_on:
                return key
            case Speech(said):
                spoken.append(said)
    return ""


async def _keep(
    exchange: Exchange, call: Call, spoken: list[str], verb: Element, callback: Hook | None
) -> Recording | None:
    if not spoken:
        return None
    text = " ".join(spoken)
    longest = int(float(verb.get("maxLength", "3600")))
    seconds = min(longest, 1 + len(text) // CHARACTERS_A_SECOND)
    recording = Recording(draw_sid("RE"), call.sid, text, seconds, instants.now())
    exchange.recordings[recording.sid] = recording
    if callback is not None:
        params = {
            **call_params(exchange, call),
            **_about(exchange, recording),
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": instants.rfc2822(recording.created_at) or "",
        }
        exchange.spawn(exchange.webhooks.tell(callback, params, "recording status"))
    return recording


def _about(exchange: Exchange, recording: Recording) -> dict[str, str]:
    return {
        "RecordingSid": recording.sid,
        "RecordingUrl": media_url(exchange, recording),
        "RecordingDuration": str(recording.seconds),
    }


def media_url(exchange: Exchange, recording: Recording) -> str:
    """Where the sound of a recording is to be had."""
    setup = exchange.setup
    return f"{setup.base_url}/2010-04-01/Accounts/{setup.account.sid}/Recordings/{recording.sid}"


def sound(recording: Recording) -> bytes:
    """A WAV of the recording's length: a murmur, with the words as its comment (chunk LIST, field ICMT)."""
    murmur = b"".join(
        struct.pack("<h", int(1500 * math.sin(step * 2 * math.pi * 180 / SAMPLES_A_SECOND)))
        for step in range(SAMPLES_A_SECOND)
    )
    written = io.BytesIO()
    with wave.open(written, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLES_A_SECOND)
        out.writeframes(murmur * recording.seconds)
    comment = recording.words.encode() + b"\0"
    comment += b"\0" * (len(comment) % 2)
    field = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    riff = written.getvalue() + b"LIST" + struct.pack("<I", len(field)) + field
    return riff[:4] + struct.pack("<I", len(riff) - 8) + riff[8:]
