"""What a preview knows of a video, and what it does not: it counts no frames."""

from sightglass_common.migrations.statements import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0004_preview.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0004_preview.down.sql")
