"""Commands of the local world: the stand-ins alone, and the demo that puts everything together."""

import json
from pathlib import Path

import click

from sync.settings import load


@click.command("local-org")
@click.option("--port", type=click.IntRange(0, 65535), default=8010, show_default=True, help="0 takes a free one.")
@click.option("--request-ms", type=float, default=0.0, help="How long every API answer takes at least.")
@click.option(
    "--lightning",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of compiled pages, shown under /lightning (see connector/local/lightning/build/main.mjs).",
)
def local_org(port: int, request_ms: float, lightning: Path | None) -> None:
    """A stand-in for a Salesforce org, with Dueline's metadata deployed. Keeps its data in DUELINE_HOME."""
    from connector.local.org.server import serve
    from sync.demo.identities import identities, org_config

    home = _home()
    who = identities(home)

    def ready(url: str) -> None:
        people = [
            {
                "name": person.name,
                "role": person.role,
                "client_id": person.client_id,
                "client_secret": person.client_secret,
            }
            for person in who.people
        ]
        told = {
            "instance_url": url,
            "client_id": who.integration_id,
            "client_secret": who.integration_secret,
            "org_admin": {"client_id": who.admin_id, "client_secret": who.admin_secret},
            "sign_in": {"client_id": who.sign_in_id, "client_secret": who.sign_in_secret},
            "org_users": people,
        }
        click.echo(json.dumps(told))

    serve(org_config(home, request_ms=request_ms), port, ready, lightning)


@click.command("local-stripe")
@click.option("--port", type=click.IntRange(0, 65535), default=8020, show_default=True, help="0 takes a free one.")
@click.option("--webhook-url", help="Where its events go, signed with the secret that is printed.")
def local_stripe(port: int, webhook_url: str | None) -> None:
    """A stand-in for a Stripe account. Keeps its data in DUELINE_HOME."""
    from connector.local.stripe.server import serve
    from sync.demo.identities import identities, stripe_config

    home = _home()
    who = identities(home)
    targets = ((webhook_url, who.webhook_secret),) if webhook_url else ()

    def ready(url: str) -> None:
        click.echo(json.dumps({"api_base": url, "api_key": who.stripe_key, "webhook_secret": who.webhook_secret}))

    serve(stripe_config(home, targets=targets), port, ready)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Written once everything answers.")
@click.option("--once", is_flag=True, help="Play one story, say what it proves, and end.")
@click.option("--unconnected", is_flag=True, help="Leave connecting Salesforce and Stripe to you, on finance's page.")
def demo(port: int, ready_file: Path | None, *, once: bool, unconnected: bool) -> None:
    """Run everything here, with a company's book and webhooks trickling in. Ctrl-C ends what it started."""
    from sync.demo.run import run_demo

    if once and unconnected:
        raise click.UsageError("--once plays its story on a connected world: leave out --unconnected")
    failed = run_demo(_home() / "demo", port=port, ready_file=ready_file, once=once, connected=not unconnected)
    if failed:
        raise click.ClickException(failed)


def _home() -> Path:
    home = load().home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    return home
