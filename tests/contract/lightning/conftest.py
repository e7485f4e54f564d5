"""A local org that shows pages, compiled or as good as."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from connector.local.org.server import Credentials, LocalOrg, OrgConfig, OrgUser

REPO = Path(__file__).parents[3]
ADA = "ada.okafor@dueline.example"
GINA = "gina.rossi@dueline.example"


@pytest.fixture
def built(tmp_path) -> Path:
    """What a build leaves, without one."""
    folder = tmp_path / "pages"
    (folder / "assets/styles").mkdir(parents=True)
    (folder / "app-abc.js").write_text("export {};")
    (folder / "assets/styles/slds.css").write_text("body {}")
    manifest = {"inputs": "x", "app": "app-abc.js", "styles": "assets/styles/slds.css"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def org(built) -> Iterator[LocalOrg]:
    config = OrgConfig(
        metadata=REPO / "salesforce_metadata",
        integration=Credentials("api", "secret", "dueline@integration.example"),
        org_admin=Credentials("admin", "secret", "admin@dueline.example"),
        users=(
            OrgUser("Ada Okafor", "Account Executive", "ada", "secret", ("Dueline_User",)),
            OrgUser("Gina Rossi", "Marketing", "gina", "secret"),
        ),
    )
    with LocalOrg(config, built) as running:
        yield running


@pytest.fixture
def browser(org) -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session
