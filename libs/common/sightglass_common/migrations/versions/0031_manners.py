"""How bots and single turns are answered, tests of providers, and providers of the platform."""

from sightglass_common.migrations.statements import run_sql

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0031_manners.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0031_manners.down.sql")
