"""Objects counted by folder, for the scores of prefixes."""

from sightglass_common.migrations.statements import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0010_scores.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0010_scores.down.sql")
