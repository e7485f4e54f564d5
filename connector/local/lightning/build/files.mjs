// Reading a folder of metadata: every file's path, and XML as plain objects with the elements that repeat as lists.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';

const LISTS = new Set(
    (
        'labels fields columns filters tabs flexiPageRegions itemInstances componentInstanceProperties ' +
        'layoutSections layoutColumns layoutItems relatedLists valueListItems actionOverrides criteria ' +
        'platformActionListItems quickActionListItems customPermissions userPermissions formFactors ' +
        'value targets lightningMessageFields profileActionOverrides quickActionLayoutColumns ' +
        'quickActionLayoutItems fieldOverrides objectPermissions'
    ).split(' ')
);
const parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    trimValues: true,
    isArray: (name) => LISTS.has(name)
});

/** A problem that whoever writes the package can mend; shown without a stack. */
export class PackageError extends Error {}

/** The root element of an XML file. */
export function readXml(file) {
    const document = parser.parse(readFileSync(file, 'utf8'));
    const name = Object.keys(document).find((each) => each !== '?xml');
    return document[name] || {};
}

/** Paths of the files below a folder with that ending, sorted; none where the folder is missing. */
export function filesBelow(folder, ending = '') {
    if (!existsSync(folder)) {
        return [];
    }
    return readdirSync(folder, { recursive: true })
        .map((name) => path.join(folder, name))
        .filter((file) => file.endsWith(ending) && statSync(file).isFile())
        .sort();
}

/** Each metadata file of a folder: its name without the ending, and its root element. */
export function metadataIn(root, folder, kind) {
    const ending = `.${kind}-meta.xml`;
    return filesBelow(path.join(root, folder), ending).map((file) => ({
        name: path.basename(file, ending),
        file,
        xml: readXml(file)
    }));
}
