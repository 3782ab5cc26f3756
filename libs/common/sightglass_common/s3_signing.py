"""Signatures of GETs of S3: AWS Signature Version 4, as botocore makes them, at a tenth of its price.

What is the same for a day, or for a second, is made once. That botocore comes to the same is held by a test.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

_EMPTY: Final = hashlib.sha256(b"").hexdigest()


class Keys(NamedTuple):
    """Credentials as they are now. token: of a session, if they are of one."""

    access_key: str
    secret_key: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class _Alike:
    """What requests of one second with the same headers have alike.

    canonical: what is signed, from its headers on; text: what the signature is of, up to a hash of that; lines: the
    headers of the request, up to the signature.
    """

    canonical: str
    text: str
    lines: str


class Signer:
    """Signs for one region. clock: seconds since 1970."""

    def __init__(self, region: str, *, clock: Callable[[], float] = time.time) -> None:
        self._region = region
        self._clock = clock
        self._second = -1
        self._stamp = ""
        self._alike_for: tuple[object, ...] = ()
        self._alike = _Alike("", "", "")
        self._made_for: tuple[str, str] | None = None
        self._mac = hmac.new(b"", digestmod="sha256")

    def lines(self, path: str, query: str, headers: Mapping[str, str], keys: Keys) -> str:
        """The lines of a request's head with the headers, and with those that sign them.

        path, query: as they are sent; query: of at most one parameter. headers: by their names in lower case, all of
        them to be signed, the host among them.
        """
        stamp = self._now()
        alike_for = (stamp, keys, *headers.items())
        if alike_for != self._alike_for:
            self._alike, self._alike_for = self._of_all(stamp, headers, keys), alike_for
        alike = self._alike
        canonical = f"GET\n{path}\n{query}\n{alike.canonical}"
        text = alike.text + hashlib.sha256(canonical.encode()).hexdigest()
        return f"{alike.lines}{self._signature(text, keys.secret_key, stamp[:8])}\r\n"

    def _of_all(self, stamp: str, headers: Mapping[str, str], keys: Keys) -> _Alike:
        signed = {**headers, "x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
        if keys.token:
            signed["x-amz-security-token"] = keys.token
        names = sorted(signed)
        listed = ";".join(names)
        scope = f"{stamp[:8]}/{self._region}/s3/aws4_request"
        credential = f"Credential={keys.access_key}/{scope}, SignedHeaders={listed}"
        return _Alike(
            "".join(f"{name}:{signed[name]}\n" for name in names) + f"\n{listed}\n{_EMPTY}",
            f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n",
            "".join(f"{name}: {value}\r\n" for name, value in signed.items())
            + f"authorization: AWS4-HMAC-SHA256 {credential}, Signature=",
        )

    def _now(self) -> str:
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        return self._stamp

    def _signature(self, text: str, secret: str, day: str) -> str:
        if self._made_for != (secret, day):
            key = b"AWS4" + secret.encode()
            for part in (day, self._region, "s3", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._mac, self._made_for = hmac.new(key, digestmod="sha256"), (secret, day)
        # `hmac.digest` would let another thread go on meanwhile, and wait for it.
        mac = self._mac.copy()
        mac.update(text.encode())
        return mac.hexdigest()
