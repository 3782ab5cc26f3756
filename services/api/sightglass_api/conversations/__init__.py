"""Conversations: questions about what is in datasets, and their answers."""
