"""What can be wrong with an engine."""


class EngineMissing(Exception):
    """The engine cannot be used: it, or a file that it needs, is not installed, or not what it should be.

    Nothing is ever downloaded.
    """


class CallFailed(Exception):
    """A call has no answer: the engine crashed, or took too long. reason: an error code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
