"""Documents of datasets: read from their sources, redacted as a whole, and left for chat to index."""
