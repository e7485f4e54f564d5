"""One story through everything, as a first proof that the world of these tests holds together."""

from datetime import timedelta

from tests.integration.place import TODAY
from tests.integration.world import World


def test_a_book_of_invoices_stands_in_the_org_as_stripe_has_it(world: World):
    acme, globex = world.account("Acme"), world.account("Globex")
    first, second = world.customer(acme), world.customer(globex, name="Globex")
    one, two = world.invoice(first, 120_000), world.invoice(first, 50_000, due_in_days=5)
    three = world.invoice(second, 99_900, currency="eur")
    world.act("pay_invoice", invoice=one, amount=20_000, method="bank")
    world.act("pay_invoice", invoice=three)
    world.settle()
    world.check()
    world.move_to(TODAY + timedelta(days=40))
    world.act("credit_note", invoice=two, amount=10_000)
    [charge] = [row for row in world.objects("charge") if row["currency"] == "eur"]
    world.act("refund", charge=charge["id"], amount=9_900)
    world.act("mark_uncollectible", invoice=one)
    world.turn()
    world.settle()
    world.check()
    assert world.status.parked == 0
    assert world.status.waiting == 0
