/**
 * Converts the Salesforce project from source to metadata format with Salesforce's own library, as `sf project deploy`
 * does before it talks to an org. What the library cannot place (a misnamed file, an unknown folder) would be left
 * out of a deploy without a word, so every file must come out as part of a component, or be named in .forceignore.
 *
 * Usage: node tests/metadata/convert.mjs [PROJECT_FOLDER] [--out FOLDER]
 * Prints a JSON report and keeps what was written if --out says where; exit code 1 if a file was left out.
 */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import sdr from '@salesforce/source-deploy-retrieve';

const { ComponentSet, ForceIgnore, MetadataConverter } = sdr;
const HERE = dirname(fileURLToPath(import.meta.url));

/** Every file below a folder, as absolute paths. */
async function filesOf(folder) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
}

/** The files a component is made of: its definition, and the content of those that have one. */
function filesIn(component) {
    return [component.xml, ...component.walkContent()].filter(Boolean);
}

async function convert(project, out) {
    const settings = JSON.parse(await readFile(join(project, 'sfdx-project.json'), 'utf8'));
    const folders = settings.packageDirectories.map((item) => join(project, item.path));
    const set = ComponentSet.fromSource(folders);
    // Left alone, the library would write a package.xml of its own default version.
    set.sourceApiVersion = settings.sourceApiVersion;

    const components = set.getSourceComponents().toArray();
    const children = components.flatMap((component) => component.getChildren());
    const placed = new Set([...components, ...children].flatMap(filesIn));
    const ignore = ForceIgnore.findAndCreate(project);
    const all = (await Promise.all(folders.map(filesOf))).flat();
    const files = all.filter((file) => ignore.accepts(file));
    await new MetadataConverter().convert(set, 'metadata', {
        type: 'directory',
        outputDirectory: out,
        genUniqueDir: false
    });
    const names = new Set(
        [...components, ...children].map((item) => `${item.type.name}:${item.fullName}`)
    );
    return {
        apiVersion: settings.sourceApiVersion,
        files: files.length,
        components: [...names].sort(),
        leftOut: files.filter((file) => !placed.has(file)).map((file) => relative(project, file)),
        written: (await filesOf(out)).map((file) => relative(out, file)).sort()
    };
}

async function main() {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: { out: { type: 'string' } }
    });
    const project = resolve(positionals[0] ?? join(HERE, '../../salesforce_metadata'));
    const out = values.out ? resolve(values.out) : await mkdtemp(join(tmpdir(), 'metadata-'));
    try {
        const report = await convert(project, out);
        console.log(JSON.stringify(report, null, 2));
        process.exitCode = report.leftOut.length > 0 ? 1 : 0;
    } finally {
        if (!values.out) await rm(out, { recursive: true, force: true });
    }
}

await main();
