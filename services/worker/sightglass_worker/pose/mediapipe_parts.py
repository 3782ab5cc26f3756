"""MediaPipe's own compiled part, its graph and models, out of a package that is not imported.

Importing the package would load plotting, sound and protocol buffers of another age than the worker's, none of which
finding a pose needs. So this takes the compiled part alone, whose inner interface is that of one version.
"""

from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any, Final

from sightglass_worker.engines.errors import EngineMissing

VERSION: Final = "0.10.21"
_COMPILED: Final = "_framework_bindings"
_GRAPH: Final = "mediapipe/modules/pose_landmark/pose_landmark_cpu.binarypb"
# Complexity 1. The models of 0 and 2 are in no wheel: MediaPipe would download them.
COMPLEXITY: Final = 1
_MODELS: Final = (
    "mediapipe/modules/pose_detection/pose_detection.tflite",
    "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
)


def installed() -> tuple[Path, ModuleSpec]:
    """The folder that the package lies in, and its compiled part; nothing is loaded. Raises EngineMissing."""
    spec = find_spec("mediapipe")
    if spec is None or spec.origin is None:
        raise EngineMissing(f"mediapipe {VERSION} is not installed (`make pose` installs it)")
    package = Path(spec.origin).parent
    found = _version()
    if found != VERSION:
        raise EngineMissing(f"mediapipe {found} is installed, and {VERSION} is needed (`make pose` installs it)")
    for name in (_GRAPH, *_MODELS):
        if not (package.parent / name).is_file():
            raise EngineMissing(f"mediapipe has no {name}, and nothing is downloaded")
    compiled = PathFinder.find_spec(_COMPILED, [str(package / "python")])
    if compiled is None:
        raise EngineMissing("mediapipe has no compiled part for this Python")
    return package.parent, compiled


def open_graph() -> tuple[Any, Any]:
    """MediaPipe's compiled module, and its graph for poses, ready to run. Raises EngineMissing."""
    folder, spec = installed()
    compiled: Any = module_from_spec(spec)
    if spec.loader is None:
        raise EngineMissing("mediapipe has no compiled part for this Python")
    spec.loader.exec_module(compiled)
    compiled.resource_util.set_resource_dir(str(folder))
    return compiled, compiled.calculator_graph.CalculatorGraph(binary_graph_path=str(folder / _GRAPH))


def _version() -> str:
    try:
        return version("mediapipe")
    except PackageNotFoundError:
        return "of no known version"
