"""In how many pictures of a video persons were looked for."""

from sightglass_common.migrations.statements import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0005_pose.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0005_pose.down.sql")
