"""`serve` runs as a process of its own until it is interrupted."""

import signal
import subprocess
import sys

import requests

PROGRAM = """
from connector.local.stripe.server import StripeConfig, serve
serve(StripeConfig(api_key="sk_test_served"), 0, lambda url: print(url, flush=True))
"""


def test_serve_answers_and_ends_cleanly():
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    with process:
        try:
            url = process.stdout.readline().strip()
            answer = requests.get(f"{url}/v1/customers", auth=("sk_test_served", ""), timeout=5)
            assert answer.json()["data"] == []
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
