"""Structured logs, one JSON object a line on standard error. `trace` is the billing event's id, all the way."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import structlog


def configure(level: str) -> None:
    """Set up logging for this process. A line's `trace` is the billing event's id."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _to_json(line: Any, default: Callable[[Any], Any]) -> bytes:
    """A line as UTF-8; what is quick for every line but cannot write half a character is left to what can."""
    try:
        return msgspec.json.encode(line, enc_hook=default)
    except (ValueError, TypeError):
        return json.dumps(line, default=default).encode()
