"""S3 that refuses what a test wants it to."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from botocore.exceptions import ClientError
from types_aiobotocore_s3.client import S3Client

from sightglass_common.s3_get import Got, S3Gets, Told, bind, gets_of

Refusal = Callable[[str, dict[str, Any]], str | None]


class FaultyS3:
    """The real client; each call for which `refusal` (its name, its arguments) names a code fails with that."""

    def __init__(self, s3: S3Client, refusal: Refusal) -> None:
        self._s3 = s3
        self._refusal = refusal
        self.calls: list[tuple[str, dict[str, Any]]] = []
        bind(cast("S3Client", self), cast("S3Gets", _FaultyGets(self, gets_of(s3))))

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._s3, name)

        async def call(**arguments: Any) -> Any:
            self.called(name, arguments)
            return await real(**arguments)

        return call

    def called(self, name: str, arguments: dict[str, Any]) -> None:
        """Note a call. Raises what it fails with, if it does."""
        self.calls.append((name, arguments))
        code = self._refusal(name, arguments)
        if code is not None:
            raise ClientError({"Error": {"Code": code, "Message": "refused"}}, name)


class _FaultyGets:
    """The GETs beside it: each is a call of `get_object`."""

    def __init__(self, faulty: FaultyS3, gets: S3Gets) -> None:
        self._faulty = faulty
        self._gets = gets

    async def get(self, bucket: str, key: str, first: int, length: int, **wanted: str) -> Got:
        self._faulty.called("get_object", {"Bucket": bucket, "Key": key, "first": first} | wanted)
        return await self._gets.get(bucket, key, first, length, **wanted)

    async def get_each(self, bucket: str, keys: Sequence[str], length: int, *, at_once: int) -> list[Told]:
        left = dict.fromkeys(keys, None)
        told: dict[str, Told] = {}
        for key in left:
            try:
                self._faulty.called("get_object", {"Bucket": bucket, "Key": key, "first": 0})
            except ClientError as error:
                told[key] = error
        asked = [key for key in left if key not in told]
        got = await self._gets.get_each(bucket, asked, length, at_once=at_once)
        return [(told | dict(zip(asked, got, strict=True)))[key] for key in keys]
