"""Sends many signed webhooks over a few lasting connections, from processes of its own."""

import http.client
import json
import multiprocessing
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from stripe import WebhookSignature

PROCESSES, THREADS = 2, 4

Request = tuple[bytes, dict[str, str]]


def signed(event: dict[str, Any], secret: str) -> Request:
    """The body and headers with which Stripe would send this event now."""
    body = json.dumps(event, indent=2)
    signature = str(WebhookSignature.generate_signature_header(body, secret))
    return body.encode(), {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}


def send_all(url: str, requests: Sequence[Request]) -> float:
    """Send them all, over PROCESSES x THREADS connections; the seconds it took. Raises if one is not answered 2xx."""
    context = multiprocessing.get_context("fork")
    start, failed = context.Barrier(PROCESSES + 1), context.Value("i", 0)
    parts = [requests[number::PROCESSES] for number in range(PROCESSES)]
    senders = [context.Process(target=_process, args=(url, part, start, failed)) for part in parts]
    for sender in senders:
        sender.start()
    start.wait()
    began = time.perf_counter()
    for sender in senders:
        sender.join()
    took = time.perf_counter() - began
    if failed.value or any(sender.exitcode for sender in senders):
        raise RuntimeError(f"{failed.value} of {len(requests)} webhooks were not answered 2xx by {url}")
    return took


def _process(url: str, requests: Sequence[Request], start: Any, failed: Any) -> None:
    parts = [requests[number::THREADS] for number in range(THREADS)]
    threads = [threading.Thread(target=_send, args=(url, part, failed)) for part in parts]
    start.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(url: str, requests: Sequence[Request], failed: Any) -> None:
    to = urlsplit(url)
    connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=30)
    for body, headers in requests:
        connection.request("POST", to.path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if not 200 <= answer.status < 300:
            with failed.get_lock():
                failed.value += 1
    connection.close()
