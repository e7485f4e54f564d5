"""The compilation of a package's components: what it refuses, as a deployment would, and what it leaves alone."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.lightning.conftest import REPO

BUILD = REPO / "connector/local/lightning/build/main.mjs"
PAGE = """<FlexiPage xmlns="http://soap.sforce.com/2006/04/metadata">
    <flexiPageRegions><itemInstances><componentInstance>
        <componentInstanceProperties><name>title</name><value>{!$Label.Greeting}</value></componentInstanceProperties>
        <componentName>arHello</componentName><identifier>c_arHello</identifier>
    </componentInstance></itemInstances><name>main</name><type>Region</type></flexiPageRegions>
    <masterLabel>Hello</masterLabel><sobjectType>Account</sobjectType><type>RecordPage</type>
    <template><name>flexipage:recordHomeTemplateDesktop</name></template>
</FlexiPage>"""
META = """<LightningComponentBundle xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>66.0</apiVersion><isExposed>true</isExposed>
    <targets><target>lightning__RecordPage</target></targets>
    <targetConfigs><targetConfig targets="lightning__RecordPage">
        <property name="title" type="String" /><property name="size" type="Integer" default="50" />
    </targetConfig></targetConfigs>
</LightningComponentBundle>"""
LABELS = """<CustomLabels xmlns="http://soap.sforce.com/2006/04/metadata"><labels>
    <fullName>Greeting</fullName><value>Good morning</value>
</labels></CustomLabels>"""
APP = """<CustomApplication xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Hello</label><tabs>standard-Account</tabs></CustomApplication>"""
FIELD = """<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Score__c</fullName><label>Score</label><type>Text</type></CustomField>"""
HELLO = """import { LightningElement, api } from 'lwc';
%s
export default class ArHello extends LightningElement {
    @api title; @api size; @api recordId; shown = %s;
}"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="compiling needs Node")


class Package:
    """A package of one component on one page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.root = folder / "force-app/main/default"
        (folder / "package.json").write_text("{}")  # where the compiler looks for modules of the importer's own
        self.write("flexipages/Hello.flexipage-meta.xml", PAGE)
        self.write("labels/CustomLabels.labels-meta.xml", LABELS)
        self.write("applications/Hello.app-meta.xml", APP)
        self.write("objects/Account/fields/Score__c.field-meta.xml", FIELD)
        self.write("lwc/arHello/arHello.js-meta.xml", META)
        self.write(
            "lwc/arHello/arHello.html", "<template><lightning-button label={title}></lightning-button></template>"
        )
        self.says("import greeting from '@salesforce/label/c.Greeting';", "greeting")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def says(self, imports: str, shown: str = "1") -> None:
        self.write("lwc/arHello/arHello.js", HELLO % (imports, shown))

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = ["node", str(BUILD), "--metadata", str(self.folder), "--out", str(self.out), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def package(tmp_path) -> Package:
    return Package(tmp_path)


def test_compiles_once(package):
    done = package.build()
    assert done.returncode == 0, done.stderr
    manifest = json.loads((package.out / "manifest.json").read_text())
    compiled = (package.out / manifest["app"]).read_text()
    assert "Good morning" in compiled
    assert '"properties":{"title":"Good morning","size":50}' in compiled
    assert (package.out / manifest["styles"]).exists()
    assert (package.out / "assets/icons/utility-sprite/svg/symbols.svg").exists()
    assert "is up to date" in package.build().stdout
    package.write("labels/CustomLabels.labels-meta.xml", LABELS.replace("morning", "evening"))
    assert "built in" in package.build().stdout
    assert (package.out / json.loads((package.out / "manifest.json").read_text())["app"]).exists()


MODULE = """
import {{ readProject }} from '{build}/project.mjs';
import {{ scopedModules }} from '{build}/scoped.mjs';
const plugin = scopedModules(readProject('{root}'), {{ draft: {draft} }});
const id = plugin.resolveId('{name}', 'x.js');
process.stdout.write(id.startsWith('/') ? id : plugin.load(id));
"""


def module(package: Package, name: str, *, draft: bool = False) -> subprocess.CompletedProcess[str]:
    """What an import of the platform's is made of."""
    script = MODULE.format(build=BUILD.parent, root=package.root, name=name, draft=str(draft).lower())
    command = ["node", "--input-type=module", "-e", script]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("label/c.Missing", "The label c.Missing stands in no labels"),
        ("schema/Account.Nothing__c", "Account has no field Nothing__c"),
        ("schema/Nothing__c.Name", "there is no object Nothing__c"),
        ("schema/Account.Nobody.Name", "Account has no relationship Nobody"),
        ("messageChannel/Gone__c", "no such file in messageChannels/"),
        ("customPermission/Gone", "no such file in customPermissions/"),
        ("apex/Controller.read", "which the local world does not have"),
        ("resourceUrl/logo", "which the local world does not have"),
        ("i18n/dateTime.neverFormat", "which the local world does not have"),
    ],
)
def test_an_import_of_what_is_not_declared_is_refused_by_name(package, name, told):
    done = module(package, f"@salesforce/{name}")
    assert done.returncode == 1
    assert told in done.stderr


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("label/c.Greeting", 'export default "Good morning";'),
        ("schema/Account", 'export default {"objectApiName":"Account"};'),
        ("schema/Account.Score__c", 'export default {"fieldApiName":"Score__c","objectApiName":"Account"};'),
        (
            "schema/Contact.Account.Owner.Name",
            'export default {"fieldApiName":"Account.Owner.Name","objectApiName":"Contact"};',
        ),
        ("user/Id", "import { session } from 'platform/session';\nexport default session.user.id;"),
        ("user/isGuest", "import { session } from 'platform/session';\nexport default false;"),
    ],
)
def test_an_import_of_the_platforms_is_made(package, name, made):
    assert module(package, f"@salesforce/{name}").stdout == made


def test_a_draft_shows_the_name_of_a_missing_label(package):
    assert module(package, "@salesforce/label/c.Missing", draft=True).stdout == 'export default "c.Missing";'


@pytest.mark.parametrize(
    ("imports", "told"),
    [
        ("import { getRecordUi as x } from 'lightning/uiRecordApi';", '"getRecordUi" is not exported'),
        ("import x from 'lightning/platformResourceLoader';", "which the local world does not have"),
    ],
)
def test_what_the_local_world_does_not_have_is_refused_by_name(package, imports, told):
    package.says(imports, "x")
    done = package.build()
    assert done.returncode == 1
    assert told in done.stderr
    assert not package.out.exists()


def test_a_page_with_a_missing_component_is_refused_but_in_a_draft(package):
    shutil.rmtree(package.root / "lwc")
    done = package.build()
    assert "Pages place components that are not in lwc/: arHello" in done.stderr
    assert package.build("--draft").returncode == 0


def test_a_property_that_the_component_does_not_declare_is_refused(package):
    page = PAGE.replace("<name>title</name>", "<name>colour</name>")
    package.write("flexipages/Hello.flexipage-meta.xml", page)
    assert "declares no property colour" in package.build().stderr


def test_a_visibility_rule_that_is_not_known_is_refused(package):
    rule = (
        "<visibilityRule><criteria><leftValue>{!Record.Type}</leftValue><operator>EQUAL</operator>"
        "<rightValue>x</rightValue></criteria></visibilityRule></componentInstance>"
    )
    package.write("flexipages/Hello.flexipage-meta.xml", PAGE.replace("</componentInstance>", rule))
    assert "knows visibility rules on {!$Client.FormFactor} only" in package.build().stderr
