"""The text engine's process: reads pages that its parent sends, under limits. Started by process.py.

Each call has the luma as its blob: `page {width, height, picture_side, wanted}` finds lines, `find` with the same
finds boxes. A file comes as `part {first}` each, then `picture {most_pixels}` decodes and reads it.
"""

import resource
import socket
from typing import Any, cast

import numpy as np

from sightglass_common.sandbox.wire import Message
from sightglass_worker.domain.box import Box
from sightglass_worker.engines.child import Engine, run, shut_in
from sightglass_worker.ocr.decoding import load, read_picture
from sightglass_worker.ocr.engine import Page, TextEngine


def opened(_: socket.socket, wanted: dict[str, Any]) -> Engine:
    """The engine, and this process confined as far as the engine lets it be. Raises EngineMissing."""
    load()
    engine = _engine(wanted)
    file = bytearray()

    def answer(request: Message) -> object:
        if request.kind == "part":
            if request.fields["first"]:
                file.clear()
            file.extend(request.blob)
            return None
        if request.kind == "picture":
            data = bytes(file)
            file.clear()
            return read_picture(engine, data, int(request.fields["most_pixels"]))
        page = _page(request)
        return engine.find(page) if request.kind == "find" else engine.read(page)

    return Engine(answer)


def _engine(wanted: dict[str, Any]) -> TextEngine:
    memory_bytes = int(wanted["memory_bytes"])
    if wanted["name"] == "tesseract":
        from sightglass_worker.ocr.tesseract import TesseractEngine  # noqa: PLC0415 -- only what is used is loaded

        _restrain(memory_bytes)
        return TesseractEngine(str(wanted["program"]), int(wanted["call_cpu_s"]))
    from sightglass_worker.ocr.rapid import RapidEngine  # noqa: PLC0415 -- as above

    engine = RapidEngine()
    # All of it is loaded now, as the sandbox lets no file be opened.
    shut_in(memory_bytes)
    return engine


def _restrain(memory_bytes: int) -> None:
    """Limit this process and the programs that it starts, so it cannot be shut in any further."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _page(request: Message) -> Page:
    shape = (int(request.fields["height"]), int(request.fields["width"]))
    wanted = cast("list[list[float]]", request.fields["wanted"])
    luma = np.frombuffer(request.blob, np.uint8).reshape(shape)
    return Page(luma, int(request.fields["picture_side"]), [Box(*box) for box in wanted])


if __name__ == "__main__":
    run(opened)
