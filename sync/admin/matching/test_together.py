"""Exact ones, accepted many at once, as work in the background."""

from sync.db import work
from sync.errands import do_slice
from tests.browsing import text_of
from tests.matching_steps import accept, changes, exact_ones, flashed, key, known, names, work_off


def test_ticked_exact_ones_are_linked_as_work(world, finance):
    ones = exact_ones(world, "Acme", "Bell", "Cedar")
    page = finance.page("/matching/exact")
    assert sorted(names(page)) == ["Acme", "Bell", "Cedar"]
    answer = accept(finance, "ticked", untick=[ones["Bell"][0]])
    assert {world.linked(customer)[0] for customer, _ in ones.values()} == {None}
    work_off(world)
    assert {name: world.linked(customer) for name, (customer, _) in ones.items()} == {
        "Acme": (ones["Acme"][1], "person"),
        "Bell": (None, None),
        "Cedar": (ones["Cedar"][1], "person"),
    }
    assert "2 customers changed" in text_of(finance.page(answer.location.removeprefix("/admin")))
    assert [(change.by, change.action) for change in changes(world)] == [("Finance person", "linked customer")] * 2


def test_all_of_the_list_are_linked_but_those_unticked(world, finance):
    ones = exact_ones(world, "Acme", "Bell", "Cedar")
    accept(finance, "all", untick=[ones["Cedar"][0]])
    work_off(world)
    linked = {name for name, (customer, _) in ones.items() if world.linked(customer)[0]}
    assert linked == {"Acme", "Bell"}


def test_all_are_those_of_the_search(world, finance):
    ones = exact_ones(world, "Acme", "Bell")
    accept(finance, "all", query="?q=bell")
    work_off(world)
    assert [world.linked(ones[name][0])[0] is not None for name in ("Acme", "Bell")] == [False, True]


def test_a_list_that_changed_while_it_was_looked_at_is_shown_again(world, finance):
    exact_ones(world, "Acme")
    page = finance.page("/matching/exact")
    stamp = page.cssselect("input[name=seen]")[0].get("value")
    exact_ones(world, "Bell")
    told = flashed(finance.post("/matching/exact", {"seen": stamp, "all": "1"}), finance)
    assert "has changed while you looked at it" in told
    assert world.rows("SELECT * FROM work") == []
    assert "Nothing is ticked" in flashed(finance.post("/matching/exact", {"ticked": "1"}), finance)


def test_what_changed_until_its_turn_is_left_out_and_told(world, finance):
    ones = exact_ones(world, "Acme", "Bell", "Cedar", "Delta", "Ember")
    other = world.account("Other")
    answer = accept(finance, "all")
    world.account("Acme")  # a namesake appears
    world.link()
    world.decide(ones["Bell"][0], other)  # somebody decides
    world.delete(ones["Cedar"][1])  # its account is deleted
    world.act("update_customer", customer=ones["Delta"][0], name="Another")  # it has another name now
    world.drain()
    work_off(world)
    assert {name: world.linked(customer)[0] for name, (customer, _) in ones.items()} == {
        "Acme": None,
        "Bell": other,
        "Cedar": None,
        "Delta": None,
        "Ember": ones["Ember"][1],
    }
    plan = answer.location.removeprefix("/admin")
    page = text_of(finance.page(f"{plan}?show=left out"))
    assert "1 customer changed, 4 left out" in page
    assert page.count("it is not exact any more") == 2
    assert f"was decided meanwhile: it belongs to {other}" in page
    assert "does not exist in Salesforce" in page


def test_a_made_up_pair_is_not_linked(world, finance):
    customer = known(world)
    account = world.account("Stranger")
    finance.post("/matching/exact", {"pick": f"{account} {key(customer)}", "ticked": "1"})
    work_off(world)
    assert world.linked(customer) == (None, None)


def test_work_that_was_killed_in_between_goes_on_and_does_nothing_twice(world, finance, monkeypatch):
    ones = exact_ones(world, "Acme", "Bell", "Cedar")
    accept(finance, "all")
    steps = iter([True, False])
    do_slice(world.run, lambda: next(steps, False))
    assert len(changes(world)) == 1
    world._set("work", "place = NULL, held_until = NULL", "true")  # as after a kill: what the slice left is lost
    work_off(world)
    assert len(changes(world)) == 3
    for customer, account in ones.values():
        assert world.linked(customer)[0] == account


def test_work_is_told_by_its_progress(world, finance):
    exact_ones(world, "Acme")
    accept(finance, "all")
    work_off(world)
    with world.engine.connect() as conn:
        done = work.latest(conn, "change links")
    assert (done.status, done.done, done.total, done.told) == ("done", 1, 1, "1 customer changed")
