"""Postings as arrays that are read whole."""

from sightglass_common.migrations.statements import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0028_packed_postings.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0028_packed_postings.down.sql")
