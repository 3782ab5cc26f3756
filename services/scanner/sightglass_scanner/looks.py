"""What is kept of objects that were looked through, so that they need not be read again while they are the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from sightglass_scanner.results import ObjectNote, ObjectResult, Outcome
from sightglass_scanner.selection import Listed

_HASH_BYTES: Final = 16
# What may come out differently at the next look.
_PASSING: Final = frozenset({"timeout", "memory", "crashed"})


@dataclass(frozen=True, slots=True)
class Look:
    """An object in one state, and what it came to. findings: their ids."""

    key: str
    object: bytes
    size_bytes: int
    outcome: Outcome
    findings: Sequence[UUID] = ()
    notes: Sequence[ObjectNote] = ()

    @property
    def result(self) -> ObjectResult:
        """What it comes to again. Its findings are stored."""
        return ObjectResult(self.outcome, self.size_bytes, (), self.notes)


@dataclass(frozen=True, slots=True)
class LookRow:
    """Looks as they are stored: see 0013_looks."""

    look_id: UUID
    first_key: str
    last_key: str
    objects: bytes
    remarks: Sequence[Mapping[str, Any]]


def state(key: str, etag: str, size_bytes: int) -> bytes:
    """A hash of an object in one state."""
    named = "\0".join((key, etag.strip('"'), str(size_bytes)))
    return blake2b(named.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()


def look_of(key: str, etag: str, result: ObjectResult) -> Look | None:
    """What to keep of an object that was read; None when another look may come to something else."""
    if result.outcome in {"failed", "handed"} or "\0" in key:
        return None
    if result.notes and any(note.reason in _PASSING for note in result.notes):
        return None
    ids = [row.finding_id for row in result.findings] if result.findings else ()
    return Look(key, state(key, etag, result.size_bytes), result.size_bytes, result.outcome, ids, result.notes)


def row_of(look_id: UUID, looks: Sequence[Look]) -> LookRow:
    """Looks, at least one, as a row."""
    keys = sorted((look.key for look in looks), key=str.encode)
    objects = b"".join(sorted(look.object for look in looks))
    return LookRow(
        look_id, keys[0], keys[-1], objects, [remark_of(look) for look in looks if look.findings or look.notes]
    )


class Known:
    """Looks of earlier scans. findings: those of them that are there: with one that is gone, an object is not known."""

    def __init__(self, rows: Iterable[LookRow], findings: Iterable[UUID]) -> None:
        there = set(findings)
        self._objects: set[bytes] = set()
        self._remarks: dict[bytes, Mapping[str, Any]] = {}
        for row in rows:
            remarks = {bytes.fromhex(remark["object"]): remark for remark in row.remarks}
            lost = {known for known, remark in remarks.items() if not there.issuperset(map(UUID, remark["findings"]))}
            self._objects |= set(_parts(row.objects)) - lost
            self._remarks |= {known: remark for known, remark in remarks.items() if known not in lost}

    def look(self, listed: Listed) -> Look | None:
        """What an object came to that is as it was; None when it is not known."""
        known = state(listed.key, listed.etag, listed.size_bytes)
        if known not in self._objects:
            return None
        remark = self._remarks.get(known)
        if remark is None:
            return Look(listed.key, known, listed.size_bytes, "done")
        return look_told(listed, remark)


def finding_ids(rows: Iterable[LookRow]) -> list[UUID]:
    """The findings that rows speak of."""
    return [UUID(found) for row in rows for remark in row.remarks for found in remark["findings"]]


def remark_of(look: Look) -> dict[str, Any]:
    """What an object came to, as it is stored."""
    return {
        "object": look.object.hex(),
        "outcome": look.outcome,
        "version": look.notes[0].version if look.notes else "",
        "findings": [str(found) for found in look.findings],
        "notes": [[note.outcome, note.reason, note.detail] for note in look.notes],
    }


def look_told(listed: Listed, remark: Mapping[str, Any]) -> Look:
    """What `remark_of` has told of an object."""
    version = str(remark["version"])
    notes = [ObjectNote(listed.key, version, *note) for note in remark["notes"]]
    ids = [UUID(found) for found in remark["findings"]]
    return Look(listed.key, bytes.fromhex(remark["object"]), listed.size_bytes, remark["outcome"], ids, notes)


def _parts(objects: bytes) -> Iterator[bytes]:
    return (objects[at : at + _HASH_BYTES] for at in range(0, len(objects), _HASH_BYTES))
