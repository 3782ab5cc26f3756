"""The formats that findings are exported in, by name."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from sightglass_api.exports.as_asff import AsffWriter
from sightglass_api.exports.as_csv import CsvWriter
from sightglass_api.exports.as_jsonl import JsonLinesWriter
from sightglass_api.exports.as_ocsf import OcsfWriter
from sightglass_api.exports.as_sarif import SarifWriter
from sightglass_api.exports.writers import Writer

Format: TypeAlias = Literal["csv", "jsonl", "sarif", "asff", "ocsf"]

WRITERS: Final[Mapping[Format, type[Writer]]] = {
    "csv": CsvWriter,
    "jsonl": JsonLinesWriter,
    "sarif": SarifWriter,
    "asff": AsffWriter,
    "ocsf": OcsfWriter,
}
