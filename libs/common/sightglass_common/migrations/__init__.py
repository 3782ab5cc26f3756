"""The database's schema: Alembic revisions in plain SQL. No service imports this package."""
