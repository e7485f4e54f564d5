import time, statistics
from sqlalchemy import text
from sync.admin.mapping.test_mapping import local_org, draft, rule, late  # noqa

def test_load(world, browser, late):
    with world.engine.begin() as conn:
        conn.execute(text("""INSERT INTO account (id, name, currency, read_at) SELECT '001X'||i, 'Company '||i, 'USD', now() FROM generate_series(1,10000) i"""))
        conn.execute(text("""INSERT INTO customer (key, connection, provider, account) SELECT 'main\\:c'||i, 'main', 'stripe', '001X'||i FROM generate_series(1,10000) i"""))
        conn.execute(text("""INSERT INTO invoice (key, customer, currency, status, posted, total, tax, credited, paid, balance, written_off, issued_on, due_on, postings)
          SELECT 'main\\:i'||i, 'main\\:c'||(i%10000+1), 'USD', 'open', true, 100, 0,0,0, 100, 0, '2026-03-01', '2026-04-01', '[]' FROM generate_series(1,100000) i"""))
        for kind, n, key, lane in (("account", 10000, "'001X'||i", "'001X'||i"), ("summary", 10000, "'001X'||i||'\\:USD'", "'001X'||i"), ("invoice", 100000, "'main\\:i'||i", "'001X'||(i%10000+1)")):
            conn.execute(text(f"""INSERT INTO record (kind, key, lane, marked, written, priority, marked_at, due_at, written_at, content) SELECT '{kind}', {key}, {lane}, 1, 1, 1, now(), now(), now(), 'x' FROM generate_series(1,{n}) i"""))
    with world.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
    finance = browser("finance")
    draft(finance, "AR_Outstanding__c", "Owed__c")
    draft(finance, "Balance__c", "Still_Owed__c", kind="invoice", way="text")
    for path in ("/history/", "/mapping/", "/mapping/account/figures", "/mapping/account/fields?figure=AR_Status__c", rule("AR_Status__c", "Light__c"), "/mapping/preview", "/mapping/preview?q=company+99", "/mapping/versions"):
        took = []
        for _ in range(12):
            t = time.perf_counter(); finance.page(path); took.append(time.perf_counter() - t)
        print("TOOK", path, f"median {statistics.median(took)*1000:.0f} max {max(took)*1000:.0f} ms")
    from sync.db import examples
    from sync.pipeline.remap import cost
    from sync.core.fieldmap.rules import default
    from sync.admin.mapping import desk
    with world.engine.connect() as conn:
        t = time.perf_counter(); examples.telling(conn, world.run.calendar.today()); print("TOOK telling", time.perf_counter()-t)
        t = time.perf_counter(); examples.search(conn, "company 99"); print("TOOK search", time.perf_counter()-t)
        from sync.pipeline import mapping_draft
        d = mapping_draft.desk(conn, {})
        t = time.perf_counter(); print(cost(conn, d.held, d.working, world.run.calendar.today())); print("TOOK cost", time.perf_counter()-t)
