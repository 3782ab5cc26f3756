"""Settings of the video worker."""

import os
import tempfile
from pathlib import Path
from typing import Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr, model_validator

from sightglass_common.settings import ConsumerSettings
from sightglass_worker.decode.limits import Limits
from sightglass_worker.labels.choice import LabelLimits, ProviderName, missing
from sightglass_worker.ocr.readers import EngineName
from sightglass_worker.pose.finders import PoseEngineName

_GIGABYTE = 1_000_000_000


class WorkerSettings(ConsumerSettings):
    """What the worker needs beyond what every service that consumes queues needs."""

    slots: NonNegativeInt = Field(default=0, description="Videos analysed at once; 0: one for each core.")
    scratch: Path | None = Field(
        default=None, description="Folder for the objects under way; none: `sightglass` in the system's temporary one."
    )
    scratch_reserve_bytes: NonNegativeInt = Field(
        default=_GIGABYTE, description="What must stay free on that disk for others."
    )
    max_image_bytes: PositiveInt = Field(default=64 * 1024**2, description="Largest image that is read for a scan.")
    max_image_pixels: PositiveInt = Field(default=40_000_000, description="Largest image that is decoded for a scan.")
    max_video_bytes: PositiveInt = Field(default=64 * 1024**3, description="Largest object that is analysed.")
    max_video_s: PositiveInt = Field(default=12 * 3600, description="Longest video that is analysed.")
    max_video_pixels: PositiveInt = Field(default=8192 * 4320, description="Largest frame that is decoded.")
    range_over_s: PositiveInt = Field(default=600, description="Films longer than this are analysed in ranges.")
    range_s: PositiveInt = Field(default=300, description="Length of a range, about: each begins at a key frame.")
    decoder_memory_bytes: PositiveInt = Field(
        default=3 * 1024**3 // 2, description="Address space that a decoding process may take."
    )
    decoder_cpu_s: PositiveInt = Field(default=4 * 3600, description="CPU seconds that a video may take.")
    decoder_wall_s: PositiveFloat = Field(default=6 * 3600.0, description="Seconds that a video may take.")
    text_engine: EngineName = Field(
        default="rapidocr",
        description="What reads text on screen; `tesseract` must be on the PATH.",
    )
    text_calls_per_minute: PositiveInt = Field(
        default=35, description="Pictures of a minute of video that are read at most; what is left unread is counted."
    )
    pose_engine: PoseEngineName = Field(
        default="none",
        description="What finds persons and their key points (docs/poses.md): `mediapipe`, which `make pose` installs, "
        "or `onnx`, a model of your own.",
    )
    pose_model: str | None = Field(
        default=None,
        description="The model of `onnx`: a path or `s3://bucket/key`, with its manifest beside it as `<model>.json`.",
    )
    label_provider: ProviderName = Field(
        default="off",
        description="Who names what scenes show: `rekognition`, `bedrock`, `openai` (or what speaks as it does), "
        "`anthropic`; `off`: nobody. Frames leave the process for it, with all text that is detected painted over, "
        "sensitive or not; no frame does whose text was not read.",
    )
    label_model: str = Field(default="", description="The provider's model; `rekognition` has one only.")
    label_base_url: str = Field(
        default="",
        description="Where `openai` (up to `/v1`) and `anthropic` are; of those of AWS, instead of their own.",
    )
    label_api_key: SecretStr | None = Field(
        default=None, description="For `openai` and `anthropic`; those of AWS take the SDK's credentials."
    )
    label_frames_per_scene: int = Field(default=1, ge=1, le=3, description="Frames of a scene that are shown at most.")
    label_frames: PositiveInt = Field(default=60, description="Frames of a video that are shown at most.")
    label_calls: PositiveInt = Field(default=120, description="Calls for a video at most, retries among them.")

    @model_validator(mode="after")
    def _provider_has_what_it_needs(self) -> Self:
        problem = missing(
            self.label_provider, model=self.label_model, base_url=self.label_base_url, api_key=self.label_api_key
        )
        if problem:
            raise ValueError(problem)
        return self

    @property
    def label_limits(self) -> LabelLimits:
        """What the labels of a video may cost."""
        return LabelLimits(
            frames_per_scene=self.label_frames_per_scene, frames=self.label_frames, calls=self.label_calls
        )

    @property
    def scratch_folder(self) -> Path:
        """Where objects under way lie. No name of a file there is ever shared between workers."""
        return self.scratch or Path(tempfile.gettempdir()) / f"sightglass-{os.getuid()}"

    @property
    def slot_count(self) -> int:
        """Videos analysed at once: decoding is one thread of CPU work."""
        return self.slots or os.cpu_count() or 1

    @property
    def limits(self) -> Limits:
        """What a film may be, and what its decoder may use."""
        return Limits(
            max_bytes=self.max_video_bytes,
            max_duration_us=self.max_video_s * 1_000_000,
            max_pixels=self.max_video_pixels,
            memory_bytes=self.decoder_memory_bytes,
            cpu_s=self.decoder_cpu_s,
            wall_s=self.decoder_wall_s,
        )
