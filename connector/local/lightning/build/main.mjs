// Compiles the package's Lightning Web Components into pages that run without an org:
//     node connector/local/lightning/build/main.mjs [--out build/lightning] [--metadata salesforce_metadata]
//         [--mode production|development] [--draft]
import {
    existsSync,
    mkdtempSync,
    mkdirSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { copyAssets } from './assets.mjs';
import { bundle } from './bundle.mjs';
import { PackageError } from './files.mjs';
import { digest } from './inputs.mjs';
import { REPOSITORY } from './installed.mjs';
import { readProject } from './project.mjs';

const OPTIONS = {
    out: { type: 'string', default: path.join(REPOSITORY, 'build/lightning') },
    metadata: { type: 'string', default: path.join(REPOSITORY, 'salesforce_metadata') },
    mode: { type: 'string', default: 'production' },
    draft: { type: 'boolean', default: false }
};

async function main() {
    const { out, metadata, mode, draft } = parseArgs({ options: OPTIONS }).values;
    const root = path.resolve(metadata, 'force-app/main/default');
    const wanted = digest(root, { mode, draft });
    if (built(out) === wanted) {
        process.stdout.write(`${out} is up to date\n`);
        return;
    }
    const began = Date.now();
    mkdirSync(path.dirname(path.resolve(out)), { recursive: true });
    const part = mkdtempSync(`${path.resolve(out)}.`);
    try {
        const files = await bundle(readProject(root), part, { mode, draft });
        writeFileSync(
            path.join(part, 'manifest.json'),
            JSON.stringify(manifest(wanted, files, copyAssets(part)))
        );
        rmSync(out, { recursive: true, force: true });
        renameSync(part, out);
    } finally {
        rmSync(part, { recursive: true, force: true });
    }
    process.stdout.write(`${out} built in ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

function manifest(inputs, files, styles) {
    return { inputs, app: files.find((file) => file.startsWith('app-')), styles };
}

function built(out) {
    const file = path.join(out, 'manifest.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).inputs : undefined;
}

main().catch((error) => {
    // of what the package gets wrong, and what the compilers refuse in it, the message says enough
    const known = error instanceof PackageError || error.plugin || !error.stack;
    const where = error.id && !error.message.includes(error.id) ? `${error.id}: ` : '';
    process.stderr.write(`${known ? where + error.message : error.stack}\n`);
    process.exitCode = 1;
});
