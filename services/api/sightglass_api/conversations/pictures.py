"""The pictures of the scenes that are cited, with links made for whoever asks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sightglass_api.analyses.presenting import link_to
from sightglass_api.auth import Tenant
from sightglass_api.conversations import queries
from sightglass_common.db import Db


async def with_pictures(db: Db, tenant: Tenant, citations: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The citations; those of a video that has a picture of the scene have a link to it as `thumbnail`."""
    scenes = set(_scenes(citations))
    if not scenes:
        return citations
    keys = await queries.thumbnails(db, scenes)
    objects, bucket = await tenant.context.objects(), tenant.context.settings.bucket
    links = {scene: await link_to(objects, bucket, key) for scene, key in keys.items()}
    return [
        {**one, "thumbnail": link.model_dump(mode="json")} if (link := links.get(_scene(one))) else one
        for one in citations
    ]


def _scenes(citations: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, int]]:
    return (_scene(one) for one in citations if "video_id" in one)


def _scene(citation: Mapping[str, Any]) -> tuple[str, int]:
    return citation.get("analysis_id", ""), citation.get("scene", -1)
