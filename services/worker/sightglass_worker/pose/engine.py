"""What finds persons and their key points in a picture: the interface of all engines."""

from dataclasses import dataclass
from typing import Protocol

from sightglass_worker.domain.pixels import Pixels
from sightglass_worker.domain.pose.people import Person

# Of one picture, the most certain ones.
MOST_PEOPLE = 10


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What an engine is to look at.

    rgb: (rows, columns, 3), upright. first: whether a film begins with it; an engine that goes by what it
        has found in the picture before forgets that.
    """

    rgb: Pixels
    first: bool


class PoseEngine(Protocol):
    """Finds persons. Used by one thread at a time, for the pictures of one film in order."""

    @property
    def names(self) -> tuple[str, ...]:
        """The key points of every person, in order. Those that there are two of begin with left_ and right_."""
        ...

    def find(self, picture: Picture) -> list[Person]:
        """Persons, at most MOST_PEOPLE."""
        ...
