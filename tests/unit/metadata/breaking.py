"""Deliberately broken copies of the project, to show that a check bites."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.unit.metadata.project import ROOT, Project

SOURCE = "force-app/main/default"


@dataclass(frozen=True)
class Break:
    """One edit: in `file`, `old` becomes `new` (once); then the check called `check` must say `says`.

    `old` empty: the file is written anew. `new` None: the file is removed. `file` is below the first package directory
    unless it starts with a slash (then below the project).
    """

    check: str
    file: str
    old: str
    new: str | None
    says: str

    def apply(self, folder: Path) -> Project:
        """A copy of the project in `folder`, broken."""
        root = folder / "salesforce_metadata"
        shutil.copytree(ROOT, root)
        path = root / (self.file[1:] if self.file.startswith("/") else f"{SOURCE}/{self.file}")
        if self.new is None:
            path.unlink()
        elif not self.old:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.new, encoding="utf-8")
        else:
            before = path.read_text(encoding="utf-8")
            assert self.old in before, f"{self.file} no longer has {self.old!r}: choose another break"
            path.write_text(before.replace(self.old, self.new, 1), encoding="utf-8")
        return Project.load(root)

    def __str__(self) -> str:
        return f"{self.check}: {self.says}"
