"""A command that runs to its end."""

from sightglass_embedded.output import Sink
from sightglass_embedded.process import Command, Process


class CommandFailed(RuntimeError):
    """A command ended with another exit code than 0. The message ends with what it said last."""


class Lines:
    """Collects lines in memory, for output that is read and not to be logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        """Take one line."""
        self.lines.append(text)


async def run(command: Command, sink: Sink) -> int:
    """Run a command and return its exit code. It is killed when this is cancelled."""
    process = await Process.start(command, sink)
    try:
        return await process.wait()
    finally:
        process.kill()


async def output_of(what: str, command: Command) -> list[str]:
    """Run a command and return its lines. Raises CommandFailed."""
    said = Lines()
    code = await run(command, said)
    if code != 0:
        raise CommandFailed(f"{what} ended with exit code {code}.\n" + "\n".join(said.lines[-20:]))
    return said.lines
