"""The evaluation of a dataset's search."""

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from fastapi import APIRouter

from sightglass_api.auth import CallersTenant, Tenant
from sightglass_api.datasets import queries as datasets
from sightglass_api.evaluation.measures import CUT, Judged, measured
from sightglass_api.evaluation.schemas import Evaluation, NewEvaluation, Quality
from sightglass_api.permissions import Permission
from sightglass_api.routing import guarded
from sightglass_api.search.asking import Asked, asked, rules_of
from sightglass_api.usage import quota_queries as quotas
from sightglass_common.dataset_errors import DatasetNotFound, QuotaSpent
from sightglass_common.errors import RateLimited
from sightglass_common.search import VECTORS_WEIGHT, search

router = APIRouter(prefix="/v1/datasets", tags=["datasets"])

# Questions that become vectors together: others' texts wait behind so many.
_AT_ONCE: Final = 8
_WEIGHTS: Final = {"words": 0.0, "vectors": 1.0, "both": VECTORS_WEIGHT}


@router.post("/{dataset_id}/evaluate", **guarded(Permission.ASK, DatasetNotFound, RateLimited, QuotaSpent, body=True))
async def evaluate_dataset(dataset_id: UUID, new: NewEvaluation, tenant: CallersTenant) -> Evaluation:
    """Try questions of your own, and tell how well words, vectors and both find what answers them.

    Nothing of the questions is kept. Some hundred take some seconds.
    """
    grades = [one.relevant for one in new.questions]
    refs = {ref for relevant in grades for ref, grade in relevant.items() if grade}
    async with tenant.transaction() as db:
        await datasets.dataset(db, dataset_id)
        known = await datasets.known_refs(db, dataset_id, refs)
        await quotas.take(db, tenant.caller.key_id, None, len(grades))
    answers: dict[str, list[Judged]] = {name: [] for name in _WEIGHTS}
    for first in range(0, len(new.questions), _AT_ONCE):
        some = [one.question for one in new.questions[first : first + _AT_ONCE]]
        for question in await _asked(tenant, some):
            for name, weight in _WEIGHTS.items():
                if question.vector is not None or not weight:
                    answers[name].append(await _judged(tenant, dataset_id, question, weight))
    found = {name: _quality(some, grades) for name, some in answers.items() if some}
    return Evaluation(
        questions=len(grades),
        words=found["words"],
        vectors=found.get("vectors"),
        both=found.get("both"),
        missing=len(refs - known),
    )


async def _asked(tenant: Tenant, questions: Sequence[str]) -> list[Asked]:
    """Questions as they may be searched for."""
    rules = await rules_of(tenant)
    return await tenant.context.looking.run(
        tenant.tenant_id, lambda: [asked(question, rules, tenant.context.embedder()) for question in questions]
    )


async def _judged(tenant: Tenant, dataset_id: UUID, question: Asked, weight: float) -> Judged:
    """What one way finds. weight: of vectors, 0 for words alone."""
    before = time.perf_counter()
    async with tenant.transaction() as db:
        hits = await search(
            db,
            [dataset_id],
            str(question.text),
            question.vector if weight else None,
            k=CUT,
            one_of_each_document=True,
            vectors_weight=weight,
        )
    return Judged([hit.ref or str(hit.document_id) for hit in hits], (time.perf_counter() - before) * 1000)


def _quality(answers: Sequence[Judged], grades: Sequence[dict[str, int]]) -> Quality:
    means = measured(answers, grades)
    return Quality(
        ndcg_at_10=round(means.ndcg, 4),
        recall_at_10=round(means.recall, 4),
        p50_ms=round(means.p50_ms, 1),
        p95_ms=round(means.p95_ms, 1),
    )
