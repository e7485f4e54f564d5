"""Writing for practice: one row of each kind goes through everything the org does on a save, and is rolled back.

Validation rules, duplicate rules, lookup filters, triggers, flows, record types, sharing of activities: none of them
can be read reliably, and all of them show when a row is saved. Each row is a graph of its own whose last step must
fail (it changes a record that cannot exist), so the org takes the whole graph back. One API call for 75 rows.
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_graph_introduction.htm
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError, RejectedError, RetryableError
from connector.salesforce.doctor import Finding
from connector.salesforce.errors import DEPLOY, refused_part
from connector.salesforce.session import OrgSession

_GRAPHS = 75  # in one request
_STOP = "stop"
_NOBODY = "001000000000000AAA"  # an Account id that no record has
_HALTED = "PROCESSING_HALTED"  # what is said of a step that was taken back because of another one


@dataclass(frozen=True, slots=True)
class Scene:
    """One row to be saved for practice: created, or with `record_id` changed; then changed again by `then`.

    `name`: what it is to people.
    """

    name: str
    object: str
    fields: Mapping[str, Any]
    record_id: str | None = None
    then: Mapping[str, Any] | None = None


def rehearse(session: OrgSession, scenes: Sequence[Scene]) -> Iterator[Finding]:
    """What the org says to each row. Nothing stays in the org. Raises ConnectorError."""
    good = 0
    for scene, steps in _performed(session, scenes):
        problem = _problem(scene, steps)
        good += problem is None
        if problem is not None:
            yield problem
    if good:
        yield Finding(ok=True, area="rules", what=f"{good} rows would be saved (tried, and taken back)")


def tried(session: OrgSession, scenes: Sequence[Scene]) -> list[ConnectorError | None]:
    """What the org refuses each row with; None for one that it would take. Nothing stays in the org.

    Raises ConnectorError, also where the org kept a row that it should have taken back.
    """
    found: list[ConnectorError | None] = []
    for scene, steps in _performed(session, scenes):
        refused = _refusal(scene, steps)
        if refused is None and (kept := _problem(scene, steps)):
            raise RejectedError("NOT_TAKEN_BACK", kept.what, kept.fix)
        found.append(refused[0] if refused else None)
    return found


def _performed(session: OrgSession, scenes: Sequence[Scene]) -> Iterator[tuple[Scene, list[Mapping[str, Any]]]]:
    for start in range(0, len(scenes), _GRAPHS):
        some = scenes[start : start + _GRAPHS]
        yield from zip(some, _perform(session, some), strict=True)


def _perform(session: OrgSession, scenes: Sequence[Scene]) -> list[list[Mapping[str, Any]]]:
    base = f"/services/data/v{session.login.api_version}/sobjects"
    graphs = [{"graphId": f"g{at}", "compositeRequest": _steps(base, scene)} for at, scene in enumerate(scenes)]
    # Not idempotent: a graph that was saved after all must not be saved twice.
    answer = session.request("POST", "composite/graph", json={"graphs": graphs}, idempotent=False)
    told = {graph["graphId"]: graph["graphResponse"]["compositeResponse"] for graph in answer["graphs"]}
    if set(told) != {graph["graphId"] for graph in graphs}:
        raise RetryableError("UNEXPECTED_ANSWER", "composite/graph answered other graphs than were asked")
    return [told[graph["graphId"]] for graph in graphs]


def _steps(base: str, scene: Scene) -> list[dict[str, Any]]:
    path = f"{base}/{scene.object}"
    if scene.record_id is None:
        steps = [{"method": "POST", "url": path, "referenceId": "row", "body": scene.fields}]
    else:
        steps = [{"method": "PATCH", "url": f"{path}/{scene.record_id}", "referenceId": "row", "body": scene.fields}]
    if scene.then is not None:
        record = scene.record_id or "@{row.id}"
        steps.append({"method": "PATCH", "url": f"{path}/{record}", "referenceId": "again", "body": scene.then})
    stop = {"method": "PATCH", "url": f"{base}/Account/{_NOBODY}", "referenceId": _STOP, "body": {"Name": "x"}}
    return [*steps, stop]


def _problem(scene: Scene, steps: Sequence[Mapping[str, Any]]) -> Finding | None:
    if refused := _refusal(scene, steps):
        error, again = refused
        return _refused(scene, error, changing=again or scene.record_id is not None)
    if all(step["httpStatusCode"] < 300 for step in steps):
        body = steps[0]["body"]
        record = scene.record_id or (body.get("id") if isinstance(body, Mapping) else None)
        what = f"{scene.name}: the row {record} was saved for practice and not taken back"
        return Finding(ok=False, area="rules", what=what, fix=f"delete the {scene.object} record {record}")
    return None


def _refusal(scene: Scene, steps: Sequence[Mapping[str, Any]]) -> tuple[ConnectorError, bool] | None:
    """What a step was refused with, and whether it was the second change."""
    for step in steps:
        refused = step["httpStatusCode"] >= 300
        if step["referenceId"] != _STOP and refused and not _taken_back(step["body"]):
            error = refused_part(step["httpStatusCode"], step["body"], object_name=scene.object)
            return error, step["referenceId"] == "again"
    return None


def _refused(scene: Scene, error: ConnectorError, *, changing: bool) -> Finding:
    done = "changed" if changing else "created"
    what = f"{scene.name} cannot be {done}: {error.code}: {error.reason}"
    return Finding(ok=False, area="rules", what=what, fix=error.fix or DEPLOY)


def _taken_back(body: Any) -> bool:
    return isinstance(body, list) and bool(body) and all(each.get("errorCode") == _HALTED for each in body)
