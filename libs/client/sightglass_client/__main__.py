"""Starts the `sightglass` command."""

import sys


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    try:
        from sightglass_client.cli.app import app  # noqa: PLC0415 - a ctrl-C while it loads ends quietly

        app(prog_name="sightglass")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
