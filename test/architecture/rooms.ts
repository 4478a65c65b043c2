/** A part of the project, and what modules in it may import of ours. */
interface Room {
  /** Path prefixes of the modules in it; the first room that fits a module is its room. */
  readonly holds: readonly RegExp[];
  /** Beside itself. */
  readonly mayImport: readonly RegExp[] | 'anything';
  /** Beside the packages that nobody else may use either. */
  readonly owns?: readonly string[];
}

const KERNEL = /^server\/kernel\//;
const CONTRACT = /^server\/contract\//;
const DOMAIN = /^server\/domain\//;
const NET = /^server\/net\//;
const PORTS = /^server\/app\/ports\//;
const APP = /^server\/app\//;

const within = (folder: string): RegExp => new RegExp(`^${folder}/`);
const room = (folder: string, mayImport: Room['mayImport'], owns?: readonly string[]): Room => ({
  holds: [within(folder)],
  mayImport,
  ...(owns ? { owns } : {}),
});

/** Where all parts meet. It may know every room and every package. */
export const WIRING = 'main, compose, config';

/** CONTRIBUTING.md and docs/decisions tell why. Types count as imports. */
export const ROOMS: Readonly<Record<string, Room>> = {
  [WIRING]: {
    holds: [/^server\/[^/]+\.ts$/],
    mayImport: [/^server\//],
  },
  kernel: room('server/kernel', []),
  contract: room('server/contract', []),
  domain: room('server/domain', [KERNEL]),
  net: room('server/net', [KERNEL]),
  'app/ports': room('server/app/ports', [KERNEL, CONTRACT, DOMAIN]),
  app: room('server/app', [KERNEL, CONTRACT, DOMAIN]),
  pipedrive: room('server/pipedrive', [KERNEL, DOMAIN, PORTS, NET]),
  sap: room('server/sap', [KERNEL, DOMAIN, PORTS, NET]),
  db: room('server/db', [KERNEL, DOMAIN, PORTS, /^migrations\//], ['knex']),
  queue: room('server/queue', [KERNEL, DOMAIN, PORTS], ['graphile-worker']),
  secrets: room('server/secrets', [KERNEL, DOMAIN, PORTS]),
  http: room('server/http', [KERNEL, CONTRACT, APP], ['express', 'helmet', 'passport', 'passport-oauth2']),
  jobs: room('server/jobs', [KERNEL, CONTRACT, APP]),
  extension: room('extension', [CONTRACT], ['react', 'react-dom', '@pipedrive/app-extensions-sdk']),
  migrations: room('migrations', [], ['knex']),
  'test/practice': room('test/practice', []),
  test: room('test', 'anything'),
  scripts: room('scripts', 'anything'),
  'tool settings': { holds: [/^[^/]+\.(ts|mjs)$/], mayImport: 'anything' },
};

/** Folders inside a room that must not know each other: `app` is cut by capability, `extension` by feature. */
export const APARTMENTS: readonly { readonly folder: RegExp; readonly shared: RegExp; readonly says: string }[] = [
  { folder: /^server\/app\/([^/]+)\//, shared: /^server\/app\/ports\//, says: "another capability's folder" },
  { folder: /^extension\/features\/([^/]+)\//, shared: /^$/, says: 'another feature' },
];

/** Modules of the room that serve all its apartments and know none of them. */
export const COMMON_PARTS: readonly {
  readonly holds: RegExp;
  readonly mustNotImport: RegExp;
  readonly says: string;
}[] = [
  {
    holds: /^server\/app\/([^/]+\.ts$|ports\/)/,
    mustNotImport: /^server\/app\/(?!ports\/)[^/]+\//,
    says: 'a capability',
  },
  { holds: /^server\/app\/ports\//, mustNotImport: /^server\/app\/(?!ports\/)/, says: 'more of app than ports' },
  { holds: /^extension\/shared\//, mustNotImport: /^extension\/(features|app)\//, says: 'a feature or an entry' },
  { holds: /^extension\/features\//, mustNotImport: /^extension\/app\//, says: 'an entry' },
];

/** Rooms that run in a browser, or do no input and output, and which of Node's own modules they may use all the same. */
export const WITHOUT_NODE: Readonly<Record<string, readonly string[]>> = {
  kernel: ['node:crypto'],
  domain: ['node:crypto'],
  contract: [],
  extension: [],
};

/** A tool asks these for a default export. */
export const DEFAULT_EXPORT_ASKED: readonly RegExp[] = [
  /^[^/]+\.config\.ts$/,
  /^test\/support\/(closing-line-reporter|global-setup)\.ts$/,
];
