"""What a decoder process does for its parent: a probe or a preview over byte ranges, an analysis of a file."""

import socket
from dataclasses import asdict
from typing import Final

from sightglass_common.sandbox.confine import allow_cpu, allow_memory
from sightglass_common.sandbox.wire import GarbledError, Message
from sightglass_common.video_errors import CorruptContainer
from sightglass_worker.decode.analysis import analyze_film
from sightglass_worker.decode.asking import Parent
from sightglass_worker.decode.glance import glance
from sightglass_worker.decode.glance_file import MOST_BYTES, GlanceFile
from sightglass_worker.decode.limits import Limits
from sightglass_worker.decode.preview import preview_film
from sightglass_worker.decode.probe import probe
from sightglass_worker.decode.range_service import RANGED, serve_ranged
from sightglass_worker.decode.report import message, messages
from sightglass_worker.decode.source import DescriptorFile, RangedFile
from sightglass_worker.decode.stills import FilmStills, film_stills
from sightglass_worker.decode.watching import watchers
from sightglass_worker.decode.wire import WIRE

# A header that needs more than this is scattered over the whole file; reading it would be a download.
_MAX_PROBE_BYTES: Final = 64 * 1024 * 1024
# A preview reads the header, and no byte of the film twice, but for blocks that two key frames lie in.
_MAX_PREVIEW_READS: Final = 2
_LOOKS: Final = frozenset({"glance", "probe", "probe_film"})


def serve(connection: socket.socket, limits: Limits) -> None:
    """Answer requests until the parent closes the connection.

    `probe {size_bytes}` asks back `window`, to which the answer is one byte with a window's descriptor, then
    `read {offset, size}`, answered by `bytes {size}` once they lie there, and ends with `probe`; `glance {size_bytes}`
    asks for little, and ends with `glance`. `analyze {watch}` asks back `film`, to which the answer is one byte with
    the film's descriptor; then comes what report.py makes, `analysis` last. `probe_film` asks back `film` as well, and
    ends with `probe`. `preview {size_bytes}` asks back `read`, between what report.py makes, `preview` last.
    `stills {origin_us}` asks back `film`; from then on each `still {t_us}` is answered by `still {t_us, found}` with a
    JPEG. Raises what glance, probe, analyze_film, preview_film and film_stills raise, and ConnectionError.
    """
    parent = Parent(connection)
    while request := WIRE.receive(connection):
        if request.kind in _LOOKS:
            allow_memory(limits.probe_memory_bytes)
            WIRE.send(connection, _looked_at(parent, request, limits))
        elif request.kind == "preview":
            allow_cpu(limits.cpu_s)
            allow_memory(limits.memory_bytes)
            size_bytes = int(request.fields["size_bytes"])
            ranges = parent.ranges(_MAX_PROBE_BYTES + _MAX_PREVIEW_READS * size_bytes, _scattered)
            for result in preview_film(RangedFile(ranges, size_bytes), limits):
                WIRE.send(connection, message(result))
        elif request.kind == "analyze":
            allow_cpu(limits.cpu_s)
            allow_memory(limits.memory_bytes)
            watching = watchers(request.fields["watch"])
            for told in messages(analyze_film(DescriptorFile(parent.film()), limits, watching), message):
                WIRE.send(connection, told)
        elif request.kind == "stills":
            with film_stills(DescriptorFile(parent.film()), limits, int(request.fields["origin_us"])) as stills:
                _show(connection, stills)
        elif request.kind in RANGED:
            serve_ranged(connection, parent, request, limits)
        else:
            raise GarbledError(request.kind)


def _looked_at(parent: Parent, request: Message, limits: Limits) -> Message:
    if request.kind == "probe_film":
        return Message("probe", asdict(probe(DescriptorFile(parent.film()), limits)))
    size_bytes = int(request.fields["size_bytes"])
    if request.kind == "glance":
        ranges = parent.ranges(MOST_BYTES, _scattered)
        return Message("glance", asdict(glance(GlanceFile(ranges, size_bytes), limits)))
    ranges = parent.ranges(_MAX_PROBE_BYTES, _scattered)
    return Message("probe", asdict(probe(RangedFile(ranges, size_bytes), limits)))


def _show(connection: socket.socket, stills: FilmStills) -> None:
    while request := WIRE.receive(connection):
        t_us = int(request.fields["t_us"])
        jpeg = stills.jpeg(t_us)
        WIRE.send(connection, Message("still", {"t_us": t_us, "found": jpeg is not None}, jpeg or b""))


def _scattered() -> CorruptContainer:
    return CorruptContainer("Its parts lie so scattered that too much would have to be read.")
