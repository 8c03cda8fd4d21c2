import { join } from 'node:path';
import type { EditorLogin } from './access/editor-login.ts';
import { packageRoot } from './package-root.ts';

const flowFileName = 'flows.json';
const credentialFileName = 'flows_cred.json';

export interface NodeRedOptions {
  readonly userDirectory: string;
  readonly credentialSecret: string;
  readonly login: EditorLogin;
  /** Takes what Node-RED has to say for the audit record. */
  readonly audit: object;
  readonly verbose: boolean;
}

/** Node-RED as virtflow runs it: with our nodes, behind a login, and quiet towards the outside world. */
export function nodeRedSettings(options: NodeRedOptions): object {
  return {
    userDir: options.userDirectory,
    flowFile: flowFileName,
    flowFilePretty: true,
    credentialSecret: options.credentialSecret,
    // A folder that is a package is loaded as one: nodes, plugins, examples and resources, as after an installation.
    nodesDir: [packageRoot],
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    adminAuth: options.login.adminAuth,
    httpAdminMiddleware: options.login.middleware,
    logging: {
      console: { level: options.verbose ? 'debug' : 'warn', metrics: false, audit: false },
      audit: options.audit,
    },
    paletteCategories: [
      'virtflow',
      'virtflow vm',
      'virtflow alerts',
      'subflows',
      'common',
      'function',
      'network',
      'sequence',
      'parser',
      'storage',
    ],
    nodeCloseTimeout: 3_000,
    telemetry: { enabled: false, updateNotification: false },
    runtimeState: { enabled: true, ui: true },
    exportGlobalContextKeys: false,
    functionExternalModules: false,
    editorTheme: {
      page: { title: 'virtflow' },
      header: { title: 'virtflow' },
      tours: false,
      // Off as well when it says nothing, and then without a warning at each start.
      projects: {},
      // The editor would fetch the public catalogue each time it is opened.
      palette: { catalogues: [] },
    },
  };
}

export function flowFileOf(userDirectory: string): string {
  return join(userDirectory, flowFileName);
}

export function credentialFileOf(userDirectory: string): string {
  return join(userDirectory, credentialFileName);
}
