"""Signing in with Salesforce: OpenID Connect, by Authlib.

Authorization code with PKCE, state and nonce; the ID token's signature (RS256, keys of the org), issuer, audience,
nonce and times are checked. From it we take one thing, who it is: its `sub` names org and user. What they may do, and
what they are called, our integration user asks the org itself: an ID token tells neither for certain.
https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid.htm
"""

import time
from functools import lru_cache
from typing import Any

import requests
import structlog
from authlib.integrations.base_client import MismatchingStateError, OAuthError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from flask import Response, session
from joserfc.errors import JoseError

from sync.admin.signin.provider import Provider

log = structlog.get_logger()

_NAME = "salesforce"  # in the session, before what is kept until the answer comes
_SCOPES = "openid profile email"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_ANSWER_S = 10.0
_FRESH_S = 3_600  # after which the org's description is read again
_LEEWAY_S = 60  # by which two clocks may differ


class _Http(OAuth2Session):
    """Follows no redirects: what is asked for, with our secret or without, is asked of the org alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_redirects = 0


class _App(FlaskOAuth2App):
    client_cls = _Http


class SignInError(Exception):
    """Nobody is signed in; the message tells the person why, and what to do."""


def begin(provider: Provider, callback: str) -> Response:
    """Send the browser to Salesforce. Raises SignInError."""
    for begun in [name for name in session if name.startswith(f"_state_{_NAME}_")]:
        del session[begun]  # only the last one counts: a cookie has little room
    try:
        client = _client(provider)
        _checked(provider, client.load_server_metadata())
        answer: Response = client.authorize_redirect(callback)
    except (requests.RequestException, OAuthError, RuntimeError, ValueError) as error:
        raise _away(error) from error
    return answer


def finish(provider: Provider) -> tuple[str, str]:
    """The ids of org and user whom Salesforce sent back with the present request. Raises SignInError."""
    try:
        client = _client(provider)
        _checked(provider, client.load_server_metadata())
        claims = client.authorize_access_token(claims_options=_options(client), leeway=_LEEWAY_S).get("userinfo")
    except OAuthError as error:
        raise _refused(error) from error
    except (JoseError, ValueError, KeyError) as error:
        if isinstance(error, requests.RequestException):
            raise _away(error) from error
        raise _untrue(error) from error
    except (requests.RequestException, RuntimeError) as error:
        raise _away(error) from error
    if not claims:
        raise _untrue("no ID token")
    return _who(str(claims["sub"]))


def reachable(provider: Provider) -> None:
    """Look whether people can be sent there. Raises SignInError."""
    try:
        found = _make(provider).load_server_metadata()
    except (requests.RequestException, ValueError) as error:
        raise _away(error) from error
    _checked(provider, found)


def _checked(provider: Provider, found: dict[str, Any]) -> None:
    """Whether an org's description names all that is needed, at addresses that may be asked. Raises SignInError."""
    if missing := [name for name in _ENDPOINTS if not found.get(name)]:
        raise SignInError(f"That address does not describe a sign-in of Salesforce (no {', '.join(missing)}).")
    safe = ("https://", f"{provider.login_url}/")
    if strange := [name for name in _ENDPOINTS if not str(found[name]).startswith(safe)]:
        raise SignInError(f"That address describes a sign-in that is not encrypted ({', '.join(strange)}).")


def _client(provider: Provider) -> Any:
    return _kept(provider, int(time.monotonic() // _FRESH_S))


@lru_cache(maxsize=4)
def _kept(provider: Provider, _hour: int) -> Any:
    return _make(provider)


def _make(provider: Provider) -> Any:
    return _App(
        FlaskIntegration(_NAME),
        name=_NAME,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.login_url}/.well-known/openid-configuration",
        client_kwargs={
            "scope": _SCOPES,
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_post",
            "default_timeout": _ANSWER_S,
        },
        user_agent="dueline",
    )


def _options(client: Any) -> dict[str, Any]:
    """What an ID token must claim. Its algorithm is ours to choose, not the sender's."""
    found = client.load_server_metadata()
    found["id_token_signing_alg_values_supported"] = ["RS256"]
    return {
        "iss": {"essential": True, "value": found["issuer"]},
        "aud": {"essential": True, "value": client.client_id},
        "sub": {"essential": True},
    }


def _who(subject: str) -> tuple[str, str]:
    from connector.salesforce.login import identity

    org, user = identity(subject)
    if not org or not user:
        raise _untrue(f"the subject is {subject}")
    return org, user


def _refused(error: OAuthError) -> SignInError:
    log.info("sign-in with Salesforce refused", error=error.error, description=error.description)
    if isinstance(error, MismatchingStateError):
        return SignInError("This sign-in was begun in another browser, or too long ago. Begin again.")
    words = {
        "access_denied": "Salesforce was told not to let Dueline know who you are. Begin again and choose “Allow”.",
        "invalid_grant": "Salesforce's answer was too old, or had been used already. Begin again.",
        "redirect_uri_mismatch": "Salesforce does not know this page's address: an administrator must add it as a "
        "callback URL of the app through which you sign in.",
    }
    told = f"{error.error}: {error.description}" if error.description else str(error.error)
    return SignInError(words.get(str(error.error), f"Salesforce did not sign you in ({told[:200]})."))


def _away(error: Exception) -> SignInError:
    log.warning("sign-in with Salesforce does not work", error=str(error))
    return SignInError("Salesforce does not answer where people should sign in. Try again, or use a name of this page.")


def _untrue(why: object) -> SignInError:
    log.warning("sign-in with Salesforce: the answer is not to be believed", why=str(why))
    return SignInError("Salesforce's answer could not be verified, so nobody was signed in. Begin again.")
