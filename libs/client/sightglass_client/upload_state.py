"""Which upload a file belongs to, kept on disk so that a second start goes on where the first stopped."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

from sightglass_client.config import Config
from sightglass_client.source import Source

_KEPT_S: Final = 7 * 86_400  # the server gives an upload a day; the rest is margin
_log: Final = logging.getLogger(__name__)


def default_folder(environ: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/sightglass/uploads`, which is in `~/.cache` by default."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sightglass" / "uploads"


class UploadState:
    """The upload of one file to one address of one API with one key. Holds no link and no key.

    A file that has changed has another state, so an upload is never gone on with other bytes.
    """

    def __init__(self, folder: Path, config: Config, address: str, source: Source) -> None:
        file = (str(source.path), source.size_bytes, source.mtime_ns, source.inode)
        identity = (config.url, config.api_key, address, *file)
        name = hashlib.sha256("\0".join(map(str, identity)).encode("utf-8", "surrogateescape")).hexdigest()
        self._file = folder / f"{name}.json"

    def load(self) -> str | None:
        """The id of the upload that was begun; None if there is none, or if it cannot be read."""
        try:
            content: object = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return None  # at worst the bytes are sent again
        if not isinstance(content, dict):
            return None
        upload_id = cast("dict[str, object]", content).get("upload_id")
        return upload_id if isinstance(upload_id, str) else None

    def save(self, upload_id: str) -> None:
        """Remember the upload. Where that cannot be, it is logged: the upload goes on and cannot be resumed."""
        new = self._file.with_suffix(f".{os.getpid()}.new")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_text(json.dumps({"upload_id": upload_id}), encoding="utf-8")
            new.replace(self._file)
            _sweep(self._file.parent)
        except OSError as error:
            _log.warning("This upload could not be resumed if it were cut: %s", error)

    def forget(self) -> None:
        """The upload is over."""
        with suppress(OSError):  # a state that stays names a completed upload, and that answers as before
            self._file.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    oldest = time.time() - _KEPT_S
    for file in folder.iterdir():
        with suppress(FileNotFoundError):  # another upload swept it
            if file.stat().st_mtime < oldest:
                file.unlink()
