"""Outbound messages: what people change is told, in the real SOAP, until it is acknowledged."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from dataclasses import replace as changed
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from connector.local.org.server import LocalOrg

from .conftest import Api, invoice

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
OUT = "{http://soap.sforce.com/2005/09/outbound}"
SF = "{urn:sobject.enterprise.soap.sforce.com}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ACK = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{}</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)
REFUSALS = [(503, ""), (200, ACK.format("false")), (200, "fine!"), (200, "<html/>"), (302, "")]


@dataclass
class Receiver:
    """Whoever the messages are for; `answers` are given first, each once, and then acknowledgements."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    slow_s: float = 0

    def messages(self) -> list[Element]:
        return [fromstring(body).find(f"{SOAP}Body/{OUT}notifications") for body in self.bodies]

    def told(self) -> list[str]:
        """Ids of the rows, in the order of arrival."""
        return [each.text for message in self.messages() for each in message.iter(f"{SF}Id")]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            time.sleep(known.slow_s)
            known.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, text = known.answers.pop(0) if known.answers else (200, ACK.format("true"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known = Receiver(f"http://127.0.0.1:{server.server_port}/webhooks/salesforce/crm/secret")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield known
        server.shutdown()
        thread.join()


def subscribe(api: Api, url: str | None, *objects: str) -> dict[str, Any]:
    answer = api.post("/_control/outbound", {"url": url, "objects": list(objects)} if url else {"url": None})
    assert answer.status_code == 200, answer.text
    return answer.json()


def wait(until: Callable[[], Any], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def shown(api: Api) -> dict[str, Any]:
    return api.get("/_control/outbound").json()


def test_a_commitment_is_told_in_the_real_shape(org: LocalOrg, ann: Api, account: str, receiver: Receiver):
    subscribe(ann, receiver.url, "AR_Commitment__c")
    made = ann.create("AR_Commitment__c", Account__c=account, Amount__c=10, Promised_On__c="2026-12-01")
    wait(lambda: receiver.bodies)
    (message,) = receiver.messages()
    assert message.findtext(f"{OUT}OrganizationId") == org.org.org_id
    assert message.findtext(f"{OUT}ActionId").startswith("04k")
    assert message.find(f"{OUT}SessionId").get(f"{XSI}nil") == "true"
    assert message.findtext(f"{OUT}EnterpriseUrl").startswith(f"{org.url}/services/Soap/c/")
    assert message.findtext(f"{OUT}PartnerUrl").startswith(f"{org.url}/services/Soap/u/")
    (notification,) = message.findall(f"{OUT}Notification")
    assert notification.findtext(f"{OUT}Id").startswith("04l")
    row = notification.find(f"{OUT}sObject")
    assert row.get(f"{XSI}type") == "sf:AR_Commitment__c"
    assert row.findtext(f"{SF}Id") == made
    assert row.findtext(f"{SF}LastModifiedDate").endswith("Z")
    wait(lambda: shown(ann)["delivered"] == 1)
    assert shown(ann) == {
        "url": receiver.url,
        "objects": ["AR_Commitment__c"],
        "pending": 0,
        "delivered": 1,
        "messages": 1,
        "refused": 0,
        "given_up": 0,
        "last_error": None,
    }


def test_only_what_others_change_is_told(api: Api, ann: Api, admin: Api, account: str, receiver: Receiver):
    made = ann.create("AR_Commitment__c", Account__c=account, Amount__c=10, Promised_On__c="2026-12-01")
    subscribe(ann, receiver.url, "ar_commitment__c", "Account")
    api.patch(f"sobjects/AR_Commitment__c/{made}", {"Status__c": "Open"}).raise_for_status()
    ann.create("AR_Dispute__c", Account__c=account, Category__c="Other")
    ann.patch(f"sobjects/AR_Commitment__c/{made}", {"Amount__c": "x"})
    admin.delete(f"sobjects/AR_Commitment__c/{made}").raise_for_status()
    admin.post("/_control/undelete", {"ids": [made]}).raise_for_status()
    admin.patch(f"sobjects/Account/{account}", {"Name": "A & B <Ltd>"}).raise_for_status()
    wait(lambda: receiver.bodies)
    assert receiver.told() == [account]
    (message,) = receiver.messages()
    assert next(message.iter(f"{SF}Name")).text == "A & B <Ltd>"


def test_a_message_is_sent_until_it_is_acknowledged(ann: Api, account: str, receiver: Receiver):
    receiver.answers = REFUSALS[:3]
    subscribe(ann, receiver.url, "AR_Commitment__c")
    made = ann.create("AR_Commitment__c", Account__c=account, Amount__c=10, Promised_On__c="2026-12-01")
    wait(lambda: shown(ann)["delivered"] == 1)
    assert receiver.told() == [made] * 4
    assert len({next(each.iter(f"{OUT}Notification")).findtext(f"{OUT}Id") for each in receiver.messages()}) == 1
    assert (shown(ann)["refused"], shown(ann)["pending"], shown(ann)["last_error"]) == (3, 0, None)


@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: f"{answer[0]} {answer[1][:7]}")
def test_what_is_no_acknowledgement(ann: Api, account: str, receiver: Receiver, answer):
    receiver.answers = [answer]
    subscribe(ann, receiver.url, "AR_Commitment__c")
    ann.create("AR_Commitment__c", Account__c=account, Amount__c=10, Promised_On__c="2026-12-01")
    wait(lambda: shown(ann)["refused"] == 1)
    assert shown(ann)["pending"] == 1
    assert shown(ann)["last_error"]
    subscribe(ann, None)
    assert shown(ann)["pending"] == 0


def test_nobody_waits_for_a_slow_receiver_and_many_share_a_message(ann: Api, admin: Api, account: str, receiver):
    receiver.slow_s = 0.5
    subscribe(ann, receiver.url, "Account", "Contact")
    admin.patch(f"sobjects/Account/{account}", {"Name": "first"})
    time.sleep(0.1)
    began = time.monotonic()
    for _ in range(2):
        rows = [{"attributes": {"type": "Contact"}, "LastName": f"N{number}"} for number in range(101)]
        assert all(row["success"] for row in admin.post("composite/sobjects", {"records": rows}).json())
    assert receiver.bodies == []
    assert time.monotonic() - began < 0.5
    wait(lambda: shown(admin)["delivered"] == 203)
    sizes = [len(message.findall(f"{OUT}Notification")) for message in receiver.messages()]
    assert sizes == [1, 100, 100, 2]


def test_nobody_there(ann: Api, account: str, unused_port: int):
    subscribe(ann, f"http://127.0.0.1:{unused_port}/", "AR_Commitment__c")
    ann.create("AR_Commitment__c", Account__c=account, Amount__c=10, Promised_On__c="2026-12-01")
    wait(lambda: shown(ann)["refused"])
    assert "Connection" in shown(ann)["last_error"]


@pytest.fixture
def unused_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


def test_the_subscription_survives_a_restart(config, tmp_path, receiver: Receiver):
    kept = changed(config, data=tmp_path / "org.db")
    for number in range(2):
        with LocalOrg(kept) as org:
            admin = Api(org.url, "admin", "s-adm")
            if not number:
                subscribe(admin, receiver.url, "AR_Invoice__c")
            admin.create("AR_Invoice__c", **invoice(f"k{number}"))
            wait(lambda: len(receiver.bodies) == number + 1)  # noqa: B023 - called at once
            admin.session.close()
    assert len(set(receiver.told())) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Send {"),
        ({"url": "http://127.0.0.1/", "objects": []}, "at least one object"),
        ({"url": "http://127.0.0.1/", "objects": ["Nope__c"]}, "no object Nope__c"),
        ({"url": "ftp://127.0.0.1/", "objects": ["Account"]}, "no http(s) address"),
        ({"url": "http://127.0.0.1/", "objects": ["Account"], "secret": 1}, "Send {"),
    ],
)
def test_subscriptions_that_make_no_sense(api: Api, body, words):
    answer = api.post("/_control/outbound", body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
