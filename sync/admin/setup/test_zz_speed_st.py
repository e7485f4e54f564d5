import time
from sqlalchemy import text
from sync.admin.conftest import browser, visitor  # noqa
def test_speed(world, browser):
    with world.engine.begin() as c:
        c.execute(text("INSERT INTO customer (key, connection, provider, name) SELECT 'main:cus_'||g, 'main','stripe','C'||g FROM generate_series(1,2000) g"))
        c.execute(text("""INSERT INTO invoice (key, customer, currency, status, posted, number, total, tax, credited, paid, balance, written_off, issued_on, due_on, paid_on, held, postings)
          SELECT 'main:in_'||g, 'main:cus_'||(g%2000+1), 'USD', CASE WHEN g%5=0 THEN 'open' ELSE 'paid' END, true, 'INV-'||g, 10000,0,0, CASE WHEN g%5=0 THEN 0 ELSE 10000 END, CASE WHEN g%5=0 THEN 10000 ELSE 0 END, 0,
          date '2026-03-10' - (g%700), date '2026-03-10' - (g%700)+30, CASE WHEN g%5=0 THEN NULL ELSE date '2026-03-10' - (g%600) END, false, '[]' FROM generate_series(1,100000) g"""))
        c.execute(text("INSERT INTO total (customer,currency) SELECT 'main:cus_'||g,'USD' FROM generate_series(1,2000) g"))
        c.execute(text("INSERT INTO inbox (connection,event_id,provider,type,scope,headers,body) SELECT 'eu','e'||g,'stripe','invoice.paid','eu','{}'::jsonb,'\\x00' FROM generate_series(1,50000) g"))
        c.execute(text("ANALYZE"))
    f = browser("finance")
    for path in ("/setup/", "/setup/stripe/main", "/setup/stripe/main/arrivals", "/setup/customers", "/setup/load", "/rules/", "/rules/versions", "/setup/salesforce"):
        f.get(path)
        ts=[]
        for _ in range(20):
            t=time.perf_counter(); assert f.get(path).status_code==200; ts.append(time.perf_counter()-t)
        print("SPEED", path, f"median {sorted(ts)[10]*1000:.0f} ms p95 {sorted(ts)[18]*1000:.0f} ms")
