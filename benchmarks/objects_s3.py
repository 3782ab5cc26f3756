"""A minimal S3 in a process of its own: lists and gives objects from memory, by HTTP over asyncio."""

import asyncio
import hashlib
import pickle
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import urlopen
from xml.sax.saxutils import escape

BUCKET: Final = "bench-objects"
_ASKED: Final = "/-/gets"
_ENTRY: Final = (
    "<Contents><Key>{key}</Key><ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size>"
    "<StorageClass>STANDARD</StorageClass></Contents>"
)


def gets(url: str) -> int:
    """How many objects it was asked for so far."""
    with urlopen(url + _ASKED) as answer:
        return int(answer.read())


@asynccontextmanager
async def running_s3(objects: Mapping[str, bytes], folder: Path) -> AsyncGenerator[str]:
    """Its address."""
    file = folder / "objects.pickle"
    file.write_bytes(pickle.dumps(dict(objects)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.objects_s3", str(file), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


class _Bucket:
    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self._keys = sorted(objects, key=str.encode)
        self._answers = {f"/{BUCKET}/{key}": _object(body) for key, body in objects.items()}
        self._entries = {
            key: _ENTRY.format(key=escape(key), etag=hashlib.md5(body).hexdigest(), size=len(body))
            for key, body in objects.items()
        }
        self._gets = 0

    def answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path == _ASKED:
            return b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%08d" % self._gets
        if "list-type=2" in parts.query:
            return self._page(dict(parse_qsl(parts.query)))
        self._gets += 1
        return self._answers[unquote(parts.path)]

    def _page(self, asked: Mapping[str, str]) -> bytes:
        start, most = int(asked.get("continuation-token") or 0), int(asked.get("max-keys") or 1000)
        keys = self._keys[start : start + most]
        more = start + most < len(self._keys)
        token = f"<NextContinuationToken>{start + most}</NextContinuationToken>" if more else ""
        body = (
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}"
            f"{''.join(self._entries[key] for key in keys)}</ListBucketResult>"
        ).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _object(body: bytes) -> bytes:
    """With the headers that S3 sends."""
    head = (
        "HTTP/1.1 206 Partial Content\r\nx-amz-id-2: Sm1haWwgb2JqZWN0cyBvZiBtYW55IGtpbmRz\r\n"
        "x-amz-request-id: 79104EXAMPLEB723\r\nDate: Mon, 23 Nov 2026 07:00:00 GMT\r\n"
        "Last-Modified: Mon, 23 Nov 2026 06:00:00 GMT\r\nx-amz-server-side-encryption: AES256\r\n"
        f'ETag: "{hashlib.md5(body).hexdigest()}"\r\nAccept-Ranges: bytes\r\nServer: AmazonS3\r\n'
        f"Content-Type: binary/octet-stream\r\nContent-Range: bytes 0-{len(body) - 1}/{len(body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, bucket: _Bucket) -> None:
        self._bucket = bucket
        self._transport: asyncio.Transport | None = None
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        *requests, self._held = (self._held + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._bucket.answer(request.split(b" ", 2)[1].decode()))


async def _serve(file: Path) -> None:
    bucket = _Bucket(pickle.loads(await asyncio.to_thread(file.read_bytes)))
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(bucket), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
