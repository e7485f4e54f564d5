"""The house beyond what import rules can say: what a running process has loaded."""

import subprocess
import sys

LOADED = "import sys, sync.web; print(*sorted(name for name in sys.modules))"


def test_the_web_process_loads_no_mapping_and_no_connector():
    """So that nothing in them, not even a syntax error, can fail an acknowledgement."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "webhooks.receive" in loaded
    assert not {name for name in loaded if name.startswith(("connector", "sync.core.mapping.", "sync.adapters"))}
