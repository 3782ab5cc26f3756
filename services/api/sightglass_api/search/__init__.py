"""The search of datasets."""
