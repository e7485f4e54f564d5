"""Sends many signed webhooks over a few lasting connections, from processes of its own."""

import http.client
import json
import multiprocessing
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Sent:
    """How long all took, and each of them from its first byte to its answer, in seconds."""

    seconds: float
    acks: list[float]

    @property
    def p95(self) -> float:
        """The answer that 19 of 20 were quicker than."""
        return statistics.quantiles(self.acks, n=20)[18]


def send_all(urls: Sequence[str], requests: Sequence[Request]) -> Sent:
    """Send them all, over PROCESSES x THREADS connections that take the URLs in turn.

    Raises if one is not answered 2xx.
    """
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(PROCESSES + 1), context.SimpleQueue()
    parts = [requests[number::PROCESSES] for number in range(PROCESSES)]
    senders = [context.Process(target=_process, args=(urls, part, start, answers)) for part in parts]
    for sender in senders:
        sender.start()
    start.wait()
    began = time.perf_counter()
    found = [answers.get() for _ in senders]
    took = time.perf_counter() - began
    for sender in senders:
        sender.join()
    acks = [each for some, _ in found for each in some]
    refused = [status for _, some in found for status in some]
    if refused or len(acks) != len(requests):
        raise RuntimeError(
            f"of {len(requests)} webhooks {len(acks)} were answered 2xx by {urls}; others: {refused[:9]}"
        )
    return Sent(took, acks)


def _process(urls: Sequence[str], requests: Sequence[Request], start: Any, answers: Any) -> None:
    acks: list[float] = []
    refused: list[int] = []
    parts = [(urls[number % len(urls)], requests[number::THREADS]) for number in range(THREADS)]
    threads = [threading.Thread(target=_send, args=(*part, acks, refused)) for part in parts]
    start.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.put((acks, refused))


def _send(url: str, requests: Sequence[Request], acks: list[float], refused: list[int]) -> None:
    to = urlsplit(url)
    connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=30)
    for body, headers in requests:
        began = time.perf_counter()
        connection.request("POST", to.path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if 200 <= answer.status < 300:
            acks.append(time.perf_counter() - began)
        else:
            refused.append(answer.status)
    connection.close()
