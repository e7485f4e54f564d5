"""The Flask app: which resource answers what, and what happens to every API request before and after it.

Before: address too long, faults, sign-in, daily limit, the count of calls. After: the limit header, and the fault that
closes the connection once the work is done.
"""

import re
import time

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from connector.local.org.bulk_jobs import Jobs
from connector.local.org.config import OrgConfig
from connector.local.org.faults import Fault
from connector.local.org.graphql.endpoint import graphql_resource
from connector.local.org.http.about import about
from connector.local.org.http.bulk import bulk
from connector.local.org.http.collections import collections
from connector.local.org.http.composite import composite
from connector.local.org.http.conditions import refuse_unsupported
from connector.local.org.http.context import asked, the_org
from connector.local.org.http.control import control
from connector.local.org.http.oauth import bearer, oauth
from connector.local.org.http.openid import openid
from connector.local.org.http.query import query
from connector.local.org.http.sobjects import sobjects
from connector.local.org.model import OrgError
from connector.local.org.org import Org
from connector.local.org.sessions import Session
from connector.local.org.ui.infos import infos
from connector.local.org.ui.records import records
from connector.local.org.ui.related_lists import related_lists
from connector.local.org.values import BadValueError
from connector.local.org.wire import refusal, reply, unreadable

_API = "/services/data/<version>"
_LONGEST_ADDRESS = 16_384
_VERSION = re.compile(r"v(\d{1,3})\.0")
_RECORD_ID = re.compile(r"^(?=.*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$")
_SERVER_ERRORS = {
    500: OrgError(
        "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 0", 500
    ),
    503: OrgError("SERVER_UNAVAILABLE", "Server Unavailable", 503),
}


def create_app(config: OrgConfig) -> Flask:
    """The app of a new org (or of the one kept in `config.data`); `extensions` hold its Org and its Jobs."""
    app = Flask(__name__)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.extensions["org"] = org = Org(config)
    app.extensions["bulk_jobs"] = Jobs(org)
    app.add_url_rule("/services/data", "versions", _versions)
    app.register_blueprint(oauth)
    app.register_blueprint(openid)
    app.register_blueprint(control)
    for resource in (sobjects, collections, query, composite, bulk, about, records, infos, related_lists):
        _register(app, resource)
    _register(app, graphql_resource())
    app.register_error_handler(OrgError, refusal)
    app.register_error_handler(BadValueError, _unreadable)
    app.register_error_handler(NotImplementedError, _not_implemented)
    app.register_error_handler(HTTPException, _no_resource)
    app.before_request(_before)
    app.after_request(_after)
    return app


def _register(app: Flask, resource: Blueprint) -> None:
    app.register_blueprint(resource, url_prefix=_API)


