"""The house beyond what import rules can say: what a running process has loaded, and what every screen keeps to."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.admin.app import SCREENS

LOADED = "import sys, sync.web; print(*sorted(name for name in sys.modules))"
ADMIN = Path(__file__).parents[2] / "sync/admin"
MODULES = sorted(path for path in ADMIN.rglob("*.py") if not path.name.startswith(("test_", "conftest")))
TABLES = ("sync.db.tables", "sync.db.admin_tables", "sync.db.crm_tables")
TABLES = ("sync.db.tables", "sync.db.admin_tables", "sync.db.crm_tables")
NOT_SCREENS = {"assets", "layout", "static"}


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """What the web process has loaded when it begins to receive webhooks."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_web_process_loads_no_mapping_and_no_connector(loaded):
    """So that nothing in them, not even a syntax error, can fail an acknowledgement."""
    assert "webhooks.receive" in loaded
    assert not {name for name in loaded if name.startswith(("connector", "sync.core.mapping.", "sync.adapters"))}


def test_the_web_process_loads_nothing_of_finances_page_but_its_door(loaded):
    """It is loaded when somebody opens it: until then nothing in it can fail an acknowledgement, either."""
    assert {name for name in loaded if name.startswith("sync.admin.")} == {"sync.admin.mount"}
    assert not loaded & {"flask_wtf", "wtforms", "authlib", "joserfc"}


def test_every_folder_of_the_page_is_a_screen():
    folders = {path.name for path in ADMIN.iterdir() if path.is_dir() and not path.name.startswith(("__", "."))}
    assert folders - NOT_SCREENS == set(SCREENS)


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_a_view_a_template_and_a_test(name):
    folder = ADMIN / name
    assert (folder / "view.py").is_file()
    assert list(folder.glob("*.html")), "no template"
    assert list(folder.glob("test_*.py")), "no test"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ADMIN)))
def test_the_page_asks_the_store_and_holds_no_sql(path):
    """Of SQLAlchemy it knows what is handed on. Questions have names, and stand in `sync.db`."""
    tree = ast.parse(path.read_text())
    handed_on = {("sqlalchemy", "Connection"), ("sqlalchemy", "Engine"), ("sync.db.tables", "AnyRow")}
    assert {each for each in _imported(tree) if each[0].startswith(("sqlalchemy", "psycopg", *TABLES))} <= handed_on
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
    assert not called & {"exec_driver_sql", "execute", "scalar", "scalars"}


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What a module imports: from where, and the name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            source = getattr(node, "module", None)
            yield from ((source or each.name, each.name) for each in node.names)
