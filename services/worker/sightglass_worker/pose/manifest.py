"""What a user's own model takes and gives: the JSON file beside it, named as the model with `.json` after it."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sightglass_worker.engines.errors import EngineMissing

MAX_MANIFEST_BYTES: Final = 65_536
_Three = tuple[float, float, float]
_Deviation = Annotated[float, Field(gt=0)]


class ModelInput(BaseModel):
    """One picture as 32 bit floats: `(value - mean) / std` of values 0 to 255, by channel."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    width: int = Field(ge=16, le=2048)
    height: int = Field(ge=16, le=2048)
    layout: Literal["nchw", "nhwc"] = "nchw"
    channels: Literal["rgb", "bgr"] = "rgb"
    mean: _Three = (0.0, 0.0, 0.0)
    std: tuple[_Deviation, _Deviation, _Deviation] = (255.0, 255.0, 255.0)


class Manifest(BaseModel):
    """A model.

    decoder: how its outputs are read. simcc: two, (1, points, columns) and (1, points, rows). heatmap: one,
        (1, points, rows, columns). yolo-pose: one, (1, 5 + 3 * points, found) or its two last axes the other
        way round.
    keypoints: names in the model's order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    input: ModelInput
    decoder: Literal["simcc", "heatmap", "yolo-pose"]
    keypoints: tuple[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")], ...] = Field(min_length=2, max_length=133)


def parsed_manifest(text: bytes, name: str) -> Manifest:
    """The manifest of the file `name`. Raises EngineMissing, which says what is wrong."""
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors()[:5])
        raise EngineMissing(f"the manifest {name} is wrong: {wrong}") from None
    if len(set(manifest.keypoints)) < len(manifest.keypoints):
        raise EngineMissing(f"the manifest {name} is wrong: keypoints: a name stands there twice")
    return manifest
