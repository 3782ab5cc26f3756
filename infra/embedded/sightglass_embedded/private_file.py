"""Small files that only their owner may read, and that are there as a whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def replace_private(path: Path, content: bytes) -> None:
    """Write or replace a file of mode 0600 in one step that also a power cut does not halve."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def kept_secret(path: Path) -> str:
    """The secret in a file, which is made at the first call."""
    with suppress(FileNotFoundError):  # the first call
        return path.read_text(encoding="ascii").strip()
    secret = secrets.token_urlsafe(24)
    replace_private(path, f"{secret}\n".encode())
    return secret
