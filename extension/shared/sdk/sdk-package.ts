// The only importer of the SDK package. Under Vite 8 in a package of type "module" its default import is the whole CommonJS
// module, not the class, although the types say otherwise; elsewhere it is the class.
import * as sdkModule from '@pipedrive/app-extensions-sdk';

type SdkClass = typeof sdkModule.default;
export type Sdk = InstanceType<SdkClass>;

export { Color, Command, Event, View } from '@pipedrive/app-extensions-sdk';
export type { EventResponse } from '@pipedrive/app-extensions-sdk/dist/types';

function isSdkClass(value: unknown): value is SdkClass {
  return typeof value === 'function';
}

function findSdkClass(): SdkClass {
  const exported: unknown = sdkModule.default;
  if (isSdkClass(exported)) return exported;
  if (typeof exported === 'object' && exported !== null && 'default' in exported && isSdkClass(exported.default)) {
    return exported.default;
  }
  throw new TypeError('The app extensions SDK has no class.');
}

/** @throws Error when the page's address carries no `id`. */
export function createSdk(): Sdk {
  return new (findSdkClass())();
}
