"""What people say of answers."""

from sightglass_common.migrations.statements import run_sql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0032_feedback.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0032_feedback.down.sql")
