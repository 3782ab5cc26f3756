"""Objects of a page that earlier scans have seen as they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sightglass_common.db import Db
from sightglass_common.ids import new_id
from sightglass_scanner import found_queries, look_queries
from sightglass_scanner.looks import Known, Look, LookRow, finding_ids, row_of
from sightglass_scanner.queries import Scan
from sightglass_scanner.results import Tally
from sightglass_scanner.selection import Listed
from sightglass_scanner.spans import lists_in_order

# Of more rows that tell of one page, one is made.
_MOST_ROWS: Final = 4


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Looks at objects of a page, by key, and the rows that they are from.

    wanted: the keys that the scan asks for. without_gaps: whether the page is all keys between its first and its last.
    """

    way: bytes
    looks: Mapping[str, Look] = field(default_factory=dict[str, Look])
    rows: Sequence[LookRow] = ()
    wanted: frozenset[str] = frozenset()
    without_gaps: bool = False

    @property
    def of_scan(self) -> list[Look]:
        """Those that take the place of reading."""
        return [look for key, look in self.looks.items() if key in self.wanted]

    async def take(self, db: Db, scan: Scan, tally: Tally) -> None:
        """Make what they came to the scan's, and count it. In the transaction of the page's effect."""
        await take_known(db, scan, self.of_scan, tally)
        await self._put_together(db, scan)

    async def _put_together(self, db: Db, scan: Scan) -> None:
        """Make one row of many. What reaches beyond the page stays, as not all that it tells is here."""
        if not self.without_gaps:
            return
        keys = sorted(self.looks, key=str.encode)
        within = [row.look_id for row in self.rows if keys and keys[0] <= row.first_key and row.last_key <= keys[-1]]
        if len(within) > _MOST_ROWS:
            await look_queries.remove(db, within)
            row = row_of(new_id(), list(self.looks.values()))
            await look_queries.add(db, scan.tenant_id, scan.bucket, self.way, row)


async def take_known(db: Db, scan: Scan, looks: Iterable[Look], tally: Tally) -> None:
    """Make what was seen of objects before the scan's, and count it."""
    looks = list(looks)
    for look in looks:
        look.result.count(tally)
        tally.add("unchanged", look.size_bytes)
    await found_queries.add_notes(db, scan.tenant_id, scan.scan_id, [note for look in looks for note in look.notes])
    found = [finding for look in looks for finding in look.findings]
    for severity, detector, findings in await look_queries.link(db, scan.tenant_id, scan.scan_id, found):
        tally.add(f"finding:severity:{severity}", objects=findings)
        tally.add(f"finding:detector:{detector}", objects=findings)


async def unchanged(db: Db, scan: Scan, way: bytes, page: Sequence[Listed], wanted: frozenset[str]) -> Unchanged:
    """What is known of a page. wanted: keys of the objects that are to be read, or to be known."""
    keys = sorted((listed.key for listed in page if "\0" not in listed.key), key=str.encode)
    if not scan.incremental or not keys:
        return Unchanged(way)
    rows = await look_queries.between(db, scan.bucket, way, keys[0], keys[-1])
    known = Known(rows, await look_queries.there(db, finding_ids(rows)))
    looks = {listed.key: look for listed in page if (look := known.look(listed))}
    # Between two keys of an inventory's page, which may be in any order, are those of other pages.
    return Unchanged(way, looks, rows, wanted, scan.source == "list" and lists_in_order(scan.bucket))
