"""The generated book that finance's page is measured with is one that the product could have kept itself."""

from sqlalchemy import text

from sync.core.dates import Calendar
from sync.db import book_figures
from tests.bench import admin_book
from tests.integration.rederive import rederive

SIZE = admin_book.Size(accounts=30, unlinked=6, invoices=400, open_share=0.4, parked=40)


def test_deriving_its_ledger_again_finds_the_same(engine):
    admin_book.fill(engine, SIZE)
    assert rederive(engine, Calendar("UTC")) == []
    with engine.connect() as conn:
        owed = dict(conn.execute(text("SELECT currency, sum(balance)::bigint FROM invoice GROUP BY 1")).all())
        found: dict[str, int] = {}
        for each in book_figures.positions(conn, None, SIZE.today):
            found[each.currency] = found.get(each.currency, 0) + each.outstanding
        parked = conn.scalar(text("SELECT count(*) FROM record WHERE parked IS NOT NULL AND cause IS NOT NULL"))
        events = conn.scalar(text("SELECT count(*) FROM inbox WHERE status = 'parked' AND cause IS NOT NULL"))
    assert found == {currency: amount for currency, amount in owed.items() if amount}
    assert (parked, events) == (36, 4)
