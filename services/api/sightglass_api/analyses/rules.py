"""What an analysis' artifacts need before a client can use them. Pure."""

from typing import Final

# The worker's storyboard names the sprite that lies beside it.
_SPRITE: Final = "sprite.jpg#"


def with_sprite_link(storyboard: str, url: str) -> str:
    """A WebVTT storyboard whose cues name the sprite by a link that works without a key."""
    return "\n".join(
        f"{url}#{line.removeprefix(_SPRITE)}" if line.startswith(_SPRITE) else line for line in storyboard.split("\n")
    )
