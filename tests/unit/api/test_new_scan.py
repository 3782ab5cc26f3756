"""What a scan may be asked for."""

from typing import Any

import pytest
from pydantic import ValidationError

from sightglass_api.scans.schemas import NewScan

MANIFEST = "s3://stock/lake/daily/2026-11-20T01-00Z/manifest.json"


@pytest.mark.parametrize(
    "asked",
    [
        {"inventory": MANIFEST},
        {"source": "list", "inventory": MANIFEST},
        {"source": "shelf"},
        {"source": "inventory", "inventory": "https://example.com/manifest.json"},
        {"source": "inventory", "inventory": "s3://stock"},
        {"source": "inventory", "inventory": "s3://stock/daily/"},
        {"source": "inventory", "inventory": "s3://stock/\0.json"},
    ],
)
def test_an_inventory_is_an_object_of_s3_and_named_for_a_scan_of_one(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewScan.model_validate({"bucket": "lake"} | asked)


@pytest.mark.parametrize(
    "sample",
    [{}, {"seed": 1}, {"share": 0.1, "objects": 10}, {"objects": 0}, {"objects": 10_001}, {"share": 0}],
)
def test_a_sample_is_a_share_or_a_number_of_objects(sample: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewScan.model_validate({"bucket": "lake", "sample": sample})


def test_a_scan_is_of_the_listing_unless_an_inventory_is_asked_for() -> None:
    assert NewScan.model_validate({"bucket": "lake"}).source == "list"
    named = NewScan.model_validate({"bucket": "lake", "source": "inventory", "inventory": MANIFEST})
    assert (named.source, named.inventory) == ("inventory", MANIFEST)
    assert NewScan.model_validate({"bucket": "lake", "source": "inventory"}).inventory is None
