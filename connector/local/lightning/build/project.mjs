// What the package declares, read once: labels, fields, message channels, permissions, and its component bundles.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { filesBelow, metadataIn, PackageError, readXml } from './files.mjs';
import { STANDARD_FIELDS, SYSTEM } from './standard.mjs';

/** The declarations of the SFDX package whose source folder is `root` (…/main/default). */
export function readProject(root) {
    return {
        root,
        labels: readLabels(root),
        objects: readObjects(root),
        bundles: readBundles(root),
        channels: new Set(
            metadataIn(root, 'messageChannels', 'messageChannel').map((item) => `${item.name}__c`)
        ),
        customPermissions: new Set(
            metadataIn(root, 'customPermissions', 'customPermission').map((item) => item.name)
        ),
        granted: readGranted(root)
    };
}

function readLabels(root) {
    const labels = new Map();
    for (const { file, xml } of metadataIn(root, 'labels', 'labels')) {
        for (const { fullName, value = [''] } of xml.labels || []) {
            const known = labels.get(fullName);
            if (known !== undefined && known !== value[0]) {
                throw new PackageError(
                    `${file}: the label ${fullName} already has another text elsewhere.`
                );
            }
            labels.set(fullName, value[0]);
        }
    }
    return labels;
}

/** Object → field → {reference: the relationship's name, or undefined}. */
function readObjects(root) {
    const objects = new Map(
        Object.entries(STANDARD_FIELDS).map(([name, fields]) => [
            name,
            new Map(fields.split(' ').map(standardField))
        ])
    );
    for (const folder of foldersIn(path.join(root, 'objects'))) {
        const own = objects.get(folder) || new Map(SYSTEM.split(' ').map(standardField));
        for (const file of filesBelow(
            path.join(root, 'objects', folder, 'fields'),
            '.field-meta.xml'
        )) {
            const name = path.basename(file, '.field-meta.xml');
            const to = readXml(file).referenceTo;
            own.set(name, to ? { relationship: name.replace(/__c$/, '__r'), to } : {});
        }
        objects.set(folder, own);
    }
    const activity = objects.get('Activity');
    activity?.forEach(
        (field, name) => name.endsWith('__c') && objects.get('Task').set(name, field)
    );
    return objects;
}

const STANDARD_PARENTS = {
    AccountId: 'Account',
    ContactId: 'Contact',
    WhoId: 'Contact',
    OwnerId: 'User',
    CreatedById: 'User',
    LastModifiedById: 'User',
    ParentId: 'Account',
    ManagerId: 'User',
    ReportsToId: 'Contact'
};

function standardField(name) {
    const to = STANDARD_PARENTS[name];
    return [name, to ? { relationship: name.replace(/Id$/, ''), to } : {}];
}

/** Component bundles by name: the JavaScript (or, of a style module, CSS) file that is their entry. */
function readBundles(root) {
    const bundles = new Map();
    for (const name of foldersIn(path.join(root, 'lwc')).filter((each) => !each.startsWith('__'))) {
        const stem = path.join(root, 'lwc', name, name);
        const entry = ['.js', '.ts', '.css'].map((ending) => stem + ending).find(existsSync);
        if (entry) {
            bundles.set(name, entry);
        }
    }
    return bundles;
}

/** Permission set → the custom and user permissions it grants. */
function readGranted(root) {
    const granted = {};
    for (const { name, xml } of metadataIn(root, 'permissionsets', 'permissionset')) {
        const given = [...(xml.customPermissions || []), ...(xml.userPermissions || [])];
        granted[name] = given.filter((item) => item.enabled === 'true').map((item) => item.name);
    }
    return granted;
}

function foldersIn(folder) {
    if (!existsSync(folder)) {
        return [];
    }
    return readdirSync(folder, { withFileTypes: true })
        .filter((item) => item.isDirectory())
        .map((item) => item.name)
        .sort();
}
