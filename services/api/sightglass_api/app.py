"""The application: routes, layers and error answers put together."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from sightglass_api.analyses import routes as analyses
from sightglass_api.bots import routes as bots
from sightglass_api.context import Context
from sightglass_api.conversations import routes as conversations
from sightglass_api.datasets import prefix_routes as dataset_prefixes
from sightglass_api.datasets import routes as datasets
from sightglass_api.datasets import source_routes as sources
from sightglass_api.datasets import videos as dataset_videos
from sightglass_api.detect import routes as detect
from sightglass_api.detectors import routes as detectors
from sightglass_api.evaluation import routes as evaluation
from sightglass_api.exports import routes as exports
from sightglass_api.feedback import routes as feedback
from sightglass_api.health import routes as health
from sightglass_api.health.pipeline import PipelineCheck
from sightglass_api.jobs import routes as jobs
from sightglass_api.limits import BodyLimit
from sightglass_api.mcp import routes as mcp
from sightglass_api.openai import errors as openai_errors
from sightglass_api.openai import routes as openai
from sightglass_api.problems import Problem, as_error, problem
from sightglass_api.providers import platform as platform_providers
from sightglass_api.providers import routes as providers
from sightglass_api.queues import routes as queues
from sightglass_api.requests import Requests
from sightglass_api.reveals import routes as reveals
from sightglass_api.scans import findings as scan_findings
from sightglass_api.scans import routes as scans
from sightglass_api.scans import scores
from sightglass_api.schedules import routes as schedules
from sightglass_api.search import routes as search
from sightglass_api.search import segments
from sightglass_api.settings import ApiSettings
from sightglass_api.tenants import routes as tenants
from sightglass_api.uploads import routes as uploads
from sightglass_api.usage import quota_routes as quotas
from sightglass_api.usage import routes as usage
from sightglass_api.videos import files, findings
from sightglass_api.videos import routes as videos
from sightglass_api.widget import publishing
from sightglass_api.widget import routes as widget
from sightglass_api.widget import script as widget_script
from sightglass_api.widget.cors import Cors
from sightglass_common.errors import SightglassError

_TITLE: Final = "Sightglass"
_DESCRIPTION: Final = (
    "Analyses the videos in S3 buckets: what they are, their scenes, the texts that they show, and what moves in them; "
    "finds the sensitive data in the files of buckets, and searches documents without it."
)
_AREAS: Final = (
    uploads,
    analyses,
    videos,
    findings,
    files,
    scans,
    scan_findings,
    detect,
    exports,
    scores,
    reveals,
    schedules,
    detectors,
    datasets,
    dataset_prefixes,
    dataset_videos,
    sources,
    search,
    segments,
    bots,
    publishing,
    widget,
    widget_script,
    evaluation,
    conversations,
    feedback,
    openai,
    mcp,
    providers,
    platform_providers,
    usage,
    quotas,
    jobs,
    tenants,
    queues,
    health,
)


def create_app(settings: ApiSettings, opening: Callable[[], AbstractAsyncContextManager[Context]]) -> FastAPI:
    """The application. `opening` opens what it works with when it starts, and closes it when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with opening() as context:
            app.state.context = context
            app.state.pipeline_check = PipelineCheck()
            yield

    app = FastAPI(
        title=_TITLE,
        version=version("sightglass-api"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from a stranger's host
        redoc_url=None,
        redirect_slashes=False,
    )
    for area in _AREAS:
        app.include_router(area.router)
    for foreseen in (SightglassError, RequestValidationError, HTTPException):
        app.add_exception_handler(foreseen, _answer)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Requests)  # around all that may fail
    app.add_middleware(Cors)  # added last, so outermost: pages read errors, too
    app.openapi = lambda: _openapi(app)
    return app


async def _answer(request: Request, raised: Exception) -> JSONResponse:
    if openai_errors.is_for(request.url.path):
        return openai_errors.answer(as_error(raised))
    return problem(as_error(raised), instance=request.url.path, request_id=request.state.request_id)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description of the interface, with the schema that all problem answers name."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, servers=[{"url": "/"}]
        )
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        parts = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(parts.pop("$defs", {}), Problem=parts)
        app.openapi_schema = schema
    return app.openapi_schema
