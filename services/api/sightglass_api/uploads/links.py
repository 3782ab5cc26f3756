"""The links that take an upload, as they are made anew for each answer."""

from datetime import datetime, timedelta
from itertools import accumulate

from sightglass_api.objects import Objects
from sightglass_api.uploads.queries import UploadRow
from sightglass_api.uploads.rules import part_sizes
from sightglass_api.uploads.schemas import Instructions, Part


async def instructions(row: UploadRow, objects: Objects, *, now: datetime, link_s: int) -> Instructions:
    """How to send the object. No link lives longer than the upload."""
    life = min(link_s, max(1, int((row.expires_at - now).total_seconds())))
    parts = await _parts(row, objects, life)
    url, fields = None, dict[str, str]()
    if row.method == "post":
        form = await objects.form(
            row.bucket,
            row.object_key,
            content_type=row.content_type,
            size_bytes=row.size_bytes,
            expires_s=life,
        )
        url, fields = form.url, form.fields
    return _shaped(row, url, fields, parts, now + timedelta(seconds=life))


def without_links(row: UploadRow) -> Instructions:
    """The same shape for an upload that takes nothing any more."""
    return _shaped(row, None, {}, [], None)


def _shaped(
    row: UploadRow, url: str | None, fields: dict[str, str], parts: list[Part], links_expire_at: datetime | None
) -> Instructions:
    return Instructions(
        upload_id=row.upload_id,
        method="post" if row.method == "post" else "multipart",
        url=url,
        fields=fields,
        parts=parts,
        part_bytes=row.part_bytes,
        expires_at=row.expires_at,
        links_expire_at=links_expire_at,
    )


async def _parts(row: UploadRow, objects: Objects, life: int) -> list[Part]:
    if row.multipart_id is None or row.part_bytes is None:
        return []
    sizes = part_sizes(row.size_bytes, row.part_bytes)
    offsets = accumulate(sizes, initial=0)
    urls = await objects.part_links(row.bucket, row.object_key, row.multipart_id, sizes, expires_s=life)
    return [
        Part(number=number, url=url, offset_bytes=offset, size_bytes=size)
        for number, (url, offset, size) in enumerate(zip(urls, offsets, sizes, strict=False), start=1)
    ]
