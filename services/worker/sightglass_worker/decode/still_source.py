"""Stills as the worker asks a decoder process for them."""

import asyncio

from sightglass_common.errors import SightglassError
from sightglass_common.sandbox.wire import Message
from sightglass_common.video_errors import DecoderCrashed, DecodeTimeout
from sightglass_worker.decode.process import Child


class Stills:
    """Frames of one film. May be asked by many at once; the decoder is asked by one after the other.

    descriptor: the film. origin_us: of its Analysis. wall_s: for one still.
    """

    def __init__(self, child: Child, descriptor: int, origin_us: int | None, wall_s: float) -> None:
        self._child = child
        self._descriptor = descriptor
        self._origin_us = origin_us
        self._wall_s = wall_s
        self._one_at_a_time = asyncio.Lock()
        self._open = False
        self._broken: SightglassError | None = None

    async def jpeg(self, t_us: int) -> bytes | None:
        """The frame of exactly this time, its longer side at most 1920; None if it is not found again, or damaged.

        Raises the errors of decoding, DecoderCrashed, OutOfMemory and DecodeTimeout; the first of them from then on.
        """
        if self._origin_us is None:
            return None
        async with self._one_at_a_time:
            if self._broken is not None:
                raise self._broken
            try:
                return await self._in_time(t_us, self._origin_us)
            except SightglassError as error:
                self._broken = error  # what it says next might be the answer to this
                raise

    async def _in_time(self, t_us: int, origin_us: int) -> bytes | None:
        try:
            async with asyncio.timeout(self._wall_s):
                if not self._open:
                    await self._asked("stills", {"origin_us": origin_us}, "film")
                    self._child.hand_over(self._descriptor)
                    self._open = True
                answer = await self._asked("still", {"t_us": t_us}, "still")
        except TimeoutError as error:
            raise DecodeTimeout(f"A still took longer than {self._wall_s:g} s.", limit_s=self._wall_s) from error
        if answer.fields.get("t_us") != t_us:
            raise DecoderCrashed("The decoder sent another frame than was asked for.")
        return answer.blob if answer.fields.get("found") else None

    async def _asked(self, kind: str, fields: dict[str, int], answer: str) -> Message:
        await self._child.send(Message(kind, {**fields}))
        async for message in self._child.messages():
            if message.kind != answer:
                raise DecoderCrashed("The decoder sent a message of no known kind.")
            return message
        raise await self._child.fate()
