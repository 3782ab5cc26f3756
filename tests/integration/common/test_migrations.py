"""The schema goes up, down and up again."""

from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql

from sightglass_common.migrations import run
from sightglass_embedded.postgres import Postgres

# Columns, constraints, policies, indexes, grants and functions of the schema.
CATALOGUE: tuple[LiteralString, ...] = (
    """SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
       WHERE table_schema = 'public' ORDER BY 1, 2""",
    """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    """SELECT grantee, table_name, column_name, privilege_type FROM information_schema.column_privileges
       WHERE table_schema = 'public' ORDER BY 1, 2, 3, 4""",
    "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
)


def dump(url: str) -> list[tuple[object, ...]]:
    """What the catalogue says of a database's schema."""
    with psycopg.connect(url) as db:
        return [row for query in CATALOGUE for row in db.execute(query)]


def test_up_down_up_gives_the_same_schema_and_down_leaves_nothing(postgres: Postgres) -> None:
    name = f"migration_{uuid4().hex[:8]}"
    with psycopg.connect(postgres.url(), autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = postgres.url(name)
    empty = dump(url)
    run.upgrade(url)
    first = dump(url)
    assert len(first) > 100
    run.downgrade(url)
    assert [row for row in dump(url) if "alembic" not in str(row)] == empty
    run.upgrade(url)
    assert dump(url) == first


def test_head_is_the_revision_that_an_upgrade_reaches(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url("sightglass_template")) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == (run.head(),)
