from datetime import timedelta
from tests.integration.test_fieldmap import *
def test_dbg(world):
    account, invoice = owing(world, due_in_days=1)
    for _ in range(2):
        world.move_to(world.today + timedelta(days=3))
        world.turn()
        world.come_to_rest()
    print("ROWS", world.rows("select kind,key,marked,written,parked,reason from record"), world.rows("select * from followup"))
    print(world.rows("select * from review"))
    assert 0
