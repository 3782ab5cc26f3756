"""Datasets, their documents, and what is searched of them."""

from sightglass_common.migrations.statements import run_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0023_datasets.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0023_datasets.down.sql")
