"""Alembic's entry: runs the revisions over the connection that `sightglass_common.migrations.run` hands in."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

# One migrator at a time; the number is arbitrary, and the same in every release.
_LOCK = 7_300_112


def migrate() -> None:
    """Run what was asked for, one transaction a revision, while holding the migration lock."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '10s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


migrate()
