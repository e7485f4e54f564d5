// Unit tests of the Lightning Web Components: `npm run test:lwc`.
const { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { XMLParser } = require('fast-xml-parser');
const { jestConfig } = require('@salesforce/sfdx-lwc-jest/config');

const labels = path.join(__dirname, 'force-app/main/default/labels');
const made = path.join(__dirname, '../build/jest-labels');

// Components are tested with the texts that people read, so that a test which finds "1 invoice" found it on the
// screen. The transformer requires each label as a module; here they are.
rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'labels' });
for (const file of readdirSync(labels)) {
    const { CustomLabels } = parser.parse(readFileSync(path.join(labels, file), 'utf8'));
    for (const { fullName, value } of CustomLabels.labels ?? []) {
        writeFileSync(
            path.join(made, `${fullName}.js`),
            `module.exports = { default: ${JSON.stringify(value)} };\n`
        );
    }
}

module.exports = {
    ...jestConfig,
    moduleNameMapper: {
        // jsdom lays nothing out and cannot read container queries
        '\\.css$': '<rootDir>/jest-mocks/noStyles.js',
        '^@salesforce/label/c\\.(.+)$': '<rootDir>/../build/jest-labels/$1.js',
        '^lightning/(graphql|messageService|modal)$': '<rootDir>/jest-mocks/lightning/$1.js'
    }
};
