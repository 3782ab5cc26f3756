"""Datasets are kept in step with the objects below prefixes of buckets."""
