"""The pages that show the package's Lightning components in the demo: found or compiled, and what to look at there.

They need Node and the packages of package.json. Without these the demo runs as before and says what is missing.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from rich.console import Console

from sync.demo.book import OWING
from sync.demo.people import OrgUserClient
from sync.demo.sales import EXECUTIVE

_PROJECT = Path(__file__).resolve().parents[2]
_BUILD = _PROJECT / "connector/local/lightning/build/main.mjs"
_BUILT = _PROJECT / "build/lightning"


def compiled_pages(console: Console) -> Path | None:
    """The folder of compiled pages, made anew where something has changed; None, with the reason told, without them."""
    node = shutil.which("node")
    if node is None or not (_PROJECT / "node_modules/lwc").exists():
        missing = "Node 20 or later" if node is None else "the packages of package.json (npm ci)"
        console.print(f"[yellow]Without {missing} there are no Lightning pages to look at; the rest runs.[/yellow]")
        return None
    console.print("compiling the Lightning pages …")
    done = subprocess.run([node, _BUILD, "--out", _BUILT], capture_output=True, text=True, check=False)
    if done.returncode:
        console.print(f"[red]The Lightning pages do not compile: {done.stderr.strip()}[/red]", soft_wrap=True)
        return None
    return _BUILT


def places(org_url: str, org: OrgUserClient, users: list[str]) -> dict[str, Any]:
    """What to look at: an account that owes, an opportunity and a case of it; `users` are who may look."""
    account = org.find("Account", "Name", OWING)
    return {
        "url": f"{org_url}/lightning",
        "account": account,
        "opportunity": org.find("Opportunity", "AccountId", account),
        "case": org.find("Case", "AccountId", account),
        "users": users,
    }


def links(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and address of each place, to be shown."""
    url = found["url"]
    return [
        (f"{OWING} (as {EXECUTIVE})", f"{url}/r/Account/{found['account']}/view"),
        ("an opportunity on it", f"{url}/r/Opportunity/{found['opportunity']}/view"),
        ("a case of it", f"{url}/r/Case/{found['case']}/view"),
        ("My receivables", f"{url}/page/home"),
    ]
