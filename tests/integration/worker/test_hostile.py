"""AnalyzeVideo on films made to break it: the job ends with the code, the worker lives, nothing is left in S3."""

import pytest
from tests import films
from tests.films import film
from tests.integration.worker.studio import Studio
from tests.processes import open_descriptors
from tests.unit.worker import forged_boxes as boxes
from tests.unit.worker import forged_films as forged
from tests.unit.worker.mutator import mutant
from tests.unit.worker.ordeal import ENDS

from sightglass_common.messages import AnalyzeVideo, Envelope
from sightglass_common.outcomes import Done

REFUSED: list[tuple[str, bytes, str]] = [
    ("boxes in boxes", boxes.nested(b"moov", 5_000), "corrupt_container"),
    ("2^31 frames", boxes.table("stts", 1, 0x7FFFFFFF, 512), "too_long"),
    ("samples at the end of all numbers", boxes.sample_at((1 << 63) - 10), "corrupt_stream"),
    ("thirty thousand tracks", boxes.tracks(30_000), "corrupt_container"),
    ("encrypted", films.encrypted(boxes.SOUND), "encrypted"),
    ("AVI bomb", films.avi_of_size(16_000, 16_000), "dimensions_too_large"),
    ("VP9 bomb", forged.vp9_of_size(8192, 4320), "corrupt_stream"),
    ("archive", forged.zipped(), "not_a_video"),
    ("playlist behind ftyp", forged.playlists("http://127.0.0.1:1/a.ts")["HLS behind ftyp"], "corrupt_container"),
]


@pytest.mark.parametrize(("body", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
async def test_a_hostile_film_fails_for_good_and_leaves_nothing(studio: Studio, body: bytes, code: str) -> None:
    envelope = await studio.of(body)
    assert await studio.run(envelope) == Done()
    job = await studio.job(envelope)
    assert (job["status"], job["error_code"], job["error_retryable"]) == ("failed", code, False)
    assert job["attempt"] == 1
    await _nothing_left(studio, envelope)


async def test_an_endless_film_fails_for_good_and_the_next_one_is_analysed(studio: Studio) -> None:
    envelope = await studio.of(boxes.edits(100_000))
    assert await studio.run(envelope, decoder_cpu_s=3) == Done()
    job = await studio.job(envelope)
    assert (job["status"], job["error_code"], job["error_retryable"]) == ("failed", "processor_limit", False)
    await _nothing_left(studio, envelope)
    after = await studio.of(boxes.SOUND)
    await studio.run(after)
    assert (await studio.job(after))["status"] == "done"


async def test_a_frame_that_claims_to_last_for_ever_is_stored_as_one_that_does_not(studio: Studio) -> None:
    envelope = await studio.of(forged.last_block_lasts(1 << 62))
    assert await studio.run(envelope) == Done()
    assert (await studio.job(envelope))["status"] == "done"
    assert (await studio.found(envelope))["duration_us"] == 1_000_000


async def test_damaged_films_give_a_result_with_its_pictures_or_a_code(studio: Studio) -> None:
    data, other = film("codecs/bikes1s_h264.mp4"), film("codecs/bikes1s_av1.mp4")
    before = open_descriptors()
    for seed in range(6):
        envelope = await studio.of(mutant(seed, data, other)[1])
        assert await studio.run(envelope) == Done()
        job = await studio.job(envelope)
        assert (job["error_code"] or job["status"]) in ENDS
        if job["status"] == "failed":
            await _nothing_left(studio, envelope)
        else:
            assert {scene["thumbnail_key"] for scene in await studio.scenes(envelope)} < await studio.artifacts(
                envelope
            )
    assert open_descriptors() <= before + 2  # a connection to S3 may stay open


async def _nothing_left(studio: Studio, envelope: Envelope[AnalyzeVideo]) -> None:
    assert await studio.artifacts(envelope) == set()
    assert studio.leftovers() == []
