from tests.integration.test_cli import *
def test_dbg(dueline, world, here):
    invoice = world.invoice(world.customer(world.account()), 500)
    world.settle()
    print("OUT", world.rows("select kind,key,marked,written from record"))
    said = dueline("reconcile", "--dry-run", environment=here)
    print("OUT", said.out,  world.rows("select kind,key,marked,written from record"), world.rows("select * from cursor"), world.rows("select * from review"))
    assert 0
