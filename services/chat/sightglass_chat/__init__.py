"""Makes redacted documents searchable. Its role in the database can read no text in clear."""
