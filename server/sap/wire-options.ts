import type { ErpServer } from '../app/ports/erp-onboarding.ts';
import type { ConnectorOptions } from './connector.ts';
import type { TransportOptions } from './exchange.ts';

/** What of the client's world, and what of one server's settings, decides how its sockets are opened. */
export function wireOptions(
  { network, resolve, authorities }: Pick<ConnectorOptions, 'network' | 'resolve' | 'authorities'>,
  { trust, proxy }: Pick<ErpServer, 'trust' | 'proxy'>,
): TransportOptions {
  return {
    network,
    resolve,
    authorities,
    trust,
    clientCertificate: proxy?.clientCertificate ?? null,
    header: proxy?.header ?? null,
  };
}
