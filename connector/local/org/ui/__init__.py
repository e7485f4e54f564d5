"""The User Interface API: what Lightning pages read and write records with. `records`, `infos` and `related_lists` are
its resources; every other one is refused by name, and so is the object Task, which a real org refuses here as well:
"Object Task is not supported in UI API". GraphQL reads and writes tasks.
"""
