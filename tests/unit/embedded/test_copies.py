"""When the buckets are copied, and when not."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sightglass_embedded import copies
from sightglass_embedded.buckets import Restored
from sightglass_embedded.copies import BadInterval, Copies, interval_s

S3: Any = object()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order."""
    done: list[str] = []

    async def export(s3: object, folder: Path) -> int:
        done.append("export")
        return 0

    async def restore(s3: object, folder: Path) -> Restored:
        done.append("restore")
        return Restored(objects=1, lost=["videos/a"])

    monkeypatch.setattr(copies, "export_buckets", export)
    monkeypatch.setattr(copies, "restore_buckets", restore)
    return done


async def test_a_stand_in_that_was_not_restored_is_never_copied(tmp_path: Path, calls: list[str]) -> None:
    kept = Copies(tmp_path, print)
    await kept.finish(S3)
    await kept.restore(S3)
    await kept.suspend()
    await kept.finish(S3)
    assert calls == ["restore"]


async def test_the_last_copy_is_made_once(tmp_path: Path, calls: list[str]) -> None:
    kept = Copies(tmp_path, print)
    await kept.restore(S3)
    await kept.finish(S3)
    await kept.finish(S3)
    assert calls == ["restore", "export"]


async def test_copies_go_on_after_one_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[str]) -> None:
    said: list[str] = []
    tried: list[int] = []

    async def export(s3: object, folder: Path) -> int:
        tried.append(1)
        if len(tried) == 1:
            raise OSError(28, "No space left on device")
        kept_going.set()
        return 0

    kept_going = asyncio.Event()
    monkeypatch.setattr(copies, "export_buckets", export)
    kept = Copies(tmp_path, said.append, every_s=0.001)
    await kept.restore(S3)
    await asyncio.wait_for(kept_going.wait(), 10)
    await kept.suspend()
    assert "videos/a" in said[0]
    assert "No space left" in said[1]


@pytest.mark.parametrize(("word", "seconds"), [("0.5", 0.5), ("60", 60.0), ("", 30.0)])
def test_how_often_is_a_setting(word: str, seconds: float) -> None:
    assert interval_s({"SIGHTGLASS_COPY_EVERY_S": word}) == seconds
    assert interval_s({}) == 30.0


@pytest.mark.parametrize("word", ["often", "0", "-1", "nan", "inf"])
def test_a_setting_that_is_no_interval_is_named(word: str) -> None:
    with pytest.raises(BadInterval, match=f"SIGHTGLASS_COPY_EVERY_S is '{word}'"):
        interval_s({"SIGHTGLASS_COPY_EVERY_S": word})
