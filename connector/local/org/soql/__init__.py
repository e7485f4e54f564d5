"""SOQL for the local org: `run_query(text, source)` answers as Salesforce would, or refuses in its words.

Read `execute.py` first. What SOQL has and this does not raises `OrgError` with code `UNSUPPORTED_SOQL` (501) and the
name of the clause: a query that was half understood would make a test pass that must fail.
"""

from connector.local.org.soql.execute import QueryResult, run_query

__all__ = ["QueryResult", "run_query"]
