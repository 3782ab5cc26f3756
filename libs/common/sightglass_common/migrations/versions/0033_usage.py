"""What answers took: of time, of sources, and of money."""

from sightglass_common.migrations.statements import run_sql

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0033_usage.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0033_usage.down.sql")
