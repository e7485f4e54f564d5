"""What the tests of people do again and again: getting in as a member, sending a form of a page."""

from tests.browsing import AGENT, Visitor


def as_member(world, browser, name: str, password: str) -> Visitor:
    """A browser of a member who typed that."""
    made = browser(None)
    made.keep()
    assert made.post("/signin/", {"name": name, "password": password}).status_code == 303
    return made


def send(visitor: Visitor, path: str, form: int = -1, **fields: str):
    """Open a page and send one of its forms as a browser does."""
    found = [each for each in visitor.page(path).xpath("//main//form") if each.method == "POST"][form]
    data = {**dict(found.fields), **fields}
    target = found.action or f"/admin{path}"
    return visitor.client.post(target, data=data, headers={"User-Agent": AGENT}, buffered=True)


def history(world) -> list[tuple[str, str, str]]:
    with world.engine.connect() as conn:
        return [tuple(row) for row in conn.exec_driver_sql("SELECT by, action, what FROM audit ORDER BY id").all()]
