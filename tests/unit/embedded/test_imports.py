"""What starting the stack loads."""

import subprocess
import sys


def test_the_command_line_loads_nothing_heavy() -> None:
    heavy = "{'psycopg', 'aiobotocore', 'botocore', 'watchfiles', 'httpx', 'pydantic', 'alembic', 'rich'}"
    code = f"import sys, sightglass_embedded.__main__; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"
