"""Which children run the code that has just been changed."""

import importlib.util
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any, Final, Protocol, cast

# Package to the children that import it.
_RUN_BY: Final = {
    "sightglass_api": ("api", "relay"),
    "sightglass_worker": ("worker",),
    "sightglass_scanner": ("scanner",),
    "sightglass_chat": ("chat",),
    "sightglass_detect": ("scanner", "chat"),
    "sightglass_retrieval": ("api", "chat"),
    "sightglass_common": ("api", "relay", "worker", "scanner", "chat"),
}
_DEBOUNCE_MS: Final = 50  # an editor writes a file in several steps
_STEP_MS: Final = 20


class _Watch(Protocol):
    def __call__(self, *paths: Path, **settings: Any) -> AsyncGenerator[set[tuple[int, str]]]: ...


def source_folders() -> dict[str, Path]:
    """Where the packages lie whose code is watched."""
    specs = {name: importlib.util.find_spec(name) for name in _RUN_BY}
    return {name: Path(spec.origin).parent for name, spec in specs.items() if spec and spec.origin}


def children_of(paths: Iterable[Path], folders: dict[str, Path]) -> list[str]:
    """The children to restart when `paths` changed, in a fixed order, each once."""
    touched = {
        child
        for path in paths
        for package, folder in folders.items()
        if path.is_relative_to(folder)
        for child in _RUN_BY[package]
    }
    return sorted(touched)


async def changed_children(folders: dict[str, Path]) -> AsyncGenerator[list[str]]:
    """For each change of Python code, the children to restart. Never ends by itself."""
    import watchfiles  # noqa: PLC0415  # only for who reloads

    watch = cast("_Watch", cast("Any", watchfiles).awatch)  # its own type names a library it does not require
    async for batch in watch(
        *folders.values(), watch_filter=watchfiles.PythonFilter(), debounce=_DEBOUNCE_MS, step=_STEP_MS
    ):
        if children := children_of((Path(path) for _, path in batch), folders):
            yield children
