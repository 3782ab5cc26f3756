"""Where the API is and which key opens it: arguments, then the environment, then the file that `make dev` writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sightglass_client.errors import NotConfigured

URL: Final = "SIGHTGLASS_URL"
API_KEY: Final = "SIGHTGLASS_API_KEY"
ENV_FILE: Final = Path(".sightglass/env")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_HINT: Final = (
    f"Start Sightglass on this machine with `make dev` and run this in its folder, or set {URL} and {API_KEY}."
)


@dataclass(frozen=True)
class Config:
    """An address and its key. `file` is the file that gave one of them, if a file did."""

    url: str
    api_key: str = field(repr=False)
    file: Path | None = None


def resolve(url: str | None, api_key: str | None, *, environ: Mapping[str, str], cwd: Path) -> Config:
    """Find address and key. Raises NotConfigured, which names what is missing.

    A key goes only where it belongs: one from the file to the file's own address, and one from elsewhere to a file's
    address only if that is this machine. So a checkout of a stranger cannot draw a key to its author.
    """
    given_url = url or environ.get(URL) or ""
    given_key = api_key or environ.get(API_KEY) or ""
    if given_url and given_key:
        return Config(_checked(given_url), given_key)
    file = find_env_file(cwd)
    values = _read(file) if file else {}
    file_url, file_key = values.get(URL, ""), values.get(API_KEY, "")
    if given_url:
        key = file_key if file_url and _checked(file_url) == _checked(given_url) else ""
    else:
        key = given_key if given_key and _is_here(file_url) else "" if given_key else file_key
    if not (found := given_url or file_url):
        raise NotConfigured("There is no address of Sightglass.", detail=f"{URL} is not set.", hint=_HINT)
    if not key:
        raise NotConfigured(f"There is no API key for {found}.", detail=f"{API_KEY} is not set for it.", hint=_HINT)
    return Config(_checked(found), key, file)


def find_env_file(cwd: Path) -> Path | None:
    """The nearest `.sightglass/env`, in this folder or one above it."""
    places = (folder / ENV_FILE for folder in (cwd, *cwd.parents))
    return next((place for place in places if place.is_file()), None)


def _read(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"{file} cannot be read.", detail=str(error), hint=_HINT) from error
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise NotConfigured(f"{url!r} is no address.", detail="It must look like https://sightglass.example.com.")
    return url.rstrip("/")


def _is_here(url: str) -> bool:
    return bool(url) and urlsplit(_checked(url)).hostname in LOOPBACK
