"""Salesforce's own library finds every file, and turns the project into what a deployment sends."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.metadata.breaking import Break
from tests.unit.metadata.project import ROOT, Part, Project, parse, text, texts

REPOSITORY = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(
    not (REPOSITORY / "node_modules").is_dir(), reason="the Node tools are not installed; run `npm ci`"
)


def _convert(project: Path, out: Path) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node, "node_modules is there but node is not; install Node 20 or newer"
    command = [node, "tests/metadata/convert.mjs", str(project), "--out", str(out)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)


def test_every_component_is_converted(tmp_path):
    done = _convert(ROOT, tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    project = Project.load()
    manifest = parse(tmp_path / "package.xml")

    assert report["leftOut"] == []
    assert texts(manifest, "version") == ["66.0"]
    assert sorted(_members(manifest)) == report["components"]
    assert set(report["components"]) == {name for part in project.parts for name in _components(part)}
    assert not [file for file in report["written"] if "__tests__" in file]
    for name, item in project.objects.items():
        converted = parse(tmp_path / "objects" / f"{name}.object")
        assert set(texts(converted, "fields/fullName")) == set(item.fields)
        assert len(converted.findall("listViews")) == len(item.list_views)


def _members(manifest):
    """A folder stands under the kind of what it holds, with a slash."""
    listed = [(text(kind, "name"), name) for kind in manifest.findall("types") for name in texts(kind, "members")]
    return [f"{kind}Folder:{name[:-1]}" if name.endswith("/") else f"{kind}:{name}" for kind, name in listed]


def _components(part: Part):
    """What a file is in a deployment: one component, or one for every label and the list of them."""
    folder = part.path.parent.parent
    if part.kind == "CustomLabels":
        return ["CustomLabels:CustomLabels", *(f"CustomLabel:{name}" for name in texts(part.root, "labels/fullName"))]
    owned = folder.parent.name == "objects" and part.kind != "CustomObject"
    return [f"{part.kind}:{folder.name}.{part.name}" if owned else f"{part.kind}:{part.name}"]


def test_a_file_that_a_deployment_would_leave_out_is_found(tmp_path):
    Break("convert", "notes/Idea.txt", "", "not metadata", "").apply(tmp_path)
    done = _convert(tmp_path / "salesforce_metadata", tmp_path / "out")
    assert done.returncode == 1
    assert json.loads(done.stdout)["leftOut"] == ["force-app/main/default/notes/Idea.txt"]
