"""Client of Sightglass: `Sightglass` is the typed HTTP client, `sightglass` the command built on it.

The names below are loaded when first used, so that `sightglass --help` need not wait for an HTTP library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sightglass_client.client import Sightglass
    from sightglass_client.errors import ApiError, ClientError, NotConfigured, Unreachable

__all__ = ["ApiError", "ClientError", "NotConfigured", "Sightglass", "Unreachable"]

_HOMES: Final = {"Sightglass": "sightglass_client.client"}


def __getattr__(name: str) -> object:
    """Load a public name from the module that holds it. Raises AttributeError for any other name."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES.get(name, "sightglass_client.errors")), name)
