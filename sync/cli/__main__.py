"""`python -m sync.cli` is `dueline`."""

from sync.cli import main

main()
