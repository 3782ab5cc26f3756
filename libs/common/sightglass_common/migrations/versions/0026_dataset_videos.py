"""Videos as documents of datasets."""

from sightglass_common.migrations.statements import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0026_dataset_videos.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0026_dataset_videos.down.sql")
