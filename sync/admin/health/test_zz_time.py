import time
from sqlalchemy import text, event
from tests.integration.test_parked import fill
from sync.db import health, parked
from sync.admin.conftest import *
def test_it(world, browser):
    fill(world)
    seen=[]
    @event.listens_for(world.engine,"before_cursor_execute")
    def b(conn,cur,st,pa,ctx,many): ctx._t=time.perf_counter()
    @event.listens_for(world.engine,"after_cursor_execute")
    def a(conn,cur,st,pa,ctx,many): seen.append((round((time.perf_counter()-ctx._t)*1000,1),st))
    op=browser("operator")
    for path in ("/health/","/health/now","/health/charts","/health/parked","/health/ignored"):
        for i in range(3):
            seen.clear(); t=time.perf_counter(); op.get(path); took=time.perf_counter()-t
        print(path, round(took*1000), "sql", round(sum(x for x,_ in seen)), len(seen))
        for x,st in sorted(seen,reverse=True)[:7]: print("   ",x," ".join(st.split())[:230])
    with world.engine.connect() as c:
        q=str(parked._grouped(parked.TOLD).compile(world.engine,compile_kwargs={"literal_binds":True}))
        for r in c.execute(text("EXPLAIN ANALYZE "+q.replace(":","\\:"))): print(r[0][:200])
