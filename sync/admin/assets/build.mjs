// Makes what finance's page serves from the packages of package.json: the design system without the rules that no
// template uses, and htmx as it is. The results stand in ../static, under version control, so that the service itself
// needs no Node; `--check` says whether they are what the packages and templates give today.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PurgeCSS } from 'purgecss';

const admin = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const packages = path.join(admin, '..', '..', 'node_modules');
const slds = path.join(packages, '@salesforce-ux/design-system');

async function styles() {
    const [purged] = await new PurgeCSS().purge({
        content: [`${admin}/**/*.html`, `${admin}/**/*.py`, `${admin}/static/dueline.js`],
        css: [path.join(slds, 'assets/styles/salesforce-lightning-design-system.min.css')],
        defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
        fontFace: true,
        keyframes: true,
        variables: true
    });
    // Fonts and pictures that the rules name lie in the package; the page uses the system's own fonts.
    return purged.css.replace(/@font-face\s*{[^}]*}/g, '');
}

async function main() {
    const wanted = {
        'slds.css': await styles(),
        'htmx.min.js': readFileSync(path.join(packages, 'htmx.org/dist/htmx.min.js'), 'utf8')
    };
    const stale = [];
    for (const [name, content] of Object.entries(wanted)) {
        const file = path.join(admin, 'static', name);
        if (process.argv.includes('--check')) {
            if (readFileSync(file, 'utf8') !== content) stale.push(name);
        } else {
            writeFileSync(file, content);
            process.stdout.write(`${name}: ${Math.ceil(content.length / 1024)} KB\n`);
        }
    }
    if (stale.length) {
        process.stderr.write(`sync/admin/static is not up to date (${stale.join(', ')}): npm run admin:assets\n`);
        process.exitCode = 1;
    }
}

await main();
