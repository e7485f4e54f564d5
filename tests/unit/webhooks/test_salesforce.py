"""Outbound Messages: who may ring the bell, and what is answered to whoever may not."""

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy.exc import OperationalError

from webhooks.app import create_app
from webhooks.providers import salesforce
from webhooks.receive import Receiver

ORG = "00D000000000001EAA"
TOKEN, OTHER = "t0ken-of-the-org-1234", "t0ken-that-is-new-5678"
PATH = f"/webhooks/salesforce/org/{TOKEN}"
ACK = ".//{http://soap.sforce.com/2005/09/outbound}Ack"
NOTE = (
    '<Notification><Id>04l000000000001AAA</Id><sObject xsi:type="sf:AR_Commitment__c" '
    'xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>a02000000000001AAA</sf:Id></sObject></Notification>'
)


def message(*, org: str = ORG, notes: str = NOTE, outbound: str = "http://soap.sforce.com/2005/09/outbound") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        f'<notifications xmlns="{outbound}"><OrganizationId>{org}</OrganizationId>'
        '<ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/>'
        "<EnterpriseUrl>https://x.example/c</EnterpriseUrl><PartnerUrl>https://x.example/u</PartnerUrl>"
        f"{notes}</notifications></soapenv:Body></soapenv:Envelope>"
    )


class Place:
    """What the application did, and the org it believes to be ours."""

    def __init__(self) -> None:
        self.rings = 0
        self.outcomes: list[tuple[str, str]] = []
        self.org: str | None = ORG
        self.broken: Exception | None = None

    def ring(self) -> None:
        self.rings += 1

    def org_id(self) -> str | None:
        if self.broken:
            raise self.broken
        return self.org


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def client(place):
    receiver = Receiver(
        engine=None,
        ring=pytest.fail,
        connections={},
        tolerance_s=300,
        seen=lambda *outcome: place.outcomes.append(outcome),
        hooks={"org": (OTHER, TOKEN), "silent": ()},
        ring_crm=place.ring,
        org_id=place.org_id,
    )
    return create_app(receiver, body_limit=100_000).test_client()


def acknowledged(answer) -> bool:
    return fromstring(answer.data).findtext(ACK) == "true"


@pytest.mark.parametrize("token", [TOKEN, OTHER])
def test_a_message_of_our_org_rings_the_bell_under_any_live_token(client, place, token):
    answer = client.post(f"/webhooks/salesforce/org/{token}", data=message())
    assert (answer.status_code, answer.mimetype, acknowledged(answer)) == (200, "text/xml", True)
    assert (place.rings, place.outcomes) == (1, [("salesforce", "rung")])


def test_the_short_form_of_our_id_is_ours_and_a_hundred_notifications_are_one_ring(client, place):
    assert client.post(PATH, data=message(org=ORG[:15], notes=NOTE * 100)).status_code == 200
    assert place.rings == 1


def test_a_wrong_token_and_an_unknown_connection_look_the_same(client, place):
    wrong = [f"org/{TOKEN[:-1]}", f"org/{TOKEN}x", "org/né", f"nobody/{TOKEN}", f"silent/{TOKEN}"]
    answers = [client.post(f"/webhooks/salesforce/{path}", data=message()) for path in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert TOKEN.encode() not in answers[0].data
    assert place.rings == 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (message(org="00D000000000002EAA"), "another org"),
        (message(org=ORG.lower()), "another org"),
        (message(org=ORG[:16]), "another org"),
        (message(notes=""), "0 notifications"),
        (message(notes=NOTE * 101), "101 notifications"),
        (message(outbound="http://soap.sforce.com/2006/04/metadata"), "not an Outbound Message"),
        ("<html><body>hello</body></html>", "not an Outbound Message"),
        ('{"id": "evt_1"}', "not XML"),
        ("", "not XML"),
        (message()[:-1], "not XML"),
        ('<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "not XML"),
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "not XML"),
        ('<?xml version="1.0" encoding="klingon"?><x/>', "not XML"),
        ('<?xml version="1.0" encoding="big5"?><x/>', "not XML"),
        ("<x>" * 30_000, "not XML"),
        ("<!-- a -- b -->", "not XML"),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)
def test_anything_else_is_refused_with_the_reason_in_the_answer(client, place, body, told):
    answer = client.post(PATH, data=body)
    assert (answer.status_code, answer.mimetype, acknowledged(answer)) == (400, "text/xml", False)
    assert told in answer.text
    assert (place.rings, place.outcomes) == (0, [("salesforce", "400")])


def test_a_deep_but_closed_body_is_refused_and_takes_nothing_down(client):
    assert client.post(PATH, data="<x>" * 14_000 + "</x>" * 14_000).status_code == 400


def test_until_the_org_is_known_salesforce_is_asked_to_send_again(client, place):
    place.org = None
    assert client.post(PATH, data=message()).status_code == 503
    place.broken = OperationalError("SELECT", None, Exception("away"))
    answer = client.post(PATH, data=message())
    assert (answer.status_code, acknowledged(answer), place.rings) == (503, False, 0)


def test_only_post_is_answered(client):
    assert client.get(PATH).status_code == 405


def test_a_reason_cannot_break_out_of_its_comment():
    for reason in ("-->", "a--b", "<x>&", "---"):
        fromstring(salesforce.answer(reason))
