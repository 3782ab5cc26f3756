"""What a sweep of an analysis' objects takes, and what it leaves to others."""

from tests.integration.worker.studio import Studio

from sightglass_worker.artifacts import Shelf, sweep


async def test_a_sweep_never_takes_what_a_newer_attempt_has_put(studio: Studio) -> None:
    envelope = await studio.of(b"x")
    analysis_id = envelope.message.analysis_id
    keys = [f"tenants/{studio.tenant_id}/analyses/{analysis_id}/{n}/scene-00000.jpg" for n in (1, 2, 3, 10)]
    for key in keys:
        await studio.s3.put_object(Bucket=studio.aws.bucket, Key=key, Body=b"x")
    second = Shelf(studio.aws.bucket, studio.tenant_id, analysis_id, 2)
    assert await sweep(studio.s3, second, keep_own=True) == 1
    assert await studio.artifacts(envelope) == set(keys[1:])
    assert await sweep(studio.s3, second, keep_own=False) == 1
    assert await studio.artifacts(envelope) == set(keys[2:])
