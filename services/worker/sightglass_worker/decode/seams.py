"""Whether two ranges that meet have decoded the same: a checksum of the frames that both of them look at."""

from hashlib import blake2b
from struct import Struct
from typing import Final

from sightglass_worker.domain.scenes.signature import Signature

_TIME: Final = Struct(">q")
_DIGEST_BYTES: Final = 16


class SeamSum:
    """Sums frames up, in order: the time of each and its samples."""

    def __init__(self) -> None:
        self._sum = blake2b(digest_size=_DIGEST_BYTES)

    def push(self, signature: Signature, t_us: int) -> None:
        """Take the next frame."""
        self._sum.update(_TIME.pack(t_us))
        self._sum.update(signature.samples.tobytes())

    @property
    def text(self) -> str:
        """The checksum of all so far, as hexadecimal digits."""
        return self._sum.hexdigest()
