"""OpenID Connect's addresses: what the org offers, its keys, and the pages on which a person signs in and lets an app
in. The pages are for browsers on this machine only (no passwords here), and load nothing from elsewhere.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request

from connector.local.org.config import Credentials, OrgUser
from connector.local.org.http.context import the_org
from connector.local.org.http.identity import address
from connector.local.org.sessions import OAuthError
from connector.local.org.sign_in import Asked, Browser, SentBackError
from connector.local.org.wire import reply

openid = Blueprint("openid", __name__, template_folder="pages")
_COOKIE = "local_org_browser"
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_PATH = "/services/oauth2/authorize"


@openid.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """What the org offers, as far as this one does."""
    here = address()
    sign_in = the_org().config.sign_in
    return reply(
        {
            "issuer": here,
            "authorization_endpoint": f"{here}{_PATH}",
            "token_endpoint": f"{here}/services/oauth2/token",
            "revocation_endpoint": f"{here}/services/oauth2/revoke",
            "userinfo_endpoint": f"{here}/services/oauth2/userinfo",
            "jwks_uri": f"{here}/id/keys",
            "scopes_supported": list(sign_in.scopes if sign_in else ("api",)),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "display_values_supported": ["page"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": (
                "active address email email_verified family_name given_name is_salesforce_integration_user language "
                "locale name nickname organization_id preferred_username profile sub updated_at urls user_id user_type "
                "zoneinfo"
            ).split(),
        }
    )


@openid.get("/id/keys")
def keys() -> Response:
    """What verifies ID tokens."""
    return reply(the_org().signing_key.published())


@openid.before_request
def only_this_machine() -> Response | None:
    """A page of another site must not be led here (DNS rebinding); what machines read is for all."""
    if request.path in {_PATH, "/secur/logout.jsp"} and request.host.rsplit(":", 1)[0] not in _LOOPBACK:
        return reply({"error": "The local org's pages are for browsers on this machine only."}, 403)
    return None


@openid.get(_PATH)
def authorize() -> Response:
    """An app asks who is there: sent back at once where that is known and allowed, else the page that asks."""
    try:
        asked = the_org().sign_in.read(request.args)
        return _next(asked, _browser())
    except SentBackError as error:
        return _back(error.asked, error=error.error, error_description=error.description)
    except OAuthError as error:
        return _page("refused.html", 400, error=error, given=request.args.get("redirect_uri"))


@openid.post(_PATH)
def answer() -> Response:
    """The person says who they are, or whether the app may come in."""
    browser = _browser()
    asked = browser.answer(request.form.get("ticket", ""))
    if asked is None:
        error = OAuthError("invalid_request", "this page is no longer valid: begin again where you came from")
        return _page("refused.html", 400, error=error, given=None)
    if "user" in request.form:
        known = {str(person["username"]): str(person["id"]) for person in _people()}
        browser.user_id = known.get(request.form["user"])
        return _next(asked, browser, again=True)
    if request.form.get("decision") == "allow" and browser.user_id and _is_active(browser.user_id):
        return _back(asked, code=the_org().sign_in.allow(browser.user_id, asked))
    return _back(asked, error="access_denied", error_description="end-user denied authorization")


@openid.get("/secur/logout.jsp")
def sign_out() -> Response:
    """Nobody is signed in to this browser any more."""
    _browser().user_id = None
    return _page("signed_out.html")


def _next(asked: Asked, browser: Browser, *, again: bool = False) -> Response:
    """The code where nothing is left to ask, else the page. `again`: the person has just said who they are."""
    sign_in = the_org().sign_in
    someone = browser.user_id if again or not asked.prompts & {"login", "select_account"} else None
    user_id = someone if someone and _is_active(someone) else None
    if user_id and sign_in.allows(user_id, asked) and "consent" not in asked.prompts:
        return _back(asked, code=sign_in.allow(user_id, asked))
    if asked.immediate:
        raise SentBackError(asked, "immediate_unsuccessful", "immediate unsuccessful")
    who = next((person for person in _people() if person["id"] == user_id), None)
    ticket = browser.ask(asked)
    target = urlsplit(asked.redirect_uri)
    # the browser applies form-action to where the form's answer leads, too
    g.leads_to = f"{target.scheme}://{target.netloc}"
    if who is None:
        return _page("sign_in.html", asked=asked, ticket=ticket, people=_people())
    # "not you?": the same request, with the question who is there
    others = f"{_PATH}?{urlencode({**request.args, 'prompt': 'login'})}" if request.args else None
    return _page("allow.html", asked=asked, ticket=ticket, who=who, others=others)


def _back(asked: Asked, **told: str) -> Response:
    """To the app, with what it needs to know."""
    state = {} if asked.state is None else {"state": asked.state}
    mark = "&" if "?" in asked.redirect_uri else "?"
    answer = make_response(redirect(f"{asked.redirect_uri}{mark}{urlencode(told | state)}"))
    return _known(_private(answer))


def _page(name: str, status: int = 200, **shown: Any) -> Response:
    answer = make_response(render_template(name, **shown), status)
    leads_to = g.get("leads_to", "")
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {leads_to}; base-uri 'none'; frame-ancestors 'none'"
    )
    return _known(_private(answer))


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _known(answer: Response) -> Response:
    """The browser gets its cookie."""
    if "browser" in g:
        answer.set_cookie(_COOKIE, g.browser[0], httponly=True, samesite="Lax")
    return answer


def _browser() -> Browser:
    if "browser" not in g:
        g.browser = the_org().sign_in.browser(request.cookies.get(_COOKIE, ""))
    browser: Browser = g.browser[1]
    return browser


def _people() -> list[dict[str, Any]]:
    """Whoever may sign in: active people of the org and its administrator, not the integration user."""
    org = the_org()
    everybody: list[OrgUser | Credentials] = [*org.config.users, org.config.org_admin]
    return [_person(each) for each in everybody if _is_active(_id_of(each))]


def _person(item: OrgUser | Credentials) -> dict[str, Any]:
    org, user_id = the_org(), _id_of(item)
    labels = [org.permission_sets[name].label or name for name in org.assignments.of(user_id)]
    role = item.role if isinstance(item, OrgUser) else "System Administrator"
    return {
        "id": user_id,
        "username": item.username,
        "name": org.store.table("User").rows[user_id]["Name"],
        "role": role,
        "sets": labels,
    }


def _id_of(item: OrgUser | Credentials) -> str:
    (user_id,) = the_org().store.table("User").find("Username", item.username) or ("",)
    return user_id


def _is_active(user_id: str) -> bool:
    return bool(the_org().store.table("User").rows[user_id]["IsActive"])
