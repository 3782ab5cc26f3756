"""The fake speaks as AWS's own client expects, whose reader of frames and errors is not ours."""

from contextlib import aclosing
from typing import Any, cast

import pytest
from aiobotocore.session import get_session
from botocore.exceptions import EventStreamError
from tests.fakes.llm import MODEL, REGION, FakeModels, served_models
from tests.fakes.sigv4 import ACCESS_KEY, SECRET_KEY


async def said_to_awss_client(fake: FakeModels) -> tuple[str, dict[str, Any]]:
    client = cast("Any", get_session()).create_client(
        "bedrock-runtime",
        region_name=REGION,
        endpoint_url=fake.url,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    text, usage = "", dict[str, Any]()
    async with client as bedrock:
        answer = await bedrock.converse_stream(
            modelId=MODEL,
            system=[{"text": "Answer."}],
            messages=[{"role": "user", "content": [{"text": "Q"}]}],
            inferenceConfig={"maxTokens": 10},
        )
        async with aclosing(aiter(answer["stream"])) as events:
            async for event in events:
                text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
                usage = event.get("metadata", {}).get("usage", usage)
    return text, usage


async def test_awss_client_reads_the_fakes_frames() -> None:
    async with served_models(FakeModels()) as fake:
        text, usage = await said_to_awss_client(fake)
        assert (text, usage["inputTokens"], usage["outputTokens"], fake.wrong) == ("Thirty days a year [1].", 11, 5, [])
        fake.faults.append("error")
        with pytest.raises(EventStreamError, match="throttlingException"):
            await said_to_awss_client(fake)
