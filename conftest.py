"""The fixtures of tests/fixtures.py for every test, those that live beside the screens of sync/admin included."""

pytest_plugins = ["tests.fixtures"]
