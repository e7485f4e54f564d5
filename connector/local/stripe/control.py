"""`/_control`: what a story, a test or a demo does to the account from outside. No key needed: it is a local tool."""

import dataclasses
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connector.local.stripe import shapes
from connector.local.stripe.desk import Desk
from connector.local.stripe.faults import read_fault
from connector.local.stripe.refusal import Json, StripeRefusal, invalid, missing
from connector.local.stripe.webhooks import Disorder, Target, arrange
from connector.local.stripe.world import World

_TARGET = {"url", "secret", "others"}


def blueprint(desk: Desk) -> Blueprint:
    """The routes under /_control."""
    routes = Blueprint("control", __name__, url_prefix="/_control")
    control = Control(desk)
    routes.add_url_rule("/objects", view_func=control.put_objects, methods=["PUT"])
    routes.add_url_rule("/objects", view_func=control.objects, methods=["GET"])
    routes.add_url_rule("/delay", view_func=control.delay, methods=["POST"])
    routes.add_url_rule("/emit", view_func=control.emit, methods=["POST"])
    routes.add_url_rule("/faults", view_func=control.add_fault, methods=["POST"])
    routes.add_url_rule("/faults", view_func=control.faults, methods=["GET"])
    routes.add_url_rule("/faults", view_func=control.heal, methods=["DELETE"])
    routes.add_url_rule("/deliveries", view_func=control.deliveries, methods=["GET"])
    routes.add_url_rule("/act", view_func=control.act, methods=["POST"])
    routes.add_url_rule("/targets", view_func=control.targets, methods=["POST"])
    routes.add_url_rule("/calls", view_func=control.calls, methods=["GET"])
    return routes


