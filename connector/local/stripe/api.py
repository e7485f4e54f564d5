"""`/v1`: the part of Stripe's API that readers of receivables use, with its answers and refusals.

Reading and listing every kind of object, updating an invoice, and webhook endpoints. Anything else is "Unrecognized
request URL".
"""

import re
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from connector.local.stripe import endpoints, shapes
from connector.local.stripe.book import Request
from connector.local.stripe.desk import OWN_ACCOUNT, Desk, Replay
from connector.local.stripe.faults import Fault
from connector.local.stripe.forms import nested, to_query, truth, unknown, whole
from connector.local.stripe.objects import listing
from connector.local.stripe.refusal import Json, StripeRefusal, invalid, missing
from connector.local.stripe.resources import RESOURCES, Resource
from connector.local.stripe.store import Query
from connector.local.stripe.world import World

EVENTS_KEPT = 30 * 86_400
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")


def blueprint(desk: Desk) -> Blueprint:
    """The routes under /v1."""
    api = Blueprint("v1", __name__, url_prefix="/v1")
    front = Front(desk)
    api.before_request(front.admit)
    api.after_request(front.dismiss)
    api.add_url_rule("/<collection>", view_func=front.list_all, methods=["GET"])
    api.add_url_rule("/<collection>/<object_id>", view_func=front.retrieve, methods=["GET"])
    api.add_url_rule("/customers/<customer>/balance_transactions", view_func=front.balance, methods=["GET"])
    api.add_url_rule("/invoices/<invoice>", view_func=front.update_invoice, methods=["POST"])
    api.add_url_rule("/webhook_endpoints", view_func=front.create_endpoint, methods=["POST"])
    api.add_url_rule("/webhook_endpoints/<endpoint>", view_func=front.update_endpoint, methods=["POST"])
    api.add_url_rule("/webhook_endpoints/<endpoint>", view_func=front.delete_endpoint, methods=["DELETE"])
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    api.add_url_rule("/<path:rest>", view_func=front.unrecognized, methods=every)
    return api


