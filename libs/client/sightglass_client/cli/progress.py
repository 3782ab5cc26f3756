"""Progress on stderr: bars on a terminal, a line for each step elsewhere."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn, TransferSpeedColumn
from rich.progress import Progress as RichProgress

from sightglass_client.cli.output import printable
from sightglass_client.models import Job
from sightglass_client.scans import Scan


class Progress(Protocol):
    """Shows how far uploads and jobs have come."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def upload(self, name: str) -> Callable[[int, int], None]:
        """Begin to show an upload; returns what is told (bytes sent, bytes in all)."""
        ...

    def job(self, name: str) -> Callable[[Job], None]:
        """Begin to show a job; returns what is told the job as it changes."""
        ...

    def scan(self, name: str) -> Callable[[Scan], None]:
        """Begin to show a scan; returns what is told the scan as it changes."""
        ...


def progress(*, quiet: bool) -> Progress:
    """What suits stderr. quiet: nothing where there is no terminal."""
    console = Console(stderr=True, highlight=False)
    return _Bars(console) if console.is_terminal else _Lines(quiet=quiet)


class _Bars:
    def __init__(self, console: Console) -> None:
        name, bar = TextColumn("{task.fields[label]}", markup=False), BarColumn(bar_width=30)
        self._bytes = RichProgress(name, bar, DownloadColumn(), TransferSpeedColumn(), console=console, transient=True)
        self._jobs = RichProgress(
            name,
            bar,
            TextColumn("{task.fields[state]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._running: RichProgress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show(None)

    def upload(self, name: str) -> Callable[[int, int], None]:
        self._show(self._bytes)
        task = self._bytes.add_task("", total=None, label=printable(name))
        return lambda sent, total: self._bytes.update(task, completed=sent, total=total)

    def job(self, name: str) -> Callable[[Job], None]:
        self._show(self._jobs)
        task = self._jobs.add_task("", total=1.0, label=printable(name), state="")

        def told(job: Job) -> None:
            done = 1.0 if job.over else job.progress or 0.0
            self._jobs.update(task, completed=done, state=printable(state(job)))

        return told

    def scan(self, name: str) -> Callable[[Scan], None]:
        self._show(self._jobs)
        task = self._jobs.add_task("", total=1.0, label=printable(name), state="")

        def told(scan: Scan) -> None:
            done = 1.0 if scan.over else scan.objects.over / (scan.objects.listed or 1)
            self._jobs.update(task, completed=done, state=state_of_scan(scan))

        return told

    def _show(self, wanted: RichProgress | None) -> None:
        if wanted is self._running:
            return
        if self._running:
            self._running.stop()
        if wanted:
            wanted.start()
        self._running = wanted


class _Lines:
    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def upload(self, name: str) -> Callable[[int, int], None]:
        self._say(f"{name}: uploading")

        def told(sent: int, total: int) -> None:
            if sent == total:
                self._say(f"{name}: uploaded {total} bytes")

        return told

    def job(self, name: str) -> Callable[[Job], None]:
        return lambda job: self._say(f"{name}: {state(job)}")

    def scan(self, name: str) -> Callable[[Scan], None]:
        return lambda scan: self._say(f"{name}: {state_of_scan(scan)}")

    def _say(self, text: str) -> None:
        if not self._quiet and text != self._last:
            self._last = text
            print(printable(text), file=sys.stderr, flush=True)  # noqa: T201 - stderr is for progress


def state(job: Job) -> str:
    """A job's state in two or three words."""
    running = f" ({job.stage})" if job.stage and job.status == "running" else ""
    again = f", attempt {job.attempt}" if job.attempt > 1 and not job.over else ""
    return f"{job.status}{running}{again}"


def state_of_scan(scan: Scan) -> str:
    """How far a scan is, how fast, and how long it will take."""
    rate = "" if scan.rate is None or scan.over else f", {scan.rate:.0f}/s"
    left = "" if scan.eta_s is None else f", {scan.eta_s:.0f} s left"
    return (
        f"{scan.status}, {scan.objects.over} of {scan.objects.listed} objects, {scan.findings.total} found{rate}{left}"
    )
