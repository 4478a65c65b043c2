declare const brand: unique symbol;

/** One Pipedrive company that installed the app (uuid). */
export type InstallationId = string & { readonly [brand]: 'installation' };
/** How one SAP company is reached by one installation (uuid). */
export type ConnectionId = string & { readonly [brand]: 'connection' };
/** One deal on its way into SAP (uuid). */
export type HandoffId = string & { readonly [brand]: 'handoff' };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws {TypeError} when the text is no uuid: ids come from our own database or from a checked route. */
export function installationId(text: string): InstallationId {
  return uuid(text) as InstallationId;
}
/** @throws {TypeError} as above */
export function connectionId(text: string): ConnectionId {
  return uuid(text) as ConnectionId;
}
/** @throws {TypeError} as above */
export function handoffId(text: string): HandoffId {
  return uuid(text) as HandoffId;
}

function uuid(text: string): string {
  if (!UUID.test(text)) throw new TypeError('not a uuid');
  return text;
}
