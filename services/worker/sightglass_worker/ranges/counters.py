"""What became of films that are long enough for ranges."""

from typing import Final

from prometheus_client import Counter

# outcome: `ranges`; or why a film is taken as a whole: what FilmPlan and Unsound say, `seam_differs`, `unreadable`,
# `labels` or `poses`.
PLANS: Final = Counter("sightglass_range_plans_total", "Long films planned, by how they are analysed.", ["outcome"])
