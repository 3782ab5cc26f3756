"""Errors of videos and images, and of the processes that decode and read them; like those of `errors`."""

from sightglass_common.errors import Kind, SightglassError


class NotAVideo(SightglassError):
    """The object is not a video."""

    code, kind = "not_a_video", Kind.REJECTED


class EmptyFile(SightglassError):
    """The object has no bytes."""

    code, kind = "empty_file", Kind.REJECTED


class NoVideoStream(SightglassError):
    """The file has no video stream."""

    code, kind = "no_video_stream", Kind.REJECTED


class CorruptContainer(SightglassError):
    """The file's structure is damaged: nothing in it can be found."""

    code, kind = "corrupt_container", Kind.REJECTED


class CorruptStream(SightglassError):
    """No frame of the video stream can be decoded."""

    code, kind = "corrupt_stream", Kind.REJECTED


class UnsupportedCodec(SightglassError):
    """There is no decoder for this codec."""

    code, kind = "unsupported_codec", Kind.REJECTED


class EncryptedMedia(SightglassError):
    """The video is encrypted."""

    code, kind = "encrypted", Kind.REJECTED


class DimensionsTooLarge(SightglassError):
    """The frames are larger than is decoded."""

    code, kind = "dimensions_too_large", Kind.REJECTED


class UnreadableImage(SightglassError):
    """The image is damaged, or of a kind that is not read."""

    code, kind = "unreadable_image", Kind.REJECTED


class TextNotRead(SightglassError):
    """No text is read: the worker has no text engine."""

    code, kind = "text_not_read", Kind.REJECTED


class VideoTooLong(SightglassError):
    """The video is longer than is analysed."""

    code, kind = "too_long", Kind.REJECTED


class DecoderCrashed(SightglassError):
    """The decoder broke down on this file."""

    code, kind = "decoder_crashed", Kind.REJECTED


class OutOfMemory(SightglassError):
    """The decoder was killed for want of memory on the machine."""

    code, kind = "out_of_memory", Kind.TRANSIENT


class MemoryLimit(SightglassError):
    """Decoding needs more memory than it may have."""

    code, kind = "memory_limit", Kind.REJECTED


class DecodeTimeout(SightglassError):
    """Decoding took longer than it may."""

    code, kind = "timeout", Kind.TRANSIENT


class ProcessorLimit(SightglassError):
    """Decoding needs more processor time than it may have."""

    code, kind = "processor_limit", Kind.REJECTED
