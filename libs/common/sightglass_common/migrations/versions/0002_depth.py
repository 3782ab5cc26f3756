"""What analyses find beyond scenes: texts on screen, motion, tracks, scores, and the files that show them."""

from sightglass_common.migrations.statements import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0002_depth.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0002_depth.down.sql")
