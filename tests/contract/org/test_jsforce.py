"""jsforce, the other client that nobody here wrote, runs its own conformance script against the local org."""

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import REPO


def test_jsforce_conformance(org):
    if not (REPO / "node_modules/@jsforce/jsforce-node").is_dir():
        pytest.skip("jsforce is not installed; run `npm ci` at the repository's root")
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on PATH")
    script = Path(__file__).with_name("jsforce.mjs")
    arguments = [org.url, "integration", "s-int", "admin", "s-adm"]
    done = subprocess.run([node, script, *arguments], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
