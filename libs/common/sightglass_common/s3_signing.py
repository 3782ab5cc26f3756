"""Signatures of GETs of S3: AWS Signature Version 4, as botocore makes them, at a tenth of its price.

What is the same for a day, or for a second, is made once. That botocore comes to the same is held by a test.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

_EMPTY: Final = hashlib.sha256(b"").hexdigest()


class Keys(NamedTuple):
    """Credentials as they are now. token: of a session, if they are of one."""

    access_key: str
    secret_key: str
    token: str | None = None


class Signer:
    """Signs for one region. clock: seconds since 1970."""

    def __init__(self, region: str, *, clock: Callable[[], float] = time.time) -> None:
        self._region = region
        self._clock = clock
        self._signing_for: tuple[object, ...] = ()
        self._signing: Signing | None = None

    def signing(self, headers: Mapping[str, str], keys: Keys) -> "Signing":
        """What signs requests with the same headers, which are by their names in lower case, the host among them."""
        signing_for = (keys, *headers.items())
        if self._signing is None or signing_for != self._signing_for:
            self._signing, self._signing_for = Signing(self._region, headers, keys, self._clock), signing_for
        return self._signing


class Signing:
    """Signs requests that differ in their paths and queries alone. Made by a `Signer`."""

    def __init__(self, region: str, headers: Mapping[str, str], keys: Keys, clock: Callable[[], float]) -> None:
        self._region, self._headers, self._keys, self._clock = region, headers, keys, clock
        self._second = -1
        # What is signed, from its headers on; what the signature is of, up to a hash of that; the headers of the
        # request, up to the signature.
        self._canonical = self._text = self._lines = ""
        self._day: str = ""
        self._mac = hmac.new(b"", digestmod="sha256")

    def lines(self, path: str, query: str) -> str:
        """The lines of a request's head with the headers, and with those that sign them.

        path, query: as they are sent; query: of at most one parameter.
        """
        second = int(self._clock())
        if second != self._second:
            self._make(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second)))
            self._second = second
        canonical = f"GET\n{path}\n{query}\n{self._canonical}"
        # `hmac.digest` would let another thread go on meanwhile, and wait for it.
        mac = self._mac.copy()
        mac.update((self._text + hashlib.sha256(canonical.encode()).hexdigest()).encode())
        return f"{self._lines}{mac.hexdigest()}\r\n"

    def _make(self, stamp: str) -> None:
        """Have what is the same for a second, and for a day."""
        keys, day = self._keys, stamp[:8]
        signed = {**self._headers, "x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
        if keys.token:
            signed["x-amz-security-token"] = keys.token
        names = sorted(signed)
        listed = ";".join(names)
        scope = f"{day}/{self._region}/s3/aws4_request"
        self._canonical = "".join(f"{name}:{signed[name]}\n" for name in names) + f"\n{listed}\n{_EMPTY}"
        self._text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n"
        credential = f"Credential={keys.access_key}/{scope}, SignedHeaders={listed}"
        self._lines = (
            "".join(f"{name}: {value}\r\n" for name, value in signed.items())
            + f"authorization: AWS4-HMAC-SHA256 {credential}, Signature="
        )
        if day != self._day:
            self._day, self._mac = day, self._mac_of(day)

    def _mac_of(self, day: str) -> hmac.HMAC:
        key = b"AWS4" + self._keys.secret_key.encode()
        for part in (day, self._region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.new(key, digestmod="sha256")
