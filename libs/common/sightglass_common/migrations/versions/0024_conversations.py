"""Conversations: questions, and their answers as they come."""

from sightglass_common.migrations.statements import run_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0024_conversations.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0024_conversations.down.sql")
