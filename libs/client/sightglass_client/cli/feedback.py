"""`sightglass feedback`: how good an answer was, and the questions that become of it."""

from typing import Annotated

import typer

from sightglass_client.cli.command import command, group
from sightglass_client.cli.conversations import ConversationId
from sightglass_client.cli.run import Run

TurnId = Annotated[str, typer.Argument(metavar="TURN_ID", show_default=False)]
Thumb = Annotated[str, typer.Argument(metavar="up|down", show_default=False)]
NameOrId = Annotated[str, typer.Argument(metavar="NAME_OR_ID", show_default=False)]
Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="N_OR_ID",
        help="What answers best: a citation's number, a document's id.",
        show_default=False,
    ),
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.", show_default=False)]

app = group("feedback", "Feedback: how good an answer was, and the questions that become of it.")


@command(app, "give")
def give(
    run: Run, conversation: ConversationId, turn: TurnId, thumb: Thumb, *, source: Source = None, note: Note = ""
) -> None:
    """Say how good an answer is; again, it takes the place of what was said. `conversations show` tells the ids."""
    if thumb not in {"up", "down"}:
        raise typer.BadParameter("Say up or down.")
    best = int(source) if source and source.isascii() and source.isdigit() else source
    given = run.client.give_feedback(conversation, turn, thumb, source=best, note=note)
    if run.out.as_json:
        run.out.document(given.model_dump(mode="json"))
        return
    run.out.facts({"thumb": given.thumb, "document": given.document_id or "", "note": given.note})


@command(app, "questions")
def questions(run: Run, dataset: NameOrId) -> None:
    """Print the questions whose right sources are known by feedback, as `datasets evaluate` takes them."""
    for one in run.client.feedback_questions(run.client.dataset(dataset).dataset_id):
        run.out.line(one)