def _versions() -> Response:
    return reply(
        [
            {"label": f"Release {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in the_org().config.api_versions
        ]
    )


def _before() -> Response | None:
    g.version = (request.view_args or {}).pop("version", None)
    if not request.path.startswith("/services/data/v"):
        fault = the_org().faults.strike("error", asked()) if request.path.startswith("/services/oauth2/") else None
        return _broken(fault) if fault else None
    refuse_unsupported()
    if "org.view" in request.environ:  # part of a composite: the request around it was checked
        g.view, g.stamp = request.environ["org.view"], request.environ["org.stamp"]
        return None
    _check_address()
    _check_version()
    org = the_org()
    _wait(org)
    if fault := org.faults.strike("error", asked()):
        return _broken(fault)
    session = _signed_in(org)
    g.view = org.view(session.user_id, org.faults.revoked())
    if session.counted:
        _spend(org)
    g.stamp = org.clock.stamp
    if request.method != "GET" and (fault := org.faults.strike("late_stamp", asked())):
        time.sleep(fault.ms / 1000)  # the stamp was taken before: the row appears late, with an old one
    return None


def _check_address() -> None:
    line = len(request.environ.get("RAW_URI") or request.full_path)
    if line > _LONGEST_ADDRESS:
        raise OrgError("URI_TOO_LONG", "The length of the URI exceeds the limit of 16,384 bytes.", 414)
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if line + headers > _LONGEST_ADDRESS:
        message = "The total length of the URI and headers exceeds the limit of 16,384 bytes."
        raise OrgError("REQUEST_HEADER_FIELDS_TOO_LARGE", message, 431)


def _check_version() -> None:
    """A sub-path that no resource has leaves `version` unset; the path still says it."""
    g.version = g.version or request.path.split("/")[3]
    number = _VERSION.fullmatch(g.version)
    versions = the_org().config.api_versions
    if number and int(number[1]) < versions.start:
        message = f"The requested API version {g.version} is retired; use {versions.start}.0 or later."
        raise OrgError("UNSUPPORTED_API_VERSION", message, 410)
    if not number or int(number[1]) not in versions:
        raise OrgError("NOT_FOUND", "The requested resource does not exist", 404)


def _wait(org: Org) -> None:
    fault = org.faults.strike("slow", asked())
    ms = org.config.request_ms + org.faults.extra_ms + (fault.ms if fault else 0)
    if ms:
        time.sleep(ms / 1000)


def _signed_in(org: Org) -> Session:
    if org.faults.strike("expire_session", asked()):
        org.sessions.expire_all()
    session = org.sessions.find(bearer())
    if session is None or not org.store.table("User").rows[session.user_id]["IsActive"]:
        raise OrgError("INVALID_SESSION_ID", "Session expired or invalid", 401)
    if "api" not in session.scopes:
        raise OrgError("INVALID_SESSION_ID", "This session is not valid for use with the REST API", 401)
    return session


def _spend(org: Org) -> None:
    g.counted = True
    g.spent = org.faults.strike("limit_spent", asked()) is not None
    if g.spent or org.calls.used >= org.calls.limit:
        raise OrgError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
    org.calls.count(f"{request.method} {_resource()}")


def _resource() -> str:
    """What a call counts as: the resource without record ids, job ids, external ids and cursors."""
    parts = request.path.split("/")[4:]
    if parts[:1] in (["query"], ["queryAll"]):
        return parts[0]
    if parts[:2] == ["composite", "sobjects"]:
        return "/".join(parts[:3])
    if parts[:1] == ["sobjects"] and len(parts) > 2 and parts[2] not in {"describe", "updated", "deleted"}:
        return "/".join(parts[:2])
    return "/".join("{id}" if _RECORD_ID.match(part) else part for part in parts).rstrip("/")


def _after(response: Response) -> Response:
    if not g.get("counted"):
        return response
    org = the_org()
    used = org.calls.limit if g.spent else org.calls.used
    response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{org.calls.limit}"
    if org.faults.strike("drop_after_commit", asked()):
        request.environ["org.hang_up"] = True
    return response


def _broken(fault: Fault) -> Response:
    if fault.status == 502:
        return Response("<html><body><h1>502 Bad Gateway</h1></body></html>", 502, content_type="text/html")
    return refusal(_SERVER_ERRORS[fault.status])


def _unreadable(error: BadValueError) -> Response:
    return refusal(unreadable(error, request.get_data()))


def _not_implemented(error: NotImplementedError) -> Response:
    return refusal(OrgError("NOT_IMPLEMENTED_LOCALLY", str(error), 501))


def _no_resource(error: HTTPException) -> Response:
    if error.code == 405:
        allowed = ",".join(getattr(error, "valid_methods", None) or [])
        message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        return refusal(OrgError("METHOD_NOT_ALLOWED", message, 405))
    if error.code == 404:
        return refusal(OrgError("NOT_FOUND", "The requested resource does not exist", 404))
    return refusal(OrgError("UNKNOWN_EXCEPTION", error.description or str(error), error.code or 500))
