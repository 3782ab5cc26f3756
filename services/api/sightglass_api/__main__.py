"""`sightglass-api`: serves HTTP, relays the outbox, and does what only an operator may. Wiring only."""

import argparse
from collections.abc import Callable, Sequence
from typing import TypeAlias
from uuid import UUID

ROLES = ("platform_admin", "tenant_admin", "member", "viewer")


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command. What a command needs is imported by it: `--help` must not load a web framework."""
    arguments = parser().parse_args(argv)
    run: Callable[[argparse.Namespace], None] = arguments.run
    run(arguments)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="sightglass-api", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "serve", "Serve HTTP", _serve)
    _add(commands, "relay", "Send the outbox, and look after jobs that got lost", _relay)
    reconcile = _add(commands, "reconcile", "Send jobs that got lost, once, and end", _reconcile)
    reconcile.add_argument("--now", action="store_true", help="every unfinished job: after the queues were lost")
    _add(commands, "provision", "Create the queues and the bucket where nothing else has", _provision)
    _add_tenants(commands)
    _add_keys(commands)
    _add_buckets(commands)
    return top


# argparse gives this type no public name.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def _add(
    commands: Commands, name: str, title: str, run: Callable[[argparse.Namespace], None]
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=title, description=f"{title}.")
    command.set_defaults(run=run)
    return command


def _group(commands: Commands, name: str, title: str) -> Commands:
    return commands.add_parser(name, help=title, description=f"{title}.").add_subparsers(
        required=True, metavar="COMMAND"
    )


def _add_tenants(commands: Commands) -> None:
    create = _add(_group(commands, "tenants", "Tenants"), "create", "Make a tenant with its first key", _create_tenant)
    create.add_argument("name")
    create.add_argument("--role", choices=ROLES, default="tenant_admin", help="of the key (default: tenant_admin)")
    create.add_argument("--json", action="store_true", help="print one JSON object")


def _add_keys(commands: Commands) -> None:
    keys = _group(commands, "keys", "API keys")
    create = _add(keys, "create", "Make a further key", _create_key)
    create.add_argument("--tenant", type=UUID, required=True, metavar="TENANT_ID")
    create.add_argument("--role", choices=ROLES, required=True)
    create.add_argument("--name", default="key", help="what it is for")
    create.add_argument("--json", action="store_true", help="print one JSON object")
    revoke = _add(keys, "revoke", "End a key at once and for good", _revoke_key)
    revoke.add_argument("key_id", help="the eight characters after sg_")
    revoke.add_argument("--tenant", type=UUID, required=True, metavar="TENANT_ID")


def _add_buckets(commands: Commands) -> None:
    buckets = _group(commands, "buckets", "Buckets that a tenant may have analysed")
    for name, title, run in (("link", "Link a bucket", _link_bucket), ("unlink", "Unlink a bucket", _unlink_bucket)):
        command = _add(buckets, name, f"{title} to a tenant" if name == "link" else f"{title} from a tenant", run)
        command.add_argument("bucket")
        command.add_argument("--tenant", type=UUID, required=True, metavar="TENANT_ID")


def _serve(_arguments: argparse.Namespace) -> None:
    from sightglass_api.serving import serve  # noqa: PLC0415 - see main

    serve()


def _relay(_arguments: argparse.Namespace) -> None:
    from sightglass_api.relaying import relay  # noqa: PLC0415 - see main

    relay()


def _reconcile(arguments: argparse.Namespace) -> None:
    from sightglass_api.relaying import reconcile_once  # noqa: PLC0415 - see main

    print(f"{reconcile_once(everything=arguments.now)} jobs sent again")


def _provision(_arguments: argparse.Namespace) -> None:
    from sightglass_api.provisioning import provision  # noqa: PLC0415 - see main

    print(provision())


def _create_tenant(arguments: argparse.Namespace) -> None:
    from sightglass_api.tenants import commands  # noqa: PLC0415 - see main

    commands.create_tenant(arguments.name, arguments.role, as_json=arguments.json)


def _create_key(arguments: argparse.Namespace) -> None:
    from sightglass_api.tenants import commands  # noqa: PLC0415 - see main

    commands.create_key(arguments.tenant, arguments.name, arguments.role, as_json=arguments.json)


def _revoke_key(arguments: argparse.Namespace) -> None:
    from sightglass_api.tenants import commands  # noqa: PLC0415 - see main

    commands.revoke_key(arguments.tenant, arguments.key_id)


def _link_bucket(arguments: argparse.Namespace) -> None:
    from sightglass_api.tenants import commands  # noqa: PLC0415 - see main

    commands.link_bucket(arguments.tenant, arguments.bucket)


def _unlink_bucket(arguments: argparse.Namespace) -> None:
    from sightglass_api.tenants import commands  # noqa: PLC0415 - see main

    commands.unlink_bucket(arguments.tenant, arguments.bucket)


if __name__ == "__main__":
    main()
