"""Images that a scan has read by the text engine of the worker."""

from sightglass_common.migrations.statements import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0018_images.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0018_images.down.sql")
