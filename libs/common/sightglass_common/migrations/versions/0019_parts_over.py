"""Jobs of parts of scans that are long over."""

from sightglass_common.migrations.statements import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0019_parts_over.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0019_parts_over.down.sql")
