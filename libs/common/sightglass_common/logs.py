"""Logs: one JSON object a line on stderr, with tenant, job, attempt and trace bound at the two doors."""

import logging
import sys
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog

from sightglass_common.tracing import Trace

Event = MutableMapping[str, Any]

# A key that names a secret is masked wherever it stands; a presigned address loses its query.
_SECRET_KEYS = ("authorization", "api_key", "password", "secret", "cookie", "token")


def configure(service: str, level: str = "INFO") -> None:
    """Send structlog's and the standard library's records to stderr as JSON lines.

    Called once, by a service's `__main__`.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without the local variables of the frames: they hold keys, settings and customers' rows.
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        _name_service(service),
        mask_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("aiobotocore", "botocore", "mcp", "psycopg.pool", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@contextmanager
def bound(*, trace: Trace, **values: str | int | UUID | None) -> Generator[None]:
    """Bind ids to every log line of the block: called at the HTTP door and at the consumer's."""
    fields = {key: str(value) for key, value in values.items() if value is not None}
    tokens = structlog.contextvars.bind_contextvars(trace_id=trace.trace_id, **fields)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**tokens)


def mask_secrets(_logger: object, _method: str, event: Event) -> Event:
    """Mask values whose key names a secret, and cut the query off presigned addresses."""
    for key, value in event.items():
        if any(word in key.lower() for word in _SECRET_KEYS):
            event[key] = "***"
        elif isinstance(value, str) and "X-Amz-Signature=" in value:
            event[key] = value.split("?", 1)[0] + "?***"
    return event


def _name_service(service: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: Event) -> Event:
        event["service"] = service
        return event

    return add
