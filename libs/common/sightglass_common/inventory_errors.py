"""Errors of scans that take their objects from an inventory of the bucket; like those of `errors`."""

from sightglass_common.errors import Kind, SightglassError


class InventoryNotFound(SightglassError):
    """There is no inventory of the bucket."""

    code, kind = "inventory_not_found", Kind.REJECTED


class InventoryOfAnotherBucket(SightglassError):
    """The inventory is of another bucket than the one to be scanned."""

    code, kind = "inventory_of_another_bucket", Kind.REJECTED


class InventoryBroken(SightglassError):
    """The inventory cannot be read, or does not say what a scan needs."""

    code, kind = "inventory_broken", Kind.REJECTED


class InventoryFileMissing(SightglassError):
    """A file that the inventory's manifest names is gone."""

    code, kind = "inventory_file_missing", Kind.REJECTED


class InventoryChecksumMismatch(SightglassError):
    """A file of the inventory is not as its checksum says."""

    code, kind = "inventory_checksum_mismatch", Kind.REJECTED
