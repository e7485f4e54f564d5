"""What the tests of matching do again and again, by the names that finance would use."""

import io
from html import unescape

from sync.errands import do_slice
from tests.browsing import text_of
from tests.integration.world import once

NASTY = '<script>alert(1)</script>=HYPERLINK("x")'


def known(world, name="Acme", email="ap@acme.example", **fields):
    """A customer that waits in the queue, with what was found for it."""
    customer = world.customer(name=name, email=email, **fields)
    world.drain()
    return customer


def key(customer):
    return f"main:{customer}"


def row_of(world, customer):
    return world.one("SELECT * FROM customer WHERE key = :key", key=key(customer))


def names(page):
    """The customers of a list, in its order."""
    return [cell.text for cell in page.cssselect("tbody th a:first-child")]


def flashed(answer, person):
    """What the page after a form says first."""
    assert answer.status_code == 303, unescape(answer.text)[:1500]
    page = person.page(answer.location.removeprefix("/admin"))
    return text_of(page.cssselect(".dl-flash")[0])


def seen(world, customer):
    """What a form of the customer's page carries now."""
    row = row_of(world, customer)
    return f"{row.account or ''}/{row.link_source or ''}"


def link(person, world, customer, account, **fields):
    form = {"account": account, "seen": seen(world, customer), **fields}
    return person.post(f"/matching/link/{key(customer)}", form)


def work_off(world):
    """Do all long work."""
    while do_slice(world.run, once()):
        pass


def upload(person, content, name="decisions.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    form = {"file": (io.BytesIO(data), name)}
    return person.post("/matching/file", form, content_type="multipart/form-data")


def changes(world):
    return world.rows("SELECT * FROM audit ORDER BY id")


def exact_ones(world, *names_):
    """Customers with one exact account each, by name."""
    found = {}
    for name in names_:
        account = world.account(name, Website=f"https://{name.lower()}.example")
        found[name] = (known(world, name, f"ap@{name.lower()}.example"), account)
    world.drain()
    world.link()
    return found


def accept(person, button, *, untick=(), query=""):
    """Press a button under the list, with some boxes unticked."""
    page = person.page(f"/matching/exact{query}")
    [form] = [form for form in page.forms if form.method == "POST" and form.action.endswith("/exact")]
    picked = [value for name, value in form.form_values() if name == "pick" and not value.endswith(tuple(untick))]
    shown = [value for name, value in form.form_values() if name == "shown"]
    fields = {name: form.fields[name] for name in ("seen", "q")}
    return person.post("/matching/exact", {**fields, "pick": picked, "shown": shown, button: "1"})
