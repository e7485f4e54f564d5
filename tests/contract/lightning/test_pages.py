"""The pages as a browser gets them."""

import json
import re

import pytest

from connector.local.lightning.pages import NotBuiltError, lightning_pages
from tests.contract.lightning.conftest import ADA, GINA


def session_in(html: str) -> dict:
    found = re.search(r'id="lightning-session"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("path", ["", "/", "/page/home", "/r/Account/001000000000001AAA/view", "/o/Account/list"])
def test_every_address_has_the_page(org, browser, path):
    answer = browser.get(f"{org.url}/lightning{path}")
    assert answer.status_code == 200
    assert "/lightning/static/app-abc.js" in answer.text
    assert "/lightning/static/assets/styles/slds.css" in answer.text


def test_compiled_files_are_served_and_kept(org, browser):
    answer = browser.get(f"{org.url}/lightning/static/app-abc.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert browser.get(f"{org.url}/lightning/static/nothing.js").status_code == 404


def test_only_compiled_files_are_served(org, browser, built):
    (built.parent / "secret.txt").write_text("secret")
    assert browser.get(f"{org.url}/lightning/static/%2e%2e/secret.txt").status_code == 404


def test_a_browser_starts_as_the_first_person(org, browser):
    session = session_in(browser.get(f"{org.url}/lightning/").text)
    assert session["user"]["username"] == ADA
    assert session["user"]["permissionSets"] == ["Dueline_User"]
    assert [person["name"] for person in session["users"]] == ["Ada Okafor", "Gina Rossi", "System Administrator"]
    assert session["prefixes"]["001"] == "Account"
    assert session["timeZone"] == "UTC"


def test_signing_in_as_somebody_else_holds(org, browser):
    answer = browser.post(f"{org.url}/lightning/session", json={"username": GINA})
    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]
    session = session_in(browser.get(f"{org.url}/lightning/").text)
    assert session["user"]["name"] == "Gina Rossi"
    assert not [name for name in session["objects"] if name.startswith("AR_")]


@pytest.mark.parametrize("body", ['{"username": "nobody@dueline.example"}', "{}", "[]", "nonsense"])
def test_nobody_else_can_be_signed_in(org, browser, body):
    answer = browser.post(f"{org.url}/lightning/session", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 404
    assert "Nobody in the org" in answer.json()["error"]


def test_a_form_of_another_site_signs_nobody_in(org, browser):
    answer = browser.post(f"{org.url}/lightning/session", data=json.dumps({"username": GINA}))
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_the_integration_user_is_nobody_to_look_as(org, browser):
    answer = browser.post(f"{org.url}/lightning/session", json={"username": "dueline@integration.example"})
    assert answer.status_code == 404


def test_the_token_works_and_is_not_counted(org, browser):
    token = session_in(browser.get(f"{org.url}/lightning/").text)["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = browser.get(f"{org.url}/services/data/v66.0/ui-api/object-info/AR_Invoice__c", headers=headers)
    assert answer.json()["apiName"] == "AR_Invoice__c"
    assert browser.get(f"{org.url}/_control/calls").json()["total"] == 0


def test_pages_are_for_this_machine_only(org, browser):
    for path in ("/lightning/", "/lightning/clock", "/lightning/session"):
        answer = browser.get(f"{org.url}{path}", headers={"Host": "evil.example"})
        assert answer.status_code == 403


def test_pages_may_talk_to_the_org_only(org, browser):
    policy = browser.get(f"{org.url}/lightning/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "http" not in policy


def test_what_people_are_called_cannot_leave_the_page(org, browser):
    users = org.org.store.table("User")
    users.rows[users.find("Username", ADA)[0]]["Name"] = "</script><script>alert(1)</script>"
    html = browser.get(f"{org.url}/lightning/").text
    assert "alert(1)</script>" not in html
    assert session_in(html)["user"]["name"].startswith("</script>")


def test_the_clock_is_the_orgs(org, browser):
    clock = browser.get(f"{org.url}/lightning/clock").json()
    assert clock["offset"] == 0
    browser.post(f"{org.url}/_control/clock", json={"today": "2031-05-01"})
    moved = browser.get(f"{org.url}/lightning/clock").json()
    assert moved["today"] == "2031-05-01"
    assert moved["offset"] > 86_400_000
    assert moved["offset"] % 60_000 == 0
    assert session_in(browser.get(f"{org.url}/lightning/").text)["clock"]["today"] == "2031-05-01"


def test_a_second_build_shows_at_the_next_page(org, browser, built):
    (built / "manifest.json").write_text(json.dumps({"inputs": "y", "app": "app-def.js", "styles": "s.css"}))
    assert "app-def.js" in browser.get(f"{org.url}/lightning/").text


def test_a_folder_without_pages_says_how_to_make_them(tmp_path):
    with pytest.raises(NotBuiltError, match=r"main\.mjs --out"):
        lightning_pages(tmp_path)
