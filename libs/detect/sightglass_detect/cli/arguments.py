"""The command line, and the file that says for a project what need not be said each time."""

import argparse
import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, cast, get_args

from sightglass_detect.cli.files import MAX_BYTES, Choice
from sightglass_detect.settings import AllowList, Engine, Settings

CONFIG: Final = ".sightglass-detect.toml"
FORMATS: Final = ("table", "jsonl", "sarif")


class BadConfig(ValueError):
    """The file of a project says what cannot be."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What is to be done. form: one of FORMATS; None: a table on a terminal, else JSON Lines."""

    paths: tuple[str, ...]
    settings: Settings
    choice: Choice
    form: str | None
    lists: bool
    quiet: bool


def parsed(words: Sequence[str], program: str) -> Arguments:
    """Read the command line. Ends the program with 2 for what cannot be understood. Raises BadConfig and OSError."""
    given = _parser(program).parse_args(words)
    config = _config(given.config)
    return Arguments(
        paths=tuple(given.paths) or (".",),
        settings=_settings(given, config),
        choice=Choice((*config.get("exclude", ()), *given.exclude), given.max_bytes),
        form=given.form,
        lists=given.list,
        quiet=given.quiet,
    )


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Find personal data and credentials in files and folders.",
        epilog="Exits with 0 when nothing was found, 3 when something was, 1 when a file could not be read, 2 for a "
        f"wrong usage. {CONFIG} in the current folder may hold exclude, detectors, without, min_confidence and a table "
        "[allow] with texts, patterns and paths.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; none: the current folder")
    parser.add_argument("--format", dest="form", choices=FORMATS, help="table on a terminal, else jsonl, if not said")
    parser.add_argument("--detectors", type=_names, metavar="NAMES", help="only these ids or families, with commas")
    parser.add_argument("--without", type=_names, default=None, metavar="NAMES", help="not these ids or families")
    parser.add_argument("--min-confidence", type=_share, metavar="N", help="0 to 1; 0.5 if not said")
    parser.add_argument("--public-ip", action="store_true", help="tell public IP addresses")
    parser.add_argument("--normalise", action="store_true", help="find what is hidden or encoded as well; slower")
    parser.add_argument("--ocr", action="store_true", help="the text was read by a machine: letters may be digits")
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="PATTERN", help="shell pattern of a path or name"
    )
    parser.add_argument("--max-bytes", type=int, default=MAX_BYTES, metavar="N", help="skip larger files")
    parser.add_argument("--engine", choices=get_args(Engine), default="auto", help="re is slow, and finds the same")
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"in place of {CONFIG}")
    parser.add_argument("--quiet", action="store_true", help="no progress and no summary on stderr")
    parser.add_argument("--list", action="store_true", help="list the detectors, and end")
    return parser


def _settings(given: argparse.Namespace, config: dict[str, Any]) -> Settings:
    def said(name: str, default: Any) -> Any:
        value = getattr(given, name)
        return config.get(name, default) if value is None else value

    detectors = said("detectors", None)
    return Settings(
        detectors=None if detectors is None else frozenset(detectors),
        without=frozenset(said("without", ())),
        min_confidence=said("min_confidence", Settings().min_confidence),
        public_ip=given.public_ip,
        allow=config.get("allow", AllowList()),
        normalise=given.normalise,
        ocr=given.ocr,
        engine=given.engine,
        cache=Path(folder) if (folder := os.environ.get("SIGHTGLASS_DETECT_CACHE")) else None,
    )


def _config(path: Path | None) -> dict[str, Any]:
    file = path or Path(CONFIG)
    if path is None and not file.exists():
        return {}
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{file}: {error}"
        raise BadConfig(message) from error
    for name, value in told.items():
        if name not in _READ:
            message = f"{file}: there is no {name}; there are {', '.join(_READ)}"
            raise BadConfig(message)
        try:
            told[name] = _READ[name](value)
        except (TypeError, ValueError, argparse.ArgumentTypeError) as error:
            message = f"{file}: {name}: {error}"
            raise BadConfig(message) from error
    return told


def _strings(value: Any) -> tuple[str, ...]:
    values = cast("list[Any]", value) if isinstance(value, list) else [None]
    if not all(isinstance(one, str) for one in values):
        raise TypeError("a list of strings is needed")
    return tuple(map(str, values))


def _allow(value: Any) -> AllowList:
    names = {field.name for field in fields(AllowList)}
    table = cast("dict[str, Any]", value) if isinstance(value, dict) else {"": None}
    if not names >= table.keys():
        message = f"a table of {', '.join(sorted(names))} is needed"
        raise TypeError(message)
    lists = {name: _strings(one) for name, one in table.items()}
    return AllowList(frozenset(lists.get("texts", ())), lists.get("patterns", ()), lists.get("paths", ()))


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _share(value: Any) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        message = f"{value} is not from 0 to 1"
        raise argparse.ArgumentTypeError(message)
    return share


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "exclude": _strings,
    "detectors": _strings,
    "without": _strings,
    "min_confidence": _share,
    "allow": _allow,
}
