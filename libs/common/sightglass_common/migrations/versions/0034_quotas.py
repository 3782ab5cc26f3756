"""How many questions and tokens a tenant, a bot or a key may take."""

from sightglass_common.migrations.statements import run_sql

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0034_quotas.up.sql")


def downgrade() -> None:
    """Run the SQL beside this file."""
    run_sql("0034_quotas.down.sql")
