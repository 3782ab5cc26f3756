"""All SQL of the objects that are counted by folder. Runs in the transaction of a page's effect."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sightglass_common.db import Db
from sightglass_scanner.folders import ITSELF, Folder

# Where more folders than this lie side by side, no further ones get a row: readers of the table leave all of them out,
# so that it does not matter which came first.
SIDE_BY_SIDE: Final = 1000

# In the order of the key, so that two transactions lock the same rows in the same order.
_COUNT: Final = """
    INSERT INTO scan_folder AS s (tenant_id, scan_id, parent, name, objects)
    SELECT %(tenant_id)s, %(scan_id)s, f.parent, f.name, f.objects
    FROM unnest(%(parents)s::text[], %(names)s::text[], %(objects)s::bigint[]) AS f (parent, name, objects)
    WHERE f.name = %(itself)s
       OR (SELECT count(*) FROM (SELECT FROM scan_folder k WHERE k.scan_id = %(scan_id)s AND k.parent = f.parent
                                 AND k.name <> %(itself)s LIMIT %(side_by_side)s + 1) AS kin) <= %(side_by_side)s
    ORDER BY f.parent, f.name
    ON CONFLICT (tenant_id, scan_id, parent, name) DO UPDATE SET objects = s.objects + excluded.objects
"""


async def count(db: Db, tenant_id: UUID, scan_id: UUID, counted: Mapping[Folder, int]) -> None:
    """Add to the folders of a scan."""
    values = {
        "tenant_id": tenant_id,
        "scan_id": scan_id,
        "parents": [folder.parent for folder in counted],
        "names": [folder.name for folder in counted],
        "objects": list(counted.values()),
        "itself": ITSELF,
        "side_by_side": SIDE_BY_SIDE,
    }
    await db.execute(_COUNT, values)