class Control:
    """The handles; each answers JSON and refuses with Stripe's error body."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def put_objects(self) -> Response:
        """Take an object, or a list of them, as the truth from now on (`?account=` for a connected account)."""
        given = _json()
        bodies = given if isinstance(given, list) else [given]
        world = self._world(request.args.get("account"))
        with world.transaction():
            for body in bodies:
                world.put(_expect(body, dict, "an object in Stripe's shape"))
        return jsonify({"stored": [body["id"] for body in bodies]})

    def objects(self) -> Response:
        """Everything there is, or one `?type=`; events only when asked for."""
        found = self._world(request.args.get("account")).store.everything(request.args.get("type"))
        events = [shapes.render_event(each) for each in found if each["object"] == "event"]
        others = [shapes.render(each) for each in found if each["object"] != "event"]
        return jsonify({"object": "list", "data": [*others, *events]})

    def delay(self) -> Response:
        """Answer every API call after `ms` milliseconds, with what was true at some moment in between."""
        milliseconds = _expect(_fields({"ms"}).get("ms"), (int, float), "ms: a number of milliseconds")
        self.desk.delay = max(0.0, milliseconds / 1000)
        return jsonify({"ms": self.desk.delay * 1000})

    def emit(self) -> Response:
        """Send one event now, with the object as it is (or as given); the answers of the endpoints."""
        known = {"type", "id", "created", "api_version", "object", "account", "event_id", "times"}
        given = _fields({*known, "previous_attributes"})
        event_type = _expect(given.get("type"), str, "type: the event type")
        account = given.get("account")
        world = self._world(account if self.desk.connected(account) else None)
        snapshot = given.get("object") or world.store.get(given.get("id", ""))
        if snapshot is None:
            raise missing("object", str(given.get("id")))
        with world.transaction():
            event = world.event(event_type, snapshot, given.get("previous_attributes"))
            wanted = {"id": given.get("event_id"), "created": given.get("created"), "account": account}
            event.update({key: value for key, value in wanted.items() if value is not None})
            world.store.put(event)
        shown = self._shown(event, given)
        return jsonify({"event_id": event["id"], "status": self.desk.courier.send(shown, times=given.get("times", 1))})

    def add_fault(self) -> Response:
        """Misbehave a few times, or by chance until healed."""
        fault = read_fault(_expect(_json(), dict, "a JSON object"))
        self.desk.faults.add(fault)
        return jsonify(fault.shown())

    def faults(self) -> Response:
        """What still misbehaves, how often each kind has struck, and how many came back before their Retry-After."""
        faults = self.desk.faults
        return jsonify({"faults": faults.listed(), "struck": dict(faults.struck), "hurried": faults.hurried})

    def heal(self) -> Response:
        """Behave again, and let go of webhooks that were kept back; with `?kind=` only end faults of that kind."""
        kind = request.args.get("kind")
        if kind:
            self.desk.faults.heal(kind)
        else:
            self.desk.heal()
        return self.faults()

    def deliveries(self) -> Response:
        """How many webhooks wait or are kept back, and the events that were never sent."""
        return jsonify(self.desk.courier.outbound.state())

    def act(self) -> Response:
        """Run an action of the world and deliver what it caused: now, quietly not (`deliver` false), or `soon`."""
        given = _expect(_json(), dict, "an object with an action")
        name = _expect(given.pop("action", None), str, "action: the name of an action")
        deliver, disorder = given.pop("deliver", True), _disorder(given.pop("disorder", {}))
        result, events = self._world(given.pop("account", None)).act(name, given)
        if deliver == "soon":
            self.desk.courier.enqueue(arrange(events, disorder))
        receipts = self.desk.courier.deliver(events, disorder) if deliver is True else []
        return jsonify(
            {
                "result": _shown(result),
                "events": [{"id": event["id"], "type": event["type"]} for event in events],
                "deliveries": [dataclasses.asdict(receipt) for receipt in receipts],
            }
        )

    def targets(self) -> Response:
        """Deliver to these endpoints from now on."""
        given = _expect(_fields({"targets"}).get("targets"), list, "targets: a list of url and secret")
        if not all(isinstance(each, dict) and {"url", "secret"} <= each.keys() <= _TARGET for each in given):
            raise invalid("Each target has a url and a secret, and may have others: more urls of it.", param="targets")
        self.desk.courier.targets = tuple(
            Target(each["url"], each["secret"], tuple(each.get("others", ()))) for each in given
        )
        return jsonify({"targets": [target.url for target in self.desk.courier.targets]})

    def calls(self) -> Response:
        """How often the API was called."""
        by = dict(self.desk.calls)
        return jsonify({"total": sum(by.values()), "by": by})

    def _world(self, account: str | None) -> World:
        return self.desk.world(account)

    def _shown(self, event: Json, given: Json) -> Json:
        version = given.get("api_version") or self.desk.config.api_version
        if "object" in given:
            return {**event, "api_version": version}
        shown = shapes.render_event(event, version)
        if shown is None:
            raise invalid(f"API version {version} has no event {event['type']}", param="type")
        return shown


def _json() -> Any:
    given = request.get_json(force=True, silent=True)
    if given is None:
        raise StripeRefusal(400, "Send JSON.")
    return given


def _fields(known: set[str]) -> Json:
    given: Json = _expect(_json(), dict, "a JSON object")
    strange = sorted(given.keys() - known)
    if strange:
        raise invalid(f"Received unknown parameter: {strange[0]}. Known: {', '.join(sorted(known))}", param=strange[0])
    return given


def _expect(value: Any, kind: type | tuple[type, ...], what: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise invalid(f"Expected {what}.")
    return value


def _disorder(given: Any) -> Disorder:
    known = {field.name for field in dataclasses.fields(Disorder)}
    if not isinstance(given, dict) or given.keys() - known:
        raise invalid(f"disorder has only {', '.join(sorted(known))}", param="disorder")
    return Disorder(**given)


def _shown(result: Any) -> Any:
    if isinstance(result, list):
        return [_shown(each) for each in result]
    return shapes.render(result) if isinstance(result, dict) else result
