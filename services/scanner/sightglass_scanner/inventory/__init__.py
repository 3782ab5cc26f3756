"""Scans of what an inventory of a bucket lists: S3 writes one a day or a week, as files in another bucket."""
