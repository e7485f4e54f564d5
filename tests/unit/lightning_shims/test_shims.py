"""The stand-ins of the platform's modules, tried in Node: what components rely on, without a browser."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_shims(name):
    done = subprocess.run(["node", "--test", HERE / name], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout
