// Where the tools and the base components are installed.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));
export const INSTALLED = path.join(REPOSITORY, 'node_modules');
export const BASE_COMPONENTS = path.join(INSTALLED, 'lightning-base-components');
export const DESIGN_SYSTEM = path.join(INSTALLED, '@salesforce-ux/design-system');
