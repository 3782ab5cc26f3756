"""All SQL of the sums of the ledger, and of prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from sightglass_api.usage.schemas import Group
from sightglass_common.db import Db

# NAME stands for what is grouped by. The sum of all comes from the same look as the others. A price is of a million
# tokens; numeric all through, and no division, so that a sum of many small costs is exact.
_SUMS: Final = """
    WITH answers AS (
        SELECT grouping(name) = 1 AS whole, coalesce(name, '') AS name, count(*) AS answers,
               count(*) FILTER (WHERE answered) AS answered, count(*) FILTER (WHERE generated) AS generated,
               coalesce(sum(retrieved), 0)::bigint AS retrieved, coalesce(sum(withheld), 0)::bigint AS withheld,
               percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY first_event_us) AS first_event_us,
               percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY whole_us) AS whole_us
        FROM (SELECT NAME AS name, r.* FROM answer_record r
              WHERE at >= %(begin)s::timestamp AT TIME ZONE 'UTC'
                AND at < (%(end)s::timestamp + interval '1 day') AT TIME ZONE 'UTC') AS r
        GROUP BY GROUPING SETS ((name), ())
    ), calls AS (
        SELECT grouping(name) = 1 AS whole, coalesce(name, '') AS name, count(*) AS calls,
               coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
               coalesce(sum(output_tokens), 0)::bigint AS output_tokens,
               coalesce(sum(reserved_tokens) FILTER (WHERE input_tokens IS NULL), 0)::bigint AS unsettled_tokens,
               coalesce(sum(input_tokens * input_price + output_tokens * output_price), 0) * 0.000001 AS cost
        FROM (SELECT NAME AS name, u.* FROM answer_use u
              WHERE at >= %(begin)s::timestamp AT TIME ZONE 'UTC'
                AND at < (%(end)s::timestamp + interval '1 day') AT TIME ZONE 'UTC') AS u
        GROUP BY GROUPING SETS ((name), ())
    )
    SELECT whole, name, coalesce(a.answers, 0) AS answers, coalesce(a.answered, 0) AS answered,
           coalesce(a.generated, 0) AS generated, coalesce(a.retrieved, 0) AS retrieved,
           coalesce(a.withheld, 0) AS withheld, a.first_event_us, a.whole_us, coalesce(c.calls, 0) AS calls,
           coalesce(c.input_tokens, 0) AS input_tokens, coalesce(c.output_tokens, 0) AS output_tokens,
           coalesce(c.unsettled_tokens, 0) AS unsettled_tokens, trim_scale(coalesce(c.cost, 0)) AS cost
    FROM answers a FULL JOIN calls c USING (whole, name) ORDER BY whole, name
"""
_NAMES: Final[Mapping[Group, LiteralString]] = {
    Group.DAY: "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    Group.BOT: "coalesce(bot_id::text, '')",
    Group.KEY: "coalesce(key_id, '')",
    Group.PROVIDER: "coalesce(provider_id::text, '')",
}
_SET_PRICE: Final = """
    INSERT INTO provider_price (tenant_id, provider_id, input_price, output_price)
    VALUES (%(tenant_id)s, %(provider_id)s, %(input_price)s, %(output_price)s)
    ON CONFLICT (tenant_id, provider_id)
    DO UPDATE SET input_price = excluded.input_price, output_price = excluded.output_price
"""


@dataclass(frozen=True, slots=True)
class SumRow:
    """What some answers and calls took. name: empty for those of none. *_us: the median and the 95th of a hundred."""

    whole: bool
    name: str
    answers: int
    answered: int
    generated: int
    retrieved: int
    withheld: int
    first_event_us: Sequence[int] | None
    whole_us: Sequence[int] | None
    calls: int
    input_tokens: int
    output_tokens: int
    unsettled_tokens: int
    cost: Decimal


async def sums(db: Db, group: Group, begin: date, end: date) -> list[SumRow]:
    """The sums of the ledger from one day of UTC to another, both with it; the last is that of all."""
    async with db.cursor(row_factory=class_row(SumRow)) as cursor:
        found = await cursor.execute(_SUMS.replace("NAME", _NAMES[group]), {"begin": begin, "end": end})
        return await found.fetchall()


async def set_price(db: Db, tenant_id: UUID, provider_id: UUID, input_price: Decimal, output_price: Decimal) -> None:
    """Set what a provider takes. The caller has asked for the provider before."""
    values: dict[str, object] = {"tenant_id": tenant_id, "provider_id": provider_id}
    await db.execute(_SET_PRICE, values | {"input_price": input_price, "output_price": output_price})
