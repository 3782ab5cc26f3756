"""What label providers say the frames of scenes show, and what was paid for."""

from sightglass_common.migrations.statements import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0003_labels.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0003_labels.down.sql")
