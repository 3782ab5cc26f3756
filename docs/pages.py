"""Writes the pages of docs/ that are made from the code: settings.md, errors.md (`make docs`; `--check` compares)."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from sightglass_api.settings import ApiSettings
from sightglass_chat.settings import ChatSettings
from sightglass_common.errors import Kind, all_errors
from sightglass_common.migrations.__main__ import MigrationSettings
from sightglass_common.settings import ConsumerSettings, Settings
from sightglass_scanner.settings import ScannerSettings
from sightglass_worker.settings import WorkerSettings

HERE: Final = Path(__file__).parent
MADE: Final = "<!-- Made from the code by `make docs`. -->"

_WHAT_TO_DO: Final = {
    Kind.INVALID: "Change the request.",
    Kind.UNAUTHENTICATED: "Send a valid key: `Authorization: Bearer sg_...`.",
    Kind.FORBIDDEN: "Ask for another role, or for the bucket to be linked.",
    Kind.NOT_FOUND: "Check the id; another tenant's looks the same.",
    Kind.CONFLICT: "Look at the state that it is in.",
    Kind.TOO_LARGE: "Send less.",
    Kind.RATE_LIMITED: "Wait as long as `Retry-After` says.",
    Kind.REJECTED: "Change the object; a retry cannot help.",
    Kind.TRANSIENT: "Try again; jobs do so by themselves.",
    Kind.INTERNAL: "A fault of ours: the request id finds it in the logs.",
}


def errors_page() -> str:
    """docs/errors.md: each code, what it means, and what to do."""
    rows = "\n".join(f"| `{e.code}` | {e.title()} | {e.kind} | {_WHAT_TO_DO[e.kind]} |" for e in all_errors())
    return f"""{MADE}
# Errors

Each answer that is an error is `application/problem+json` (RFC 9457) with a `code` of this list and a `request_id`.
A job that failed has the same codes in `error.code`. Codes are never renamed.

| code | what it means | kind | what to do |
| --- | --- | --- | --- |
{rows}
"""


def settings_page() -> str:
    """docs/settings.md: each variable of each part."""
    parts = (
        ("Every service", Settings, None),
        ("Every service that consumes queues: worker, scanner, chat", ConsumerSettings, Settings),
        ("services/api", ApiSettings, Settings),
        ("services/worker", WorkerSettings, ConsumerSettings),
        ("services/scanner", ScannerSettings, ConsumerSettings),
        ("services/chat", ChatSettings, ConsumerSettings),
        ("Migrations", MigrationSettings, None),
    )
    tables = "\n".join(_table(title, settings, base) for title, settings, base in parts)
    return f"""{MADE}
# Settings

All from the environment. AWS is configured by the SDK's own variables (`AWS_ENDPOINT_URL`, `AWS_REGION`, credentials).
For the stack on one machine there are five more, read by `make dev` and `make demo`:

| variable | meaning |
| --- | --- |
| `SIGHTGLASS_DATABASE_URL` | A Postgres to use instead of starting one, as its owner or a superuser. |
| `AWS_ENDPOINT_URL` | An S3 and SQS to use instead of starting LocalStack; set and empty: AWS itself. |
| `SIGHTGLASS_PG_BIN` | Folder of another Postgres' programs. |
| `SIGHTGLASS_LOCALSTACK_PYTHON` | Python of another environment that LocalStack is installed in. |
| `SIGHTGLASS_COPY_EVERY_S` | Seconds between copies of LocalStack's objects to disk, 0.1 to 86400; 30 by default. |

{tables}"""


def _table(title: str, settings: type[BaseSettings], base: type[BaseSettings] | None) -> str:
    rows = "\n".join(_rows(settings, set(base.model_fields) if base else set()))
    return f"## {title}\n\n| variable | default | meaning |\n| --- | --- | --- |\n{rows}\n"


def _rows(settings: type[BaseSettings], left_out: set[str]) -> Iterator[str]:
    prefix = settings.model_config.get("env_prefix", "")
    for name, field in settings.model_fields.items():
        if name not in left_out:
            yield f"| `{prefix}{name.upper()}` | {_shown(field.default)} | {field.description} |"


def _shown(default: object) -> str:
    if default is PydanticUndefined:
        return "required"
    return "none" if default is None or default == "" else f"`{default}`"


def main() -> int:
    """Write the pages, or compare them with what stands there."""
    stale = 0
    for name, text in (("errors.md", errors_page()), ("settings.md", settings_page())):
        page = HERE / name
        if "--check" not in sys.argv:
            page.write_text(text, "utf-8")
        elif not page.exists() or page.read_text("utf-8") != text:
            stale += 1
            sys.stderr.write(f"docs/{name} is not what the code says: run `make docs`.\n")
    return int(stale > 0)


if __name__ == "__main__":
    sys.exit(main())
