"""Who of Salesforce may see what."""

import pytest

from sync.db import config


def grants(world) -> dict[str, str]:
    with world.engine.connect() as conn:
        return {row["permission_set"]: row["sees"] for row in config.current(conn, "access").value["grants"]}


def lines(*rows: tuple[str, str]) -> dict[str, str]:
    told = {}
    for number, (name, sees) in enumerate(rows):
        told |= {f"grants-{number}-permission_set": name, f"grants-{number}-sees": sees}
    return told


def test_the_table_is_saved_in_versions_and_brought_back(world, browser):
    finance = browser("finance")
    first = lines(("dueline_finance", "finance"), ("Dueline_User", "viewer"))
    assert finance.post("/people/access", {"based_on": "0", **first}).status_code == 303
    assert grants(world) == {"Dueline_Finance": "finance", "Dueline_User": "viewer"}  # as the org writes them
    with world.engine.connect() as conn:
        based_on = str(config.current(conn, "access").id)
    assert (
        finance.post("/people/access", {"based_on": based_on, **lines(("Dueline_Finance", "finance"))}).status_code
        == 303
    )
    assert grants(world) == {"Dueline_Finance": "finance"}
    assert "Bring back" in finance.get("/people/access").text
    assert finance.post(f"/people/access/{based_on}").status_code == 303
    assert grants(world) == {"Dueline_Finance": "finance", "Dueline_User": "viewer"}
    with world.engine.connect() as conn:
        [last] = conn.exec_driver_sql("SELECT before, after FROM audit ORDER BY id DESC LIMIT 1").all()
    assert last.before == {"Dueline_Finance": "finance"}
    assert last.after == grants(world)


def test_two_who_change_it_at_once_do_not_overwrite_each_other(world, browser):
    finance = browser("finance")
    sent = {"based_on": "0", **lines(("Dueline_Finance", "finance"))}
    assert finance.post("/people/access", sent).status_code == 303
    answer = finance.post("/people/access", {**sent, **lines(("Dueline_User", "viewer"))})
    assert answer.status_code == 409
    assert "has saved this meanwhile" in answer.text
    assert grants(world) == {"Dueline_Finance": "finance"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("Dueline_Nowhere", "finance")], "no permission set with the API name Dueline_Nowhere"),
        ([("Dueline_User", "owner")], "Not a valid choice"),
        ([("Dueline User", "viewer")], "API name: letters, digits and _"),
        ([("x' OR Name != '", "finance")], "API name: letters, digits and _"),
        ([("x" * 10_000, "finance")], "80 characters at most"),
        ([("Dueline_User", "viewer"), ("DUELINE_USER", "finance")], "can stand there once"),
    ],
)
def test_a_line_that_cannot_be_is_told(world, browser, rows, told):
    answer = browser("finance").post("/people/access", {"based_on": "0", **lines(*rows)})
    assert answer.status_code == 400
    assert told in answer.text
    with world.engine.connect() as conn:
        assert config.current(conn, "access") is None


def test_odd_numbers_of_lines_and_versions(browser):
    finance = browser("finance")
    odd = {
        "grants-²-permission_set": "x",
        "grants-99999-sees": "x",
        "grants--1-sees": "y",
        "grants": "z",
        "based_on": "²",
    }
    assert finance.post("/people/access", odd).status_code == 303
    for number in ("0", "999999999999999999999999999", "-1"):
        assert finance.post(f"/people/access/{number}").status_code == 404


def test_what_was_stored_and_says_nothing_lets_nobody_in():
    from sync.admin.access import DEFAULTS, highest, read_grants

    assert read_grants(None) == read_grants({}) == read_grants({"grants": "x"}) == DEFAULTS
    assert read_grants({"grants": [{"sees": "finance"}, {"permission_set": "X", "sees": "god"}, 3]}) == ()
    assert highest(DEFAULTS, {"Dueline_User", "dueline_FINANCE"}) == "finance"
    assert highest(DEFAULTS, {"Dueline_User"}) == "own"
    assert highest(DEFAULTS, {"Dueline_Integration"}) is None
