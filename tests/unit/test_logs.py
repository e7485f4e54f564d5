"""Lines of the log: JSON, whatever is in them."""

import json
import subprocess
import sys

SCRIPT = """
import structlog
from sync import logs
logs.configure("INFO")
log = structlog.get_logger()
log.debug("not told")
log.info("plain", trace="evt_1", amount=1, none=None)
log.info("strange", half="\\ud800", other=object(), name="Zoë")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
"""


def test_every_line_is_json_with_its_time_and_level():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, timeout=60, check=True)
    plain, strange, failed = [json.loads(line) for line in done.stderr.decode().splitlines()]
    assert (plain["event"], plain["trace"], plain["amount"], plain["none"]) == ("plain", "evt_1", 1, None)
    assert plain["level"] == "info"
    assert plain["timestamp"].endswith("Z")
    assert strange["name"] == "Zoë"
    assert strange["other"].startswith("<object")
    assert "ZeroDivisionError" in failed["exception"]
    assert done.stdout == b""
