"""Values shown to those who may see them, and what is noted of it."""

from sightglass_common.migrations.statements import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0009_reveals.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0009_reveals.down.sql")
