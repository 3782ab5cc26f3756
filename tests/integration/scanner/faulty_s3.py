"""S3 that refuses what a test wants it to."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from types_aiobotocore_s3.client import S3Client

Refusal = Callable[[str, dict[str, Any]], str | None]


class FaultyS3:
    """The real client; each call for which `refusal` (its name, its arguments) names a code fails with that."""

    def __init__(self, s3: S3Client, refusal: Refusal) -> None:
        self._s3 = s3
        self._refusal = refusal
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._s3, name)

        async def call(**arguments: Any) -> Any:
            self.calls.append((name, arguments))
            code = self._refusal(name, arguments)
            if code is not None:
                raise ClientError({"Error": {"Code": code, "Message": "refused"}}, name)
            return await real(**arguments)

        return call
