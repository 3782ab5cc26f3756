"""`sightglass-detect`: files in, findings out."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from sightglass_detect.catalogue import shipped
from sightglass_detect.cli.arguments import Arguments, BadConfig, parsed
from sightglass_detect.cli.files import Place, Skip, files, findings_in
from sightglass_detect.cli.formats import WRITERS
from sightglass_detect.cli.progress import Progress
from sightglass_detect.scanning import engine_for
from sightglass_detect.settings import UnknownDetector
from sightglass_detect.streams import stream_scanner

NOTHING: Final = 0
UNREAD: Final = 1
USAGE: Final = 2
FOUND: Final = 3
# A file that was named, or could be expected to be read, and was not.
_FAILURES: Final = frozenset({Skip.DENIED, Skip.GONE})


class Run:
    """One run over files. What it counts is told when it is over."""

    def __init__(self, arguments: Arguments, progress: Progress) -> None:
        self._arguments = arguments
        self._progress = progress
        engine_for(arguments.settings)  # what cannot be is said before any file is read
        self._shown = {detector.id: detector.shown for detector in arguments.settings.chosen(shipped())}
        self.read = self.found = 0
        self.skipped: Counter[Skip] = Counter()

    def places(self) -> Iterator[Place]:
        """All findings, file by file."""
        allow = self._arguments.settings.allow
        for file in files(self._arguments.paths, self._arguments.choice):
            allowed = Skip.ALLOWED if allow.allows_path(file.path) else None
            found = (
                file.skip or allowed or findings_in(file.path, stream_scanner(self._arguments.settings), self._shown)
            )
            if isinstance(found, Skip):
                self._skip(file.path, found)
                continue
            self.read += 1
            self.found += len(found)
            self._progress.read(file.size_bytes, file.path, self.found)
            yield from found

    def _skip(self, path: str, reason: Skip) -> None:
        self.skipped[reason] += 1
        if reason in _FAILURES:
            self._progress.say(f"{path}: {reason}")

    @property
    def summary(self) -> str:
        """One line: files that were read, findings, and what was skipped why."""
        told = f"{self.read} files read, {self.found} findings"
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self.skipped.items()))
        return f"{told}; skipped: {reasons}" if reasons else told

    @property
    def exit_code(self) -> int:
        """What the program ends with."""
        if self.found:
            return FOUND
        return UNREAD if _FAILURES & self.skipped.keys() else NOTHING


def main(words: Sequence[str] | None = None, program: str = "python -m sightglass_detect") -> int:
    """Run it; returns what the program ends with. program: what it is called in its help."""
    try:
        arguments = parsed(sys.argv[1:] if words is None else words, program)
        if arguments.lists:
            return _listed()
        with Progress(lambda: _bytes_of(arguments), quiet=arguments.quiet) as progress:
            run = Run(arguments, progress)
            _write(arguments, run, progress)
            progress.say(run.summary)
    except (BadConfig, UnknownDetector, ImportError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    return run.exit_code


def _bytes_of(arguments: Arguments) -> int:
    return sum(file.size_bytes for file in files(arguments.paths, arguments.choice) if file.skip is None)


def _write(arguments: Arguments, run: Run, progress: Progress) -> None:
    form = arguments.form or ("table" if sys.stdout.isatty() else "jsonl")
    detectors = arguments.settings.chosen(shipped())
    with suppress(BrokenPipeError):  # whoever reads has seen enough
        for piece in WRITERS[form](run.places(), detectors):
            progress.erase()
            sys.stdout.write(piece)
        sys.stdout.flush()


def _listed() -> int:
    for detector in shipped():
        off = "" if detector.on else " (off unless asked for)"
        sys.stdout.write(f"{detector.id:<24} {detector.family:<24} {detector.severity!s:<10} {detector.title}{off}\n")
    return NOTHING
