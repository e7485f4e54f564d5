import lwc from '@salesforce/eslint-config-lwc/recommended.js';
import js from '@eslint/js';
import globals from 'globals';

const COMPONENTS = 'salesforce_metadata/force-app/main/default/lwc';

export default [
    { ignores: ['build/**', 'node_modules/**', '.venv/**', '.dueline/**'] },
    ...lwc.map((part) => ({
        ...part,
        files: [
            `${COMPONENTS}/**/*.js`,
            'salesforce_metadata/jest-mocks/**/*.js',
            'connector/local/lightning/modules/**/*.js'
        ]
    })),
    {
        // LWC cannot import what a component does not need; the order of the platform's own imports is left alone
        files: [`${COMPONENTS}/**/__tests__/**/*.js`, 'salesforce_metadata/jest-mocks/**/*.js'],
        languageOptions: { globals: { ...globals.jest, ...globals.node } },
        rules: {
            '@lwc/lwc/no-unexpected-wire-adapter-usages': 'off',
            '@lwc/lwc/no-async-operation': 'off'
        }
    },
    {
        ...js.configs.recommended,
        files: ['**/*.mjs', '**/*.cjs'],
        languageOptions: { globals: globals.node }
    }
];
