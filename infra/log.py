"""Logs: one JSON object a line on standard output, with a correlation id from first contact to last alert.

Every logger ends here, the libraries' too, and passes `infra.redaction`. Configure once, in `__main__`; whoever runs
uvicorn gives it `log_config=None`.
"""

import logging
import re
import sys
import traceback
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from infra.clock import stopwatch
from infra.redaction import redact

FIRST_KEYS = ("at", "level", "service", "event", "correlation_id")
CAUSES_SHOWN = 5
FRAMES_SHOWN = 12
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
IDENTIFIER = re.compile(r".[a-z_][a-z0-9_.]{0,62}.")

# Least level of libraries. twilio logs every parameter; the access log holds paths with tokens and the addresses of
# whoever wrote to us.
LIBRARY_LEVELS = {
    "aiokafka": logging.WARNING,
    "aiohttp.access": logging.CRITICAL,
    "asyncio": logging.WARNING,
    "twilio": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
    "multipart": logging.WARNING,
    "python_multipart": logging.WARNING,
}
# Libraries that complain many times a second while a database or broker is away, with tracebacks that say no more.
REPETITIVE = ("aiokafka", "asyncpg")
QUIET_SECONDS = 10.0


def configure(service: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every logger of this process, from `level` on, to standard output (or `stream`) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(_formatter(service))
    handler.addFilter(OncePerWhile())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in LIBRARY_LEVELS.items():
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(max(least, root.level))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; its events are short fixed sentences, with ids, classes and counts beside them."""
    return structlog.stdlib.get_logger(name)


def bind(**values: Any) -> None:
    """Add values, such as `correlation_id`, to everything this task and those it starts log from now on."""
    structlog.contextvars.bind_contextvars(**values)


def bound(**values: Any) -> AbstractContextManager[None]:
    """The same for a `with` block: what was bound before comes back after it."""
    return structlog.contextvars.bound_contextvars(**values)


class OncePerWhile(logging.Filter):
    """Lets each complaint of a repetitive library through once in QUIET_SECONDS, as one line without a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is said at all."""
        if record.name.partition(".")[0] not in REPETITIVE:
            return True
        now, key = stopwatch(), (record.name, str(record.msg))
        if now - self._said.get(key, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        self._said[key] = now
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            record.msg, record.args = f"{record.getMessage()}: {record.exc_info[0].__name__}", ()
        record.exc_info = record.exc_text = None
        return True


def _formatter(service: str) -> structlog.stdlib.ProcessorFormatter:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]

    def add_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *shared,
            add_service,
            short_exception,
            redacted,
            in_order,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def short_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its types, first lines and frames: the rest of a message often holds values."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = " < ".join(_said_by(each) for each in _causes(error))
        event["frames"] = _frames(error.__traceback__)
    return event


def redacted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take out what looks personal."""
    return redact(event)


def in_order(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put the keys every line has first, the others behind them by name."""
    first = {key: event[key] for key in FIRST_KEYS if key in event}
    return first | dict(sorted(event.items()))


def _causes(error: BaseException) -> list[BaseException]:
    chain = [error]
    while len(chain) < CAUSES_SHOWN:
        before = chain[-1]
        cause = before.__cause__ or (None if before.__suppress_context__ else before.__context__)
        if cause is None:
            break
        chain.append(cause)
    return chain


def _said_by(error: BaseException) -> str:
    """An exception's type and the first line of its message, quoted values left out unless they name a thing."""
    line = (str(error).splitlines() or [""])[0][:300]
    line = QUOTED.sub(
        lambda found: found[0] if IDENTIFIER.fullmatch(found[0]) else f"{found[0][0]}…{found[0][0]}", line
    )
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def _frames(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES_SHOWN:]
    return [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
