"""The limit on request bodies, enforced before anything reads them: pure ASGI."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightglass_common.errors import BodyTooLarge


class BodyLimit:
    """Refuses a body of more than `max_bytes`, announced or not, with BodyTooLarge.

    An announced one is refused unread. One that grows past the limit is cut off there: the application sees its
    client leave, and what it makes of that is dropped.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or raise BodyTooLarge."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > self._max_bytes:
            raise self._refusal()
        counted = _Counted(receive, send, self._max_bytes)
        try:
            await self._app(scope, counted.receive, counted.send)
        except Exception as error:
            if counted.exceeded:
                raise self._refusal() from error
            raise
        if counted.exceeded:
            raise self._refusal()

    def _refusal(self) -> BodyTooLarge:
        return BodyTooLarge(f"The body may have {self._max_bytes} bytes.", max_bytes=self._max_bytes)


class _Counted:
    """A request's channels, with the bytes of its body counted."""

    def __init__(self, receive: Receive, send: Send, max_bytes: int) -> None:
        self._receive = receive
        self._send = send
        self._left = max_bytes
        self.exceeded = False

    async def receive(self) -> Message:
        if self.exceeded:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if not self.exceeded:
            await self._send(message)
