"""What starting the API loads."""

import subprocess
import sys


def test_the_application_is_put_together_without_what_only_agents_need() -> None:
    """Half a second and 36 MB."""
    code = "import sys, sightglass_api.app; print(sorted({'mcp', 'jsonschema', 'sse_starlette'} & set(sys.modules)))"
    loaded = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"
