"""Structured logs of the process (security.md SEC3, LOG2, LOG3): one JSON object a line, or readable lines on a
terminal in development.

Every line passes :func:`redact`: values under names that hold secrets never leave the process, wherever they stand in
the event.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any, Final, TextIO

import msgspec

from idp.foundation.kernel import secret_words

_absent: Any = None
if "rich" not in sys.modules:
    # where developers' tools brought Rich along, structlog would load it for tracebacks that are not drawn here: 0.1 s
    # of every start
    sys.modules["rich"] = _absent
    import structlog

    del sys.modules["rich"]
else:
    import structlog

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request this thread works on; :class:`idp.processes.wsgi.Edge` sets it."""

REDACTED: Final = "[redacted]"
_MAX_DEPTH: Final = 6

_Event = MutableMapping[str, Any]


def configure(level: str, *, readable: bool = False, stream: TextIO | None = None) -> None:
    """Send everything, the standard library's loggers included, to ``stream`` (default stdout) from ``level`` on.

    ``readable`` writes for people instead of machines.
    """
    target = stream or sys.stdout
    threshold = getattr(logging, level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _moment,
        _request,
        redact,
    ]
    renderer: Any = _readable if readable else _json
    structlog.configure(
        processors=[*shared, structlog.processors.StackInfoRenderer(), structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), redact],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(threshold, logging.INFO))
    for chatty in ("urllib3", "alembic", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(max(threshold, logging.WARNING))


def redact(_logger: Any, _method: str, event: _Event) -> _Event:
    """The processor that hides secrets: by the name of the member, at any depth."""
    for name in list(event):
        event[name] = _hidden(name, event[name], 0)
    return event


def _hidden(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if secret_words.in_log_line(name):
        return REDACTED
    if depth >= _MAX_DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {str(key): _hidden(str(key), inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", inner, depth + 1) for inner in value]
    return value


def _moment(_logger: Any, _method: str, event: _Event) -> _Event:
    from datetime import UTC, datetime

    event["at"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _request(_logger: Any, _method: str, event: _Event) -> _Event:
    current = request_id.get()
    if current:
        event.setdefault("request_id", current)
    return event


def _json(_logger: Any, _method: str, event: _Event) -> str:
    first = {"at": event.pop("at", None), "level": event.pop("level", None), "event": str(event.pop("event", ""))}
    return msgspec.json.encode({**first, **event}, enc_hook=str).decode()


def _readable(_logger: Any, _method: str, event: _Event) -> str:
    moment = str(event.pop("at", ""))[11:19]
    level, text, trace = event.pop("level", ""), event.pop("event", ""), event.pop("exception", None)
    members = " ".join(f"{name}={_one_line(value)}" for name, value in event.items())
    line = f"{moment} {level:<7} {_one_line(text)}{'  ' if members else ''}{members}"
    return f"{line}\n{trace}" if trace else line


def _one_line(value: Any) -> str:
    """Control characters escaped: a value can't begin a line of its own (security.md LOG3)."""
    return str(value).encode("unicode_escape").decode("ascii") if not str(value).isprintable() else str(value)
