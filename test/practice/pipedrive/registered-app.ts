import { DEFAULT_SCOPES, type PracticePipedriveOptions, type RegisteredApp } from './options.ts';

/** What the vendor entered in Developer Hub; addresses may be filled in later. */
export function registeredApp(options: PracticePipedriveOptions): RegisteredApp {
  const urls = options.extensionUrls ?? {};
  return {
    name: options.appName ?? 'Orderline for SAP Business One',
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    jwtSecret: options.jwtSecret ?? options.clientSecret,
    callbackUrl: options.appCallbackUrl ?? '',
    installationUrl: options.installationUrl ?? null,
    scopes: [...(options.scopes ?? DEFAULT_SCOPES)],
    extensions: { panel: urls.panel ?? '', settings: urls.settings ?? '', modals: { ...urls.modals } },
  };
}
