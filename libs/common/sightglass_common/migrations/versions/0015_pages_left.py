"""The pages that are left of a scan."""

from sightglass_common.migrations.statements import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0015_pages_left.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0015_pages_left.down.sql")
