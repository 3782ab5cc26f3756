"""`sightglass ask`: an answer from the tenant's documents, with its sources."""

from typing import TYPE_CHECKING, Annotated

import typer

from sightglass_client.cli.command import command
from sightglass_client.cli.run import Run
from sightglass_client.cli.search import Datasets, ids_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sightglass_client.conversations import Citation, RetrievedSegment, StartedTurn

Question = Annotated[str, typer.Argument(metavar="QUESTION", show_default=False)]
WithBot = Annotated[
    str | None, typer.Option("--bot", metavar="NAME_OR_ID", help="Ask this bot: its datasets.", show_default=False)
]
Timeout = Annotated[
    float | None, typer.Option("--timeout", min=0.0, metavar="SECONDS", help="Give up waiting.", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "ask")(ask)


def ask(
    run: Run, question: Question, *, datasets: Datasets = None, bot: WithBot = None, timeout: Timeout = None
) -> None:
    """Answer a question from your documents, with its sources. What is sensitive in the question is replaced first."""
    if bot and datasets:
        raise typer.BadParameter("a bot has datasets of its own: leave out --dataset, or --bot")
    bot_id = run.client.bot(bot).bot_id if bot else None
    conversation = run.client.start_conversation(dataset_ids=ids_of(run, datasets), bot_id=bot_id)
    started = run.client.start_turn(conversation.conversation_id, question)
    if run.out.as_json:
        _document(run, started, timeout)
    else:
        _told(run, started, timeout)


def _document(run: Run, started: "StartedTurn", timeout: float | None) -> None:
    """The turn at its end, and what was retrieved for it."""
    from sightglass_client.conversations import Retrieval, Usage  # noqa: PLC0415 - loads the models

    more: dict[str, object] = {"conversation_id": started.conversation_id, "retrieval": [], "usage": None}
    for event in run.client.follow_turn(started.conversation_id, started.turn_id, timeout=timeout):
        match event:
            case Retrieval(results=results):
                more["retrieval"] = [one.model_dump(mode="json") for one in results]
            case Usage():
                more["usage"] = event.model_dump(mode="json")
            case _:
                continue
    turn = run.client.turn(started.conversation_id, started.turn_id)
    run.out.document(turn.model_dump(mode="json") | more)


def _told(run: Run, started: "StartedTurn", timeout: float | None) -> None:
    """The answer as it comes, then its sources."""
    from sightglass_client.conversations import (  # noqa: PLC0415 - loads the models
        Citation,
        Delta,
        Done,
        Reset,
        Retrieval,
    )

    nearest: tuple[RetrievedSegment, ...] = ()
    cited: list[Citation] = []
    answered, begun = False, False
    try:
        for event in run.client.follow_turn(started.conversation_id, started.turn_id, timeout=timeout):
            match event:
                case Retrieval(results=results):
                    nearest = results
                case Delta(text=words):
                    begun = True
                    run.out.stream(words)
                case Citation():
                    cited.append(event)
                case Done():
                    answered = event.answered
                case Reset():
                    _broken_off(run, said=begun)
                    begun, cited = False, []
                case _:
                    continue
    finally:
        if begun:
            run.out.stream("\n")
    _named(run, cited, nearest, answered=answered, said=begun)


def _broken_off(run: Run, *, said: bool) -> None:
    """Something of an answer is written that is void: what follows stands below it."""
    if said:
        run.out.stream("\n")
        run.out.note("The answer broke off, and begins anew.")


def _named(
    run: Run, cited: "Iterable[Citation]", nearest: "Iterable[RetrievedSegment]", *, answered: bool, said: bool
) -> None:
    """What an answer is from, or what is nearest to a question without one."""
    if not answered:
        _nothing(run, nearest, said=said)
        return
    for number, one in enumerate(cited):
        run.out.stream(f"[{one.n}] {one.name}\n" if number else f"\n[{one.n}] {one.name}\n")


def _nothing(run: Run, nearest: "Iterable[RetrievedSegment]", *, said: bool) -> None:
    """Nothing answers: say so, unless the answer did, and what is nearest."""
    if not said:
        run.out.note("Nothing in your data answers this.")
    for name in dict.fromkeys(one.name for one in nearest):
        run.out.note(f"Near it: {name}")
