"""Prefixes of buckets whose objects are documents of a dataset, and stay so."""

from sightglass_common.migrations.statements import run_sql

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0030_dataset_prefixes.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0030_dataset_prefixes.down.sql")
