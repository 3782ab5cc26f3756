"""Datasets and their documents."""
