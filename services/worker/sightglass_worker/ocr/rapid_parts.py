"""RapidOCR's finder and reader, with the models of its own package."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from sightglass_worker.engines.errors import EngineMissing

_MODELS: Final = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}


class Parts(NamedTuple):
    """finder: picture to boxes. cut: picture and boxes to pictures of lines. reader: these to texts."""

    finder: Any
    cut: Any
    reader: Any


def open_parts() -> Parts:
    """Load both models, on one thread each. Raises EngineMissing."""
    paths = models()
    import cv2  # noqa: PLC0415 -- only where this engine is used: it takes half a second
    from rapidocr import RapidOCR  # noqa: PLC0415 -- as above

    # More threads would spin while others compute, and the sandbox allows none.
    cv2.setNumThreads(0)
    threads = dict.fromkeys(("intra_op_num_threads", "inter_op_num_threads"), 1)
    # With their paths given, it looks for the models nowhere else, and never on the network.
    engine: Any = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Det.limit_type": "max",
            **{f"{part}.model_path": str(path) for part, path in paths.items()},
            **{f"EngineConfig.onnxruntime.{name}": number for name, number in threads.items()},
        }
    )
    # It loads each model when it first needs it.
    blank = np.zeros((64, 64, 3), np.uint8)
    engine(blank)
    engine(blank, use_det=False)
    return Parts(engine.text_det, engine.crop_text_regions, engine.text_rec)


def models() -> dict[str, Path]:
    """Where the models lie, without loading anything. Raises EngineMissing."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineMissing("rapidocr is not installed")
    folder = Path(spec.origin).parent / "models"
    paths = {part: folder / name for part, name in _MODELS.items()}
    for path in paths.values():
        if not path.is_file():
            raise EngineMissing(f"rapidocr has no {path.name}: it is of another version")
    return paths
