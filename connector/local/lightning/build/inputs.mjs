// A digest of everything that the pages are made of, so that a build with nothing changed returns at once.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './files.mjs';
import { INSTALLED } from './installed.mjs';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = ['lwc', 'rollup', 'lightning-base-components', '@salesforce-ux/design-system'];

/** Of the package's sources, our own, the versions of the tools, and the options. */
export function digest(root, options) {
    const hash = createHash('sha256').update(JSON.stringify(options));
    const ours = ['build', 'modules'].flatMap((folder) => filesBelow(path.join(HERE, folder)));
    for (const file of [...filesBelow(root), ...ours]) {
        if (!file.includes('__tests__')) {
            hash.update(`\0${file}\0`).update(readFileSync(file));
        }
    }
    for (const tool of TOOLS) {
        hash.update(readFileSync(path.join(INSTALLED, tool, 'package.json')));
    }
    return hash.digest('hex');
}
