"""Samples of so many objects."""

from sightglass_common.migrations.statements import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0021_sample_objects.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0021_sample_objects.down.sql")
