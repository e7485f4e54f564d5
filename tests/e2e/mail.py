"""Webhooks on their way: signed as Stripe signs them, shuffled, repeated and held back, sent until answered 2xx."""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterable
from typing import Any, Self
from urllib.parse import urlsplit

from stripe import WebhookSignature

Json = dict[str, Any]


class Mail:
    """A bag of deliveries that `senders` connections empty in any order. `posted`: answered 2xx; `refused`: sent again.

    `backlog`: how many deliveries stay in the bag while more may come, so that neighbours are torn apart; `late`: the
    part of them that is sent only when everything else is.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        seed: int = 0,
        copies: int = 0,
        late: float = 0.0,
        backlog: int = 0,
        senders: int = 4,
    ) -> None:
        self._to = urlsplit(url)
        self._secret = secret
        self._dice = random.Random(seed)
        self._copies, self._late, self._backlog = copies, late, backlog
        self._bag: list[str] = []
        self._held: list[str] = []
        self._flying = 0
        self._closed = False
        self._changed = threading.Condition()
        self.posted = self.refused = 0
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(senders)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._bag += self._held
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def put(self, events: Iterable[Json]) -> None:
        """Have these delivered, each once and up to `copies` times more."""
        with self._changed:
            for event in events:
                body = json.dumps(event, indent=2)
                for _ in range(1 + self._dice.randint(0, self._copies)):
                    (self._held if self._dice.random() < self._late else self._bag).append(body)
            self._changed.notify_all()

    def _take(self) -> str | None:
        with self._changed:
            while len(self._bag) <= (0 if self._closed else self._backlog):
                if self._closed and not self._flying:
                    return None
                self._changed.wait(0.2)
            self._flying += 1
            index = self._dice.randrange(len(self._bag))
            self._bag[index], self._bag[-1] = self._bag[-1], self._bag[index]
            return self._bag.pop()

    def _send(self) -> None:
        connection = http.client.HTTPConnection(self._to.hostname or "", self._to.port, timeout=20)
        while (body := self._take()) is not None:
            stored = self._post(connection, body)
            with self._changed:
                self._flying -= 1
                self.posted += stored
                self.refused += not stored
                if not stored:
                    self._bag.append(body)
                self._changed.notify_all()
            if not stored:
                time.sleep(0.2)
        connection.close()

    def _post(self, connection: http.client.HTTPConnection, body: str) -> bool:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": str(WebhookSignature.generate_signature_header(body, self._secret)),
        }
        try:
            connection.request("POST", self._to.path, body.encode(), headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return False
        return 200 <= answer.status < 300
