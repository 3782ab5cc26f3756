"""A process that runs to its end."""

from sightglass_embedded.output import Sink
from sightglass_embedded.process import Start


class CommandFailed(RuntimeError):
    """A command ended with another exit code than 0. The message ends with what it said last."""


class Lines:
    """Collects lines in memory, for output that is read and not to be logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        """Take one line."""
        self.lines.append(text)


async def run(start: Start, sink: Sink) -> int:
    """Start a process and return its exit code. It is killed when this is cancelled."""
    process = await start(sink)
    try:
        return await process.wait()
    finally:
        await process.stop(())


async def output_of(what: str, start: Start) -> list[str]:
    """Start a process and return its lines. Raises CommandFailed."""
    said = Lines()
    code = await run(start, said)
    if code != 0:
        raise CommandFailed(f"{what} ended with exit code {code}.\n" + "\n".join(said.lines[-20:]))
    return said.lines
