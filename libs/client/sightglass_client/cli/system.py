"""`sightglass whoami` and `sightglass version`."""

import platform
from importlib.metadata import version as version_of

import typer

from sightglass_client.cli.command import command
from sightglass_client.cli.run import Run


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "whoami")(whoami)
    command(app, "version")(version)


def whoami(run: Run) -> None:
    """Show whose key this is and what it may do."""
    identity = run.client.whoami()
    if run.out.as_json:
        run.out.document(identity.model_dump(mode="json"))
        return
    run.out.facts(
        {
            "tenant": identity.tenant_name,
            "tenant id": identity.tenant_id,
            "role": identity.role,
            "key": identity.key_id,
            "address": run.client.config.url,
        }
    )


def version(run: Run) -> None:
    """Show the version of this program."""
    own, python = version_of("sightglass-client"), platform.python_version()
    if run.out.as_json:
        run.out.document({"version": own, "python": python})
    else:
        run.out.facts({"sightglass": own, "python": python})
