"""The command line: `dueline COMMAND`. Each command wires what it needs; errors are one line with the way out."""

import sys
from collections.abc import Sequence

import click

COMMANDS = {
    "demo": ("local", "demo"),
    "web": ("serve", "web"),
    "worker": ("serve", "worker"),
    "clock": ("serve", "clock"),
    "db": ("serve", "db"),
    "doctor": ("doctor", "doctor"),
    "backfill": ("upkeep", "backfill"),
    "reconcile": ("upkeep", "reconcile"),
    "replay": ("upkeep", "replay"),
    "status": ("upkeep", "status"),
    "admin": ("admin", "admin"),
    "link": ("people", "link"),
    "unlink": ("people", "unlink"),
    "local-org": ("local", "local_org"),
    "local-stripe": ("local", "local_stripe"),
}


class _Lazy(click.Group):
    """Imports a command's module when it is called, so that --help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module, name = COMMANDS[cmd_name]
        found: click.Command = getattr(import_module(f"sync.cli.{module}"), name)
        return found


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dueline")
def dueline() -> None:
    """Receivables inside Salesforce: billing webhooks in, an exact AR ledger, the right figures in the CRM."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. What a person can mend is told in one line; exit code 1, or 2 for wrong usage."""
    try:
        dueline.main(arguments, standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        from sync.failures import in_words

        words = in_words(error)
        if words is None:
            raise
        click.echo(f"dueline: {words}", err=True)
        sys.exit(1)
