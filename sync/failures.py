"""Errors that a person can do something about, in one line with the way out: for the command line and the page."""


def in_words(error: BaseException) -> str | None:
    """The error in one line, if it is one that a person can do something about."""
    from redis.exceptions import RedisError
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from connector.errors import ConnectorError
    from sync.pipeline.accounts import OrgAwayError
    from sync.pipeline.link import LinkError
    from sync.pipeline.pages import BillingAwayError
    from sync.private import PrivateServerError
    from sync.settings import SettingsError

    ours = (SettingsError, ConnectorError, OrgAwayError, BillingAwayError, PrivateServerError, LinkError)
    if isinstance(error, ours):
        return str(error)
    if isinstance(error, OperationalError):
        return f"PostgreSQL: {str(error.orig).splitlines()[0]} (check DATABASE_URL, or run dueline db upgrade)"
    if isinstance(error, ProgrammingError) and getattr(error.orig, "sqlstate", "") in {"42P01", "42703"}:
        return "the database does not have this release's tables: run dueline db upgrade"
    if isinstance(error, RedisError):
        return f"Redis: {error} (check REDIS_URL)"
    return None
