"""The fake speaks as the vendors' own clients expect, whose readers of events, frames and errors are not ours."""

from contextlib import aclosing
from typing import Any, cast

import anthropic
import openai
import pytest
from aiobotocore.session import get_session
from botocore.exceptions import EventStreamError
from tests.fakes.llm import KEYS, MODEL, REGION, FakeModels, served_models
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


async def said_to_anthropics_client(fake: FakeModels, key: str = KEYS["anthropic"]) -> tuple[str, int, int]:
    client = anthropic.AsyncAnthropic(api_key=key, auth_token=None, base_url=fake.url, max_retries=0)
    async with (
        client,
        client.messages.stream(
            model=MODEL, max_tokens=10, system="Answer.", messages=[{"role": "user", "content": "Q"}]
        ) as stream,
    ):
        text = "".join([piece async for piece in stream.text_stream])
        usage = (await stream.get_final_message()).usage
    return text, usage.input_tokens, usage.output_tokens


async def test_anthropics_client_reads_the_fakes_events(monkeypatch: pytest.MonkeyPatch) -> None:
    # It would be sent along with, or instead of, the key.
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    async with served_models(FakeModels()) as fake:
        assert await said_to_anthropics_client(fake) == ("Thirty days a year [1].", 11, 5)
        assert fake.wrong == []
        with pytest.raises(anthropic.AuthenticationError):
            await said_to_anthropics_client(fake, "another")
        fake.faults.append("error")
        with pytest.raises(anthropic.APIStatusError, match="gone"):
            await said_to_anthropics_client(fake)


async def said_to_openais_client(fake: FakeModels, key: str = KEYS["openai"]) -> tuple[str, int, int]:
    text, usage = "", (0, 0)
    async with openai.AsyncOpenAI(api_key=key, base_url=fake.base_url("openai"), max_retries=0) as client:
        stream = await client.chat.completions.create(
            model=MODEL,
            stream=True,
            stream_options={"include_usage": True},
            max_completion_tokens=10,
            messages=[{"role": "system", "content": "Answer."}, {"role": "user", "content": "Q"}],
        )
        async for chunk in stream:
            text += "".join(choice.delta.content or "" for choice in chunk.choices)
            if chunk.usage:
                usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
    return text, *usage


async def test_openais_client_reads_the_fakes_events() -> None:
    async with served_models(FakeModels()) as fake:
        assert await said_to_openais_client(fake) == ("Thirty days a year [1].", 11, 5)
        assert fake.wrong == []
        with pytest.raises(openai.AuthenticationError):
            await said_to_openais_client(fake, "another")
        fake.refused = ("max_completion_tokens",)
        with pytest.raises(openai.BadRequestError, match="max_completion_tokens"):
            await said_to_openais_client(fake)
        fake.refused = ()
        fake.faults.append("error")
        with pytest.raises(openai.APIError, match="gone"):
            await said_to_openais_client(fake)
