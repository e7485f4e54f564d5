"""Resources, limits and counts; and a loud refusal of what real orgs have and this one does not."""

from typing import Any

from flask import Blueprint, Response, request

from connector.local.org.http.context import base, seen, the_org, the_view
from connector.local.org.model import OrgError
from connector.local.org.wire import reply

about = Blueprint("about", __name__)
_RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
_NOT_HERE = (
    "actions analytics appMenu apexrest async async-queries chatter commerce compactLayouts connect consent "
    "contact-tracing dedupe domino event eventrelay flexiPage folders iot jsonxform knowledgeManagement "
    "licensing localizedvalue metadata parameterizedSearch process quickActions recent relevantItems sadrecent "
    "scheduling search serviceTemplates smartdatadiscovery support tabs theme tooling ui-api wave"
).split()


@about.get("/")
def resources() -> Response:
    """Where things are."""
    identity = f"{request.host_url}id/{the_org().org_id}/{the_view().user_id}"
    return reply({**{name: f"{base()}/{name}" for name in _RESOURCES}, "identity": identity})


@about.get("/limits")
def limits() -> Response:
    """What is allowed a day, and what is left of it."""
    org = the_org()
    most, used = org.calls.limit, org.calls.used
    rows = sum(len(table.rows) for table in org.store.tables.values())
    storage_mb = 10_240

    def of(maximum: int, remaining: int | None = None) -> dict[str, Any]:
        return {"Max": maximum, "Remaining": maximum if remaining is None else max(remaining, 0)}

    return reply(
        {
            "DailyApiRequests": of(most, most - used),
            "DailyBulkApiBatches": of(15_000),
            "DailyBulkV2QueryFileStorageMB": of(976_562),
            "DailyBulkV2QueryJobs": of(10_000),
            "DataStorageMB": of(storage_mb, storage_mb - rows * 2 // 1024),
            "FileStorageMB": of(storage_mb),
            "HourlyPublishedPlatformEvents": of(250_000),
        }
    )


@about.get("/limits/recordCount")
def record_counts() -> Response:
    """How many records there are; objects without any are left out, as in a real org."""
    access = the_view().access
    asked = [name for name in request.args.get("sObjects", "").split(",") if name]
    items = [seen(name)[0] for name in asked] if asked else list(access.schema.objects.values())
    store = the_org().store
    counts = []
    with store.lock:
        for item in items:
            count = sum(1 for row in store.table(item.name).rows.values() if not row["IsDeleted"])
            if count:
                counts.append({"count": count, "name": item.name})
    return reply({"sObjects": counts})


def _refuse(**_: str) -> Response:
    resource = request.path.removeprefix(base())
    message = f"The local org does not have the resource {resource}. A real one has: do not rely on it here."
    raise OrgError("NOT_IMPLEMENTED_LOCALLY", message, 501)


_ELSEWHERE = [
    *(f"/{name}" for name in _NOT_HERE),
    *(f"/{name}/<path:rest>" for name in _NOT_HERE),
    "/composite/tree/<path:rest>",
    "/jobs",
    "/sobjects/<what>/describe/<path:rest>",
    "/sobjects/<what>/listviews",
    "/sobjects/<what>/quickActions",
]
for _path in _ELSEWHERE:
    _methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
    about.add_url_rule(_path, f"refuse {_path}".replace(".", ""), _refuse, methods=_methods)
