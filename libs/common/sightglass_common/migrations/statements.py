"""How a revision runs the SQL file beside it."""

from pathlib import Path

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def run_sql(name: str) -> None:
    """Run `versions/<name>` in the migration's transaction, as it stands: no placeholder is looked for."""
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise RuntimeError("The migration has no connection.")
    connection.execute((_VERSIONS / name).read_text("utf-8"))
