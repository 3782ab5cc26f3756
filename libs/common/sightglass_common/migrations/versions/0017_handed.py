"""Films that a scan hands on to be analysed, and waits for."""

from sightglass_common.migrations.statements import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0017_handed.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0017_handed.down.sql")
