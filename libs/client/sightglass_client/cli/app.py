"""The commands, put together."""

from sightglass_client.cli import (
    analyses,
    analytics,
    ask,
    bots,
    conversations,
    datasets,
    detect,
    detectors,
    doctor,
    feedback,
    jobs,
    prefixes,
    providers,
    queues,
    scan,
    schedule,
    search,
    system,
    upload,
    videos,
)
from sightglass_client.cli.command import group

app = group(
    "sightglass",
    "Sightglass: analyse the videos of your buckets, find what is sensitive in them, ask your documents.\n\n"
    "The address and the API key come from SIGHTGLASS_URL and SIGHTGLASS_API_KEY, or from the .sightglass/env that "
    "`make dev` writes.\n\n"
    "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 denied, 5 partial, 130 interrupted.",
    completion=True,
)
upload.add_to(app)
app.add_typer(videos.app)
app.add_typer(analyses.app)
app.add_typer(scan.app)
app.add_typer(schedule.app)
app.add_typer(detectors.app)
prefixes.add_to(datasets.app)
app.add_typer(datasets.app)
app.add_typer(bots.app)
app.add_typer(providers.app)
search.add_to(app)
ask.add_to(app)
app.add_typer(conversations.app)
app.add_typer(feedback.app)
analytics.add_to(app)
app.add_typer(jobs.app)
app.add_typer(queues.app)
detect.add_to(app)
doctor.add_to(app)
system.add_to(app)
