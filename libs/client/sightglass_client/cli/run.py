"""One run of the command: its options, its client, and where its output goes."""

from functools import cached_property
from typing import TYPE_CHECKING

from sightglass_client.cli.output import Output

if TYPE_CHECKING:
    from sightglass_client.cli.progress import Progress
    from sightglass_client.client import Sightglass


class Run:
    """What a command gets. `resume` is the command that goes on after a ctrl-C; a command sets it as it goes."""

    def __init__(self, *, as_json: bool, url: str, debug: bool) -> None:
        self.url = url
        self.debug = debug
        self.out = Output(as_json=as_json)
        self.resume = ""

    @cached_property
    def client(self) -> "Sightglass":
        """The client, configured by the environment and `--url`. Raises NotConfigured."""
        from sightglass_client.client import Sightglass  # noqa: PLC0415 - loads the HTTP library

        return Sightglass(self.url or None)

    def progress(self) -> "Progress":
        """Progress on stderr: bars on a terminal, else lines; nothing but the end with --json elsewhere."""
        from sightglass_client.cli.progress import progress  # noqa: PLC0415 - loads tables and bars

        return progress(quiet=self.out.as_json)

    def close(self) -> None:
        """Close what was opened."""
        if "client" in self.__dict__:
            self.client.close()
