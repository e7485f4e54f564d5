"""UI API GraphQL for the local org: `uiapi { query, aggregate, objectInfos, currentUser }` and its mutations.

Read `run.py` first, then `records.py`. Shapes and names are those of Salesforce's published schema types and guide;
what these leave open is marked "unverified" where it is decided.
"""
