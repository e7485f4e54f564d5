// Rollup plugin for the imports that the platform makes up: `@salesforce/label/c.X`, `…/schema/X.Y`, `…/user/Id` and so
// on. What depends on who is signed in is read from the session of the page; everything else is settled here, and what
// the package does not declare is a build error, as it is a deploy error in an org.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { PackageError } from './files.mjs';
import { BASE_COMPONENTS } from './installed.mjs';

const PREFIX = '\0scoped:';
const FROM_SESSION = {
    '@salesforce/user/Id': 'session.user.id',
    '@salesforce/user/isGuest': 'false',
    '@salesforce/i18n/timeZone': 'session.timeZone',
    '@salesforce/i18n/currency': 'session.currency',
    '@salesforce/client/formFactor': 'session.formFactor'
};

const OF_BASE_COMPONENTS = new Set(['gate', 'accessCheck', 'internal']);

const KINDS = {
    label: labelModule,
    schema: schemaModule,
    messageChannel: channelModule,
    customPermission: (project, name) =>
        permissionModule(name, project.customPermissions.has(name)),
    userPermission: (_, name) => permissionModule(name, true)
};

/** The plugin, for a project as `readProject` returns it. A draft shows a missing label's name in its place. */
export function scopedModules(project, { draft }) {
    return {
        name: 'platform-scoped-modules',
        resolveId(source, importer) {
            if (source in FROM_SESSION) {
                return PREFIX + source;
            }
            const [scope, kind, ...rest] = source.split('/');
            if (scope !== '@salesforce' || OF_BASE_COMPONENTS.has(kind)) {
                return null;
            }
            if (kind === 'i18n') {
                return formats(source, importer);
            }
            if (kind === 'label' && !rest.join('/').startsWith('c.')) {
                return null; // of the base components, which bring their own
            }
            if (!(kind in KINDS)) {
                throw new PackageError(
                    `${importer} imports ${source}, which the local world does not have.`
                );
            }
            return PREFIX + source;
        },
        load(id) {
            if (!id.startsWith(PREFIX)) {
                return null;
            }
            const source = id.slice(PREFIX.length);
            if (source in FROM_SESSION) {
                return `import { session } from 'platform/session';\nexport default ${FROM_SESSION[source]};`;
            }
            const [, kind, ...rest] = source.split('/');
            return KINDS[kind](project, rest.join('/'), draft);
        }
    };
}

/** Formats of the language, which come with the base components. */
function formats(source, importer) {
    const file = path.join(BASE_COMPONENTS, 'scopedImports', `${source.replaceAll('/', '-')}.js`);
    if (!existsSync(file)) {
        throw new PackageError(
            `${importer} imports ${source}, which the local world does not have.`
        );
    }
    return file;
}

function labelModule(project, name, draft) {
    const text = project.labels.get(name.slice('c.'.length)) ?? (draft ? name : undefined);
    if (text === undefined) {
        throw new PackageError(`The label ${name} stands in no labels/*.labels-meta.xml.`);
    }
    return `export default ${JSON.stringify(text)};`;
}

function schemaModule(project, name) {
    const [object, ...steps] = name.split('.');
    if (!project.objects.has(object)) {
        throw new PackageError(`@salesforce/schema/${name}: there is no object ${object}.`);
    }
    if (steps.length === 0) {
        return `export default ${JSON.stringify({ objectApiName: object })};`;
    }
    checkPath(project, object, steps, name);
    return `export default ${JSON.stringify({ fieldApiName: steps.join('.'), objectApiName: object })};`;
}

/** `Parent__r.Field`: each step but the last is a relationship of the object before it. */
function checkPath(project, object, steps, name) {
    let at = object;
    for (const step of steps.slice(0, -1)) {
        const fields = [...(project.objects.get(at)?.values() || [])];
        const parent = fields.find((field) => field.relationship === step);
        if (!parent) {
            throw new PackageError(
                `@salesforce/schema/${name}: ${at} has no relationship ${step}.`
            );
        }
        at = parent.to;
    }
    if (!project.objects.get(at)?.has(steps.at(-1))) {
        throw new PackageError(`@salesforce/schema/${name}: ${at} has no field ${steps.at(-1)}.`);
    }
}

function channelModule(project, name) {
    if (!project.channels.has(name)) {
        throw new PackageError(
            `@salesforce/messageChannel/${name}: there is no such file in messageChannels/.`
        );
    }
    return `export default ${JSON.stringify({ channelName: name })};`;
}

function permissionModule(name, known) {
    if (!known) {
        throw new PackageError(
            `@salesforce/customPermission/${name}: there is no such file in customPermissions/.`
        );
    }
    return `import { holds } from 'platform/session';\nexport default holds(${JSON.stringify(name)});`;
}
