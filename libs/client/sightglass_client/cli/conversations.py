"""`sightglass conversations`: what was asked and answered with this key."""

import sys
from itertools import islice
from typing import Annotated, Final

import typer

from sightglass_client.cli import text
from sightglass_client.cli.command import command, group
from sightglass_client.cli.jobs import Limit
from sightglass_client.cli.options import OutputFile
from sightglass_client.cli.run import Run

ConversationId = Annotated[str, typer.Argument(metavar="CONVERSATION_ID", show_default=False)]
Kind = Annotated[str, typer.Option("--format", metavar="FORMAT", help="jsonl or md.")]
_KINDS: Final = ("jsonl", "md")


def listed(run: Run, *, limit: Limit = 50) -> None:
    """List the conversations of this key, newest first."""
    found = list(islice(run.client.conversations(page_size=min(limit or 200, 200)), limit or None))
    if run.out.as_json:
        run.out.document({"items": [one.model_dump(mode="json") for one in found]})
        return
    rows = [(one.conversation_id, one.title, text.moment(one.created_at)) for one in found]
    run.out.table(("conversation", "title", "begun"), rows, empty="No conversations. Next: sightglass ask QUESTION")


app = group("conversations", "Conversations: what was asked and answered with this key.", default=listed)
command(app, "ls")(listed)


@command(app, "show")
def show(run: Run, conversation: ConversationId) -> None:
    """Show what was asked and answered, with the ids that feedback is given to."""
    found = run.client.conversation(conversation)
    turns = list(run.client.turns(conversation))
    if run.out.as_json:
        told = [turn.model_dump(mode="json") for turn in turns]
        run.out.document(found.model_dump(mode="json") | {"turns": told})
        return
    rows = [
        (
            turn.turn_id,
            turn.question,
            turn.answer or f"({turn.status})",
            ", ".join(f"[{one.n}] {one.name}" for one in turn.citations),
            turn.feedback.thumb if turn.feedback else "",
        )
        for turn in turns
    ]
    run.out.table(("turn", "question", "answer", "sources", "thumb"), rows, empty="Nothing was asked.")


@command(app, "export")
def export(run: Run, conversation: ConversationId, *, kind: Kind = "md", output: OutputFile = None) -> None:
    """Write all that was said, with its sources, to a file or to stdout."""
    from sightglass_client.download import whole  # noqa: PLC0415 - loads the HTTP library

    if kind not in _KINDS:
        raise typer.BadParameter(f"--format is one of {', '.join(_KINDS)}.")
    if output is None:
        run.client.export_conversation(conversation, kind, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with whole(output) as file:
        size = run.client.export_conversation(conversation, kind, file)
    run.out.note(f"{output}: {text.size(size)}")


@command(app, "rename")
def rename(
    run: Run, conversation: ConversationId, title: Annotated[str, typer.Argument(metavar="TITLE", show_default=False)]
) -> None:
    """Give a conversation another title."""
    changed = run.client.rename_conversation(conversation, title)
    if run.out.as_json:
        run.out.document(changed.model_dump(mode="json"))
        return
    run.out.note(f"It is now: {changed.title}")


@command(app, "rm")
def remove(run: Run, conversation: ConversationId) -> None:
    """Remove a conversation with all that was said in it."""
    run.client.delete_conversation(conversation)
    run.out.note(f"Removed {conversation}.")
