"""W3C trace context (`traceparent`): read at a door, carried in messages, bound to every log line."""

import re
import secrets
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a trace: 16 bytes of trace id and 8 of span id, as lower-case hex."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @classmethod
    def new(cls) -> "Trace":
        """The root of a new trace."""
        return cls(secrets.token_hex(16), secrets.token_hex(8))

    @classmethod
    def parse(cls, traceparent: str | None) -> "Trace":
        """The trace that a header or message names; a new one when there is none or it is not valid."""
        match = _TRACEPARENT.fullmatch(traceparent or "")
        if match is None or traceparent is None or traceparent.startswith("ff"):
            return cls.new()
        trace_id, span_id, flags = match.groups()
        if not int(trace_id, 16) or not int(span_id, 16):
            return cls.new()
        return cls(trace_id, span_id, sampled=bool(int(flags, 16) & 1))

    def child(self) -> "Trace":
        """A new span in the same trace."""
        return Trace(self.trace_id, secrets.token_hex(8), self.sampled)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"