class Front:
    """Requests in, answers out; what is true is the world's business."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def admit(self) -> Response | None:
        """Before anything else: be slow, misbehave if told to, and know who asks."""
        wait = self.desk.dice.uniform(0, self.desk.delay)
        g.rest, g.request_id = self.desk.delay - wait, f"req_{self.desk.dice.getrandbits(64):016x}"
        time.sleep(wait)
        rule = request.url_rule.rule if request.url_rule else request.path
        path = rule.replace("<collection>", (request.view_args or {}).get("collection", ""))
        self.desk.count(f"{request.method} {re.sub(r'<[a-z_]+>', '{id}', path)}")
        g.fault = self.desk.faults.of_answer(request.path)
        if g.fault and g.fault.kind == "slow":
            time.sleep(g.fault.ms / 1000)
        elif g.fault and g.fault.when == "before":
            return misbehave(g.fault)
        g.version = request.headers.get("Stripe-Version") or self.desk.config.api_version
        if not _VERSION.fullmatch(g.version):
            raise invalid(f"Invalid Stripe API version: {g.version}")
        self._authenticate()
        g.world = self._world()
        return None

    def dismiss(self, answer: Response) -> Response:
        """Headers that Stripe always sends, the rest of the delay, and misbehaviour after the fact."""
        if g.get("fault") and g.fault.when == "after" and g.fault.kind != "slow":
            answer = misbehave(g.fault)
        answer.headers["Request-Id"] = g.request_id
        answer.headers["Stripe-Version"] = g.get("version", self.desk.config.api_version)
        for echoed in ("Idempotency-Key", "Stripe-Account"):
            if echoed in request.headers:
                answer.headers[echoed] = request.headers[echoed]
        time.sleep(g.rest)
        return answer

    def list_all(self, collection: str) -> Response:
        """One page, newest first."""
        resource = self._resource(collection)
        self._allow(f"{resource.permission}_read")
        given, world = nested(request.args), self._where()
        expands = self._expands(resource, given, prefix="data.")
        query = to_query(resource.kind, given, resource.filters, world)
        items, more = world.store.page(self._narrowed(query, given))
        return jsonify(listing(f"/v1/{collection}", [self._show(each, expands) for each in items], has_more=more))

    def retrieve(self, collection: str, object_id: str) -> Response:
        """One object; a deleted customer is a stub, a deleted draft is gone."""
        resource = self._resource(collection)
        self._allow(f"{resource.permission}_read")
        given = nested(request.args)
        if given.keys() - {"expand"}:
            raise unknown(min(given.keys() - {"expand"}))
        expands = self._expands(resource, given)
        found = self._where().store.get(object_id)
        if found is None or found["object"] != resource.kind:
            raise missing(resource.kind, object_id)
        if found.get("deleted"):
            if resource.kind != "customer":
                raise missing(resource.kind, object_id)
            return jsonify({"id": object_id, "object": "customer", "deleted": True})
        return jsonify(self._show(found, expands))

    def balance(self, customer: str) -> Response:
        """The moves on a customer's balance, newest first."""
        self._allow("rak_customer_read")
        world = self._where()
        world.get("customer", customer)
        query = to_query("customer_balance_transaction", nested(request.args), frozenset({"invoice"}), world)
        items, more = world.store.page(replace(query, match={**query.match, "customer": customer}))
        url = f"/v1/customers/{customer}/balance_transactions"
        return jsonify(listing(url, [self._show(each, frozenset()) for each in items], has_more=more))

    def update_invoice(self, invoice: str) -> Response:
        """Change an invoice."""
        self._allow("rak_invoice_write")
        return self._once(lambda given, key: self._update(invoice, given, key))

    def create_endpoint(self) -> Response:
        """A new webhook endpoint, with its signing secret."""
        self._allow_endpoints()
        return self._once(lambda given, _: self._endpoints(endpoints.create(self._where(), given)))

    def update_endpoint(self, endpoint: str) -> Response:
        """Change a webhook endpoint."""
        self._allow_endpoints()
        return self._once(lambda given, _: self._endpoints(endpoints.update(self._where(), endpoint, given)))

    def delete_endpoint(self, endpoint: str) -> Response:
        """Take a webhook endpoint away."""
        self._allow_endpoints()
        return jsonify(self._endpoints(endpoints.delete(self._where(), endpoint)))

    def unrecognized(self, **_parts: str) -> Response:
        """Whatever Stripe has and this stand-in has not, or neither."""
        message = (
            f"Unrecognized request URL ({request.method}: {request.path}). Please see https://stripe.com/docs"
            " or we can help at https://support.stripe.com/."
        )
        raise StripeRefusal(404, message)

    def _once(self, perform: Callable[[Json, str | None], Json]) -> Response:
        """Carry out a POST with its parameters and its idempotency key; the same key gets the same answer."""
        account = request.headers.get("Stripe-Account", OWN_ACCOUNT)
        key = request.headers.get("Idempotency-Key")
        fingerprint = (request.path, request.get_data(as_text=True))
        known = self.desk.replay(account, key, fingerprint) if key else None
        replayed = known is not None
        if known is None:
            try:
                known = Replay(fingerprint, 200, perform(nested(request.form), key))
            except StripeRefusal as refusal:
                known = Replay(fingerprint, refusal.status, refusal.body())
            if key:
                self.desk.remember(account, key, known)
        answer = jsonify(known.body)
        answer.status_code = known.status
        if replayed:
            answer.headers["Idempotent-Replayed"] = "true"
        return answer

    def _allow_endpoints(self) -> None:
        self._allow("rak_webhook_write")
        if self._where() is not self.desk.world(None):
            raise invalid("The local account has webhook endpoints of its own only: leave Stripe-Account out.")

    def _endpoints(self, shown: Json) -> Json:
        """Deliver to what there is now."""
        self.desk.endpoints_changed()
        return shown

    def _update(self, invoice: str, given: Json, key: str | None) -> Json:
        expands = self._expands(RESOURCES["invoices"], given)
        given.pop("expand", None)
        for name, read in {"auto_advance": truth, "due_date": whole, "days_until_due": whole}.items():
            if name in given:
                given[name] = read(given[name], name)
        if given.get("metadata") == "":
            given["metadata"] = dict.fromkeys(self._where().get("invoice", invoice)["metadata"])
        changed, events = self._where().act("update_invoice", {"invoice": invoice, **given}, Request(g.request_id, key))
        self.desk.courier.enqueue(events)
        return self._show(changed, expands)

    def _resource(self, collection: str) -> Resource:
        resource = RESOURCES.get(collection)
        if resource is None:
            self.unrecognized()
        return resource  # type: ignore[return-value]

    def _where(self) -> World:
        world: World = g.world
        return world

    def _world(self) -> World:
        account = request.headers.get("Stripe-Account")
        if account and not self.desk.connected(account):
            raise StripeRefusal(
                403,
                f"The provided key '{_masked(g.key)}' does not have access to account '{account}' (or that account does"
                " not exist). Application access may have been revoked.",
                code="account_invalid",
            )
        return self.desk.world(account)

    def _authenticate(self) -> None:
        given = request.authorization
        key = given and (given.token if given.type == "bearer" else given.username)
        if not key:
            raise StripeRefusal(
                401, "You did not provide an API key. Pass it in the Authorization header, as bearer or basic user."
            )
        if key != self.desk.config.api_key and key not in self.desk.config.restricted_keys:
            raise StripeRefusal(401, f"Invalid API Key provided: {_masked(key)}")
        g.key = key

    def _allow(self, permission: str) -> None:
        held = self.desk.config.restricted_keys.get(g.key)
        if held is None or permission in held or permission.replace("_read", "_write") in held:
            return
        account = request.headers.get("Stripe-Account", OWN_ACCOUNT)
        raise StripeRefusal(
            403,
            f"The provided key '{_masked(g.key)}' does not have the required permissions for this endpoint on account"
            f" '{account}'. Having the '{permission}' permission would allow this request to continue.",
        )

    def _expands(self, resource: Resource, given: Json, prefix: str = "") -> frozenset[str]:
        wanted = given.get("expand", [])
        names = frozenset(each.removeprefix(prefix) for each in wanted)
        known = resource.expands if not shapes.is_old(g.version) else frozenset()
        for each in wanted:
            if not each.startswith(prefix) or each.removeprefix(prefix) not in known:
                raise invalid(f"This property cannot be expanded ({each}).", param="expand")
        return names

    def _narrowed(self, query: Query, given: Json) -> Query:
        if query.kind == "event":
            oldest = (">=", self._where().now - EVENTS_KEPT)
            without = shapes.NEW_EVENTS if shapes.is_old(self.desk.config.api_version) else ()
            types = given.get("types", [])
            return replace(query, types=tuple(types), bounds=(*query.bounds, oldest), without=without)
        if query.kind == "payment_record":
            limits = ((">", "created_after"), ("<", "created_before"))
            bounds = tuple((sign, whole(given[name], name)) for sign, name in limits if name in given)
            return replace(query, match={}, bounds=(*query.bounds, *bounds))
        if query.kind == "invoice_payment" and "payment" in given:
            if given["payment"].keys() - {"type", "payment_intent"}:
                raise unknown("payment")
            return replace(query, match={**query.match, "payment_intent": given["payment"].get("payment_intent", "")})
        return query

    def _show(self, body: Json, expands: frozenset[str]) -> Json:
        if body["object"] == "event":  # in the version in which it happened, whatever version asks
            return shapes.render_event(body, self.desk.config.api_version) or body
        shown = shapes.render(body, g.version)
        inline = shown.pop("payments", None) if body["object"] == "invoice" else None
        if "payments" in expands:
            found = self._where().find("invoice_payment", invoice=body["id"])
            own = listing(f"/v1/invoice_payments?invoice={body['id']}", [shapes.render(each) for each in found])
            shown["payments"] = own if found or inline is None else inline
        if "refunds" in expands:
            found = self._where().find("refund", charge=body["id"])
            shown["refunds"] = listing(f"/v1/charges/{body['id']}/refunds", [shapes.render(each) for each in found])
        return shown


def misbehave(fault: Fault) -> Response:
    """The answer of a fault; for a dropped connection the socket is shut before it can be written."""
    if fault.kind == "drop":
        connection: Any = request.environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        return Response(status=500)
    refusal = fault.refusal()
    answer = jsonify(refusal.body())
    answer.status_code = refusal.status
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * 8}{key[-4:]}"
