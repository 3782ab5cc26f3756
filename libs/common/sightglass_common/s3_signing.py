"""Signatures of GETs of S3: AWS Signature Version 4, as botocore makes them, at a tenth of its price.

What is the same for a day, or for a second, is made once. That botocore comes to the same is held by a test.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_EMPTY: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials as they are now. token: of a session, if they are of one."""

    access_key: str
    secret_key: str
    token: str | None = None


class Signer:
    """Signs for one region. clock: seconds since 1970."""

    def __init__(self, region: str, *, clock: Callable[[], float] = time.time) -> None:
        self._region = region
        self._clock = clock
        self._second = -1
        self._stamp = ""
        self._made_for: tuple[str, str] | None = None
        self._mac = hmac.new(b"", digestmod="sha256")

    def signed(self, path: str, query: str, headers: Mapping[str, str], keys: Keys) -> dict[str, str]:
        """The headers with those that sign them. path, query: as they are sent; query: of at most one parameter.

        headers: by their names in lower case, all of them to be signed, the host among them.
        """
        stamp = self._now()
        day = stamp[:8]
        signed = {**headers, "x-amz-content-sha256": _EMPTY, "x-amz-date": stamp}
        if keys.token:
            signed["x-amz-security-token"] = keys.token
        names = sorted(signed)
        listed = ";".join(names)
        lines = "".join(f"{name}:{signed[name]}\n" for name in names)
        canonical = f"GET\n{path}\n{query}\n{lines}\n{listed}\n{_EMPTY}"
        scope = f"{day}/{self._region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = self._signature(text, keys.secret_key, day)
        signed["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={keys.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
        )
        return signed

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
