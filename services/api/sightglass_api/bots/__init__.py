"""Bots: datasets under a name that people talk to."""
