"""The search of what is in datasets."""

from fastapi import APIRouter

from sightglass_api.auth import CallersTenant
from sightglass_api.datasets import queries as datasets
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.search.asking import asked
from sightglass_api.search.schemas import Found, Group, NewSearch, Result, Scores
from sightglass_api.search.segments import segment_of
from sightglass_api.usage import quota_queries as quotas
from sightglass_common import redaction_queries
from sightglass_common.dataset_errors import DatasetNotFound, QuotaSpent
from sightglass_common.errors import RateLimited
from sightglass_common.search import Hit, search

router = APIRouter(prefix="/v1/search", tags=["search"])


@router.post("", **guarded(Permission.READ, DatasetNotFound, RateLimited, QuotaSpent, body=True))
async def search_segments(new: NewSearch, tenant: CallersTenant) -> Found:
    """Find the segments of documents that answer best.

    What is sensitive in the query is replaced before anything is looked for, as it was in the documents.
    """
    context = tenant.context
    async with tenant.transaction() as db:
        rules = await redaction_queries.rules(db)
        await quotas.take(db, tenant.caller.key_id, None)
    question = await context.looking.run(tenant.tenant_id, lambda: asked(new.query, rules, context.embedder()))
    async with tenant.transaction() as db:
        live = await datasets.live(db)
        wanted = live if new.dataset_ids is None else new.dataset_ids
        if not set(wanted) <= set(live):
            raise DatasetNotFound
        hits = await search(
            db,
            wanted,
            str(question.text),
            question.vector,
            k=new.k,
            filters=new.filters.wanted(),
            one_of_each_document=new.group is Group.DOCUMENT,
        )
        withheld = await redaction_queries.withheld(db, wanted)
    results = [_result(hit) for hit in hits]
    return Found(query=str(question.text), vectors=question.vector is not None, withheld=withheld, results=results)


def _result(hit: Hit) -> Result:
    scores = Scores(words=hit.words_score, vectors=hit.vectors_score)
    return Result(**segment_of(hit).model_dump(), score=round(hit.score, 6), scores=scores)
