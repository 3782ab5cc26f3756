"""Documents are deleted, read anew, and withheld while they are redacted by older rules."""

from sightglass_common.migrations.statements import run_sql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0029_upkeep.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0029_upkeep.down.sql")
