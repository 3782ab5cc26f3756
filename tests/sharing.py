"""Which test files run in one process of pytest-xdist: those that share a fixture dear to set up."""

from xdist.scheduler import LoadFileScheduling

# All files of this folder look at one running system.
_TOGETHER = "tests/acceptance/"


class Together(LoadFileScheduling):
    """A file goes to one process, as with `--dist loadfile`; the folder above does as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        return _TOGETHER if nodeid.startswith(_TOGETHER) else super()._split_scope(nodeid)
