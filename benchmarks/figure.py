"""A figure that the project claims, beside its peer and its limit."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    value, peer: in `unit`; peer is what it is compared with, from the same run. ratio: value / peer.
    must: the limit in words, such as `ratio <= 1.10`. holds: whether this run keeps to it; None for
    a figure without a limit.
    """

    figure: str
    value: float
    unit: str
    peer: float | None = None
    ratio: float | None = None
    must: str | None = None
    holds: bool | None = None


def at_most(figure: str, value: float, unit: str, limit: float) -> Figure:
    """A figure that may not exceed `limit`."""
    return Figure(figure, round(value, 3), unit, must=f"value <= {limit:g}", holds=value <= limit)


def at_least(figure: str, value: float, unit: str, limit: float) -> Figure:
    """A figure that may not fall below `limit`."""
    return Figure(figure, round(value, 3), unit, must=f"value >= {limit:g}", holds=value >= limit)


def ratio_at_most(figure: str, value: float, unit: str, peer: float, limit: float) -> Figure:
    """A figure that may not exceed `limit` times its peer."""
    ratio = value / peer
    return Figure(figure, round(value, 3), unit, round(peer, 3), round(ratio, 3), f"ratio <= {limit:g}", ratio <= limit)


def median_ratio_at_most(figure: str, turns: Sequence[tuple[float, float]], unit: str, limit: float) -> Figure:
    """Of turns, each a value and its peer, the one whose ratio is the median.

    Not the ratio of the medians: a machine that is slower for a minute is so for both of a turn.
    """
    value, peer = sorted(turns, key=lambda turn: turn[0] / turn[1])[len(turns) // 2]
    return ratio_at_most(figure, value, unit, peer, limit)


def at_least_peer(figure: str, value: float, unit: str, peer: float) -> Figure:
    """A figure that may not fall below its peer."""
    ratio = value / peer if peer else None
    shown = None if ratio is None else round(ratio, 3)
    return Figure(figure, round(value, 3), unit, round(peer, 3), shown, "value >= peer", value >= peer)
