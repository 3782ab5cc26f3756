"""A fake server of language models that stream: OpenAI's, Anthropic's and Bedrock's ways of speaking, with faults.

It says no to what the real ones would not take, and keeps every prompt that it has seen.
"""

import asyncio
import binascii
import json
import re
import struct
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote

from aiohttp import web
from tests.fakes.serving import Reply, Wrong, must, reply
from tests.fakes.sigv4 import ACCESS_KEY, SECRET_KEY, check_signature

MODEL = "vendor.words-v1:0"
KEYS = {"openai": "key-of-openai", "anthropic": "key-of-anthropic", "bedrock": f"{ACCESS_KEY}:{SECRET_KEY}"}
REGION = "eu-central-1"
Kind: TypeAlias = Literal["openai", "anthropic", "bedrock"]
# What goes wrong behind the first words: the connection breaks, nothing more comes, bytes that are no event, an error
# that comes as an event, an end without the event that says so.
Fault: TypeAlias = Literal["cut", "stall", "malformed", "error", "unended"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A prompt as it came over the wire."""

    kind: str
    system: str
    messages: Sequence[tuple[str, str]]
    body: Mapping[str, Any]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join([self.system, *(text for _, text in self.messages)])


@dataclass(slots=True)
class FakeModels:
    """answer: made of a prompt. faults: of the next answers, one for each, None for none; replies: in place of answers.

    refused: parameters that it does not take. seen: every prompt. wrong: why it said no. requests: path of each.
    headers: of the last one. asked: set with the first prompt. broken_off: set when nobody has waited for the end.
    """

    url: str = ""
    answer: Callable[[Seen], str] = field(default=lambda seen: "Thirty days a year [1].")
    replies: deque[Reply] = field(default_factory=deque[Reply])
    faults: deque[Fault | None] = field(default_factory=deque[Fault | None])
    refused: tuple[str, ...] = ()
    seen: list[Seen] = field(default_factory=list[Seen])
    wrong: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    broken_off: asyncio.Event = field(default_factory=asyncio.Event)

    def base_url(self, kind: Kind) -> str:
        """As a tenant gives it."""
        return f"{self.url}/v1" if kind == "openai" else self.url

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The next of `replies`, or the answer."""
        self.requests.append(request.raw_path)
        self.headers = request.headers
        body = await request.read()
        if self.replies:
            given = self.replies.popleft()
            if not given.status and request.transport:
                request.transport.abort()
            return reply(given)
        try:
            for name in self.refused:
                must(f'"{name}"'.encode() not in body, f"Unsupported parameter: {name}")
            speech = _speech(request, body)
        except (Wrong, ValueError, KeyError) as wrong:
            self.wrong.append(f"{type(wrong).__name__}: {wrong}")
            return web.json_response({"error": {"message": str(wrong)}, "message": str(wrong)}, status=400)
        if isinstance(speech, web.Response):
            return speech
        self.seen.append(speech.seen)
        self.asked.set()
        return await self._streamed(request, speech)

    async def _streamed(self, request: web.Request, speech: "_Speech") -> web.StreamResponse:
        fault = self.faults.popleft() if self.faults else None
        response = web.StreamResponse(headers={"Content-Type": speech.content_type})
        await response.prepare(request)
        words = re.findall(r"\S+\s*|\s+", self.answer(speech.seen))
        try:
            await response.write(b"".join(speech.start))
            for number, word in enumerate(words):
                await response.write(speech.word(word))
                if number == 0 and fault is not None:
                    return await self._failed(request, response, speech, fault)
                await asyncio.sleep(0)
            await response.write(b"".join(speech.end(len(words))))
        except (ConnectionError, asyncio.CancelledError):
            self.broken_off.set()
            raise
        return response

    @staticmethod
    async def _failed(
        request: web.Request, response: web.StreamResponse, speech: "_Speech", fault: Fault
    ) -> web.StreamResponse:
        if fault == "stall":
            await asyncio.Event().wait()  # until who asked goes away
        if fault == "cut" and request.transport:
            request.transport.abort()
        elif fault == "malformed":
            await response.write(speech.malformed)
        elif fault == "error":
            await response.write(speech.error)
        return response


@dataclass(frozen=True, slots=True)
class _Speech:
    """How one of the three says an answer."""

    seen: Seen
    content_type: str
    start: Sequence[bytes]
    word: Callable[[str], bytes]
    end: Callable[[int], Iterable[bytes]]
    malformed: bytes
    error: bytes


@asynccontextmanager
async def served_models(fake: FakeModels) -> AsyncGenerator[FakeModels]:
    """Serve it on 127.0.0.1; its address is in `url`."""
    app = web.Application(client_max_size=16 * 1024**2)
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()


def echo(seen: Seen) -> str:
    """Answer with all that was asked."""
    return seen.text


def obedient(seen: Seen) -> str:
    """Do what every line says that begins with `SAY `, wherever it stands: the worst that a model can be."""
    return " ".join(re.findall(r"SAY (.*)", seen.text)) or "Nothing was ordered [1]."


def _speech(request: web.Request, body: bytes) -> "_Speech | web.Response":
    must(request.method == "POST", "another method")
    path = unquote(request.raw_path)
    if path == "/v1/chat/completions":
        return _openai(request, body)
    if path == "/v1/messages":
        return _anthropic(request, body)
    must(path == f"/model/{MODEL}/converse-stream", "another address")
    return _bedrock(request, body)


def _openai(request: web.Request, body: bytes) -> "_Speech | web.Response":
    if request.headers.get("Authorization") != f"Bearer {KEYS['openai']}":
        return web.json_response({"error": {"code": "invalid_api_key"}}, status=401)
    asked = json.loads(body)
    must(asked["model"] == MODEL and asked["stream"] is True, "another model, or no stream")
    (limit,) = {"max_tokens", "max_completion_tokens"} & set(asked)
    must(asked[limit] > 0, "no limit")
    _known(asked, {"model", "messages", "stream", "stream_options", limit, "temperature"})
    system, *messages = asked["messages"]
    must(system["role"] == "system", "no rules")
    counts = asked.get("stream_options", {}).get("include_usage", False)
    frame = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _sse(frame | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": None})

    def end(words: int) -> Iterable[bytes]:
        yield chunk({}, "stop")
        if counts:
            usage = {"prompt_tokens": 11, "completion_tokens": words, "total_tokens": 11 + words}
            yield _sse(frame | {"choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"

    return _Speech(
        _seen("openai", system["content"], [(one["role"], one["content"]) for one in messages], asked),
        "text/event-stream",
        [b": a comment\n\n", chunk({"role": "assistant", "content": ""})],
        lambda word: chunk({"content": word}),
        end,
        b"data: {not json\n\n",
        _sse({"error": {"code": "server_error", "message": "gone"}}),
    )


def _anthropic(request: web.Request, body: bytes) -> "_Speech | web.Response":
    # Its own client sends the second since its version 2.
    given = request.headers.get("x-api-key") or request.headers.get("Authorization", "").removeprefix("Bearer ")
    if given != KEYS["anthropic"]:
        return web.json_response({"type": "error", "error": {"type": "authentication_error"}}, status=401)
    version = request.headers.get("anthropic-version")
    must(version in {"2023-06-01", "2026-10-21"}, "no version")
    asked = json.loads(body)
    must(version == "2023-06-01" or "temperature" not in asked, "temperature: Extra inputs are not permitted")
    must(asked["model"] == MODEL and asked["stream"] is True and asked["max_tokens"] > 0, "a field is missing")
    must(0 <= asked.get("temperature", 1) <= 1, "too high a temperature")
    _known(asked, {"model", "messages", "stream", "max_tokens", "system", "temperature"})
    message = {
        "id": "m-1", "type": "message", "role": "assistant", "model": MODEL, "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 11, "output_tokens": 1},
    }  # fmt: skip

    def named(data: dict[str, Any]) -> bytes:
        return f"event: {data['type']}\n".encode() + _sse(data)

    def word(text: str) -> bytes:
        return named({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})

    def end(words: int) -> Iterable[bytes]:
        yield named({"type": "content_block_stop", "index": 0})
        stopped = {"stop_reason": "end_turn", "stop_sequence": None}
        yield named({"type": "message_delta", "delta": stopped, "usage": {"output_tokens": words}})
        yield named({"type": "message_stop"})

    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    return _Speech(
        _seen(
            "anthropic", asked["system"], [(one["role"], _content(one["content"])) for one in asked["messages"]], asked
        ),
        "text/event-stream",
        [named({"type": "message_start", "message": message}), named(block), named({"type": "ping"})],
        word,
        end,
        b"event: content_block_delta\ndata: {not json\n\n",
        named({"type": "error", "error": {"type": "overloaded_error", "message": "gone"}}),
    )


def _bedrock(request: web.Request, body: bytes) -> "_Speech | web.Response":
    check_signature(request, body, "bedrock")
    asked = json.loads(body)
    limits = asked["inferenceConfig"]
    must(limits["maxTokens"] > 0 and 0 <= limits.get("temperature", 1) <= 1, "no limit, or too high a temperature")
    _known(asked, {"system", "messages", "inferenceConfig"})

    def event(kind: str, payload: dict[str, Any]) -> bytes:
        headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
        return frame(headers, json.dumps(payload).encode())

    def end(words: int) -> Iterable[bytes]:
        yield event("contentBlockStop", {"contentBlockIndex": 0})
        yield event("messageStop", {"stopReason": "end_turn"})
        usage = {"inputTokens": 11, "outputTokens": words, "totalTokens": 11 + words}
        yield event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})

    broken = bytearray(event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "x"}}))
    broken[-6] ^= 1  # so that the checksum of the frame is another
    return _Speech(
        _seen(
            "bedrock",
            asked["system"][0]["text"],
            [(one["role"], "".join(part["text"] for part in one["content"])) for one in asked["messages"]],
            asked,
        ),
        "application/vnd.amazon.eventstream",
        [event("messageStart", {"role": "assistant"})],
        lambda word: event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}),
        end,
        bytes(broken),
        frame({":exception-type": "throttlingException", ":message-type": "exception"}, b'{"message": "gone"}'),
    )


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """A message of `application/vnd.amazon.eventstream`: lengths and their checksum, headers, payload, checksum."""
    packed = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(packed) + len(payload), len(packed))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + packed + payload
    return message + struct.pack("!I", binascii.crc32(message))


def _seen(kind: str, system: str, messages: Sequence[tuple[str, str]], body: Mapping[str, Any]) -> Seen:
    roles = [role for role, _ in messages]
    must(roles == ["user", "assistant"] * (len(roles) // 2) + ["user"], "the roles do not alternate")
    must(all(text.strip() for _, text in messages), "a message without text")
    return Seen(kind, system, messages, body)


def _content(content: str | list[dict[str, str]]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _known(asked: Mapping[str, Any], names: set[str]) -> None:
    must(set(asked) <= names, f"more than was agreed on: {sorted(set(asked) - names)}")


def _sse(data: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
