"""How the service is doing: for orchestrators, for people, and for Prometheus."""

from importlib.metadata import version
from typing import cast

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from sightglass_api.auth import CallersTenant
from sightglass_api.context import context_of
from sightglass_api.health.checks import check, check_all, postgres
from sightglass_api.health.pipeline import PipelineCheck
from sightglass_api.health.schemas import Alive, Health, PipelineResult
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded, open_to_all
from sightglass_common.errors import DependencyUnavailable

router = APIRouter(tags=["health"])


@router.get("/livez", **open_to_all())
async def livez() -> Alive:
    """The process answers. Asks nothing else: a restart would not bring a database back."""
    return Alive()


@router.get("/readyz", **open_to_all(DependencyUnavailable))
async def readyz(request: Request) -> Alive:
    """The database answers, so requests can be taken. Those that need S3 tell for themselves when it is away."""
    context = context_of(request)
    if context.stopping.is_set():
        raise DependencyUnavailable("The service is stopping.")
    if context.aws.failed:
        raise DependencyUnavailable("The clients of S3 and SQS could not be made: see the log.")
    found = await check(context, postgres)
    if not found.ok:
        raise DependencyUnavailable(f"The database does not answer: {found.detail}")
    return Alive()


@router.get("/metrics", response_class=Response, **open_to_all())
async def metrics() -> Response:
    """What the process has counted, for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/health", **guarded(Permission.READ))
async def health(tenant: CallersTenant) -> Health:
    """Each dependency, with the time that it took to answer."""
    checks = await check_all(tenant.context)
    well = all(found.ok for found in checks.values())
    return Health(status="ok" if well else "degraded", version=version("sightglass-api"), checks=checks)


@router.get(
    "/health/analysis-pipeline",
    responses={503: {"model": PipelineResult, "description": "The video did not come out."}},
    dependencies=open_to_all()["dependencies"],
)
async def analysis_pipeline(request: Request, response: Response) -> PipelineResult:
    """Send a one-second video through the real queue and worker. At most one run a minute, whoever asks."""
    pipeline = cast("PipelineCheck", request.app.state.pipeline_check)
    result = await pipeline.result(context_of(request), request.state.trace)
    response.status_code = 200 if result.ok else 503
    return result
