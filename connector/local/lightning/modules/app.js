// The page: the org's time first, then the shadow that Salesforce's components expect, then the shell.
import 'platform/clock';
import '@lwc/synthetic-shadow';
import { createElement } from 'lwc';
import configProvider from 'lightning/configProvider';
import App from 'shell/app';

configProvider({ getPathPrefix: () => '/lightning/static', getToken: () => undefined });
document.body.appendChild(createElement('shell-app', { is: App }));
