"""`python -m infra.emulators.twilio`: a provider on this machine, with a page of phones."""

import argparse
import asyncio
import signal
import socket
import sys

import uvloop

from infra.emulators.twilio.exchange import Exchange, Pace, Setup
from infra.emulators.twilio.records import Account, Hook
from infra.emulators.twilio.server import listen, serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.emulators.twilio", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010, help="0 takes a free port")
    parser.add_argument("--account-sid", required=True)
    parser.add_argument("--auth-token", required=True)
    parser.add_argument(
        "--number",
        nargs=3,
        action="append",
        default=[],
        metavar=("NUMBER", "SMS_URL", "VOICE_URL"),
        help="a number of the account and the addresses it tells; a blank address tells nobody",
    )
    parser.add_argument("--phone", action="append", default=[], metavar="NUMBER=NAME")
    parser.add_argument("--page-note", default="", help="more to say at the top of the page of phones")
    parser.add_argument("--step", type=float, default=Pace.step, help="seconds between two statuses")
    parser.add_argument(
        "--speech",
        type=float,
        default=Pace.speech,
        help="seconds to speak one character: 0 for tests, 0.06 for people",
    )
    parser.add_argument(
        "--silence", type=float, default=Pace.silence, help="seconds for each second of a pause that is asked for"
    )
    parser.add_argument("--webhook-timeout", type=float, default=Pace.webhook_timeout)
    return parser.parse_args()


def _exchange(given: argparse.Namespace, base_url: str) -> Exchange:
    pace = Pace(given.step, given.speech, given.silence, given.webhook_timeout)
    exchange = Exchange(Setup(Account(given.account_sid, given.auth_token), base_url, given.page_note, pace))
    for phone_number, sms_url, voice_url in given.number:
        number = exchange.own(phone_number)
        number.sms = Hook(sms_url) if sms_url else None
        number.voice = Hook(voice_url) if voice_url else None
    for phone in given.phone:
        phone_number, _, name = phone.partition("=")
        exchange.names[phone_number] = name or phone_number
    return exchange


async def _run(given: argparse.Namespace, bound: socket.socket) -> None:
    base_url = f"http://{given.host}:{bound.getsockname()[1]}"
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sys.stdout.write(f"phones at {base_url}/\n")
    sys.stdout.flush()
    await serve(_exchange(given, base_url), bound, stop)


def main() -> int:
    """Serve until SIGTERM or SIGINT; 1 if the port is taken."""
    given = _arguments()
    try:
        bound = listen(given.host, given.port)
    except OSError as error:
        sys.stderr.write(f"The emulator cannot use {given.host}:{given.port}: {error.strerror}.\n")
        return 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(given, bound))
    return 0


if __name__ == "__main__":
    sys.exit(main())
