"""Carries out the plan's faults and kills at their times, and counts what really happened."""

import threading
import time
from collections import Counter

import requests

from tests.chaos.arena import Arena
from tests.chaos.plan import Happening, Plan


class Trouble:
    """A thread that does what the plan says to the org, to Stripe and to our processes."""

    def __init__(self, arena: Arena, plan: Plan) -> None:
        self._arena = arena
        self._plan = plan.of("org", "stripe", "kill")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="trouble", daemon=True)
        self.faults: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.missed: list[str] = []

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def stop(self) -> None:
        """No more; and everything is healed."""
        self._over.set()
        self._thread.join()
        self.heal()

    def heal(self) -> None:
        """The org and Stripe behave; webhooks that were kept back go out."""
        requests.delete(f"{self._arena.world.org_url}/_control/faults", timeout=30).raise_for_status()
        self._arena.stripe.control("DELETE", "faults")

    def _work(self) -> None:
        began = time.monotonic()
        for each in self._plan:
            if self._over.wait(max(0.0, began + each.at - time.monotonic())):
                return
            try:
                self._do(each)
            except requests.RequestException as error:
                self.missed.append(f"{each}: {error}")

    def _do(self, each: Happening) -> None:
        if each.where == "kill":
            if self._arena.kill(each.what):
                self.kills[each.what] += 1
            return
        if each.what == "heal":
            self._heal_one(each)
            return
        self.faults[f"{each.where} {each.what}"] += 1
        body = {"kind": each.what, **each.arguments}
        if each.where == "stripe":
            self._arena.stripe.control("POST", "faults", body)
        else:
            url = f"{self._arena.world.org_url}/_control/faults"
            requests.post(url, json=body, timeout=30).raise_for_status()

    def _heal_one(self, each: Happening) -> None:
        if each.where == "stripe":
            self._arena.stripe.control("DELETE", "faults", kind=str(each.arguments["kind"]))
        else:
            requests.delete(f"{self._arena.world.org_url}/_control/faults", timeout=30).raise_for_status()
