"""What is found in the texts that videos show."""

from sightglass_common.migrations.statements import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0008_screen_findings.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0008_screen_findings.down.sql")
