"""Texts on the screens of videos, looked through for sensitive data."""
