import { createHash, createHmac } from 'node:crypto';
import type { InstallationId } from '../../kernel/ids.ts';
import { readBasic, sameText, signatureMatches } from '../authenticity.ts';
import type { ErpWebhook, ErpWebhookStore } from '../ports/erp-webhook-store.ts';
import type { ConnectionStore, InstallationStore } from '../ports/installation-store.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';

export interface FindCallerDeps {
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly connections: ConnectionStore;
  readonly erpWebhooks: ErpWebhookStore;
}

/** How a call from a SAP server proves itself. */
export interface ErpProof {
  /** The last part of the address it came to. */
  readonly secret: string;
  readonly authorization: string | undefined;
  /** `X-B1-Webhook-Signature`: base64 of the HMAC over `signed`. */
  readonly signature: string | undefined;
  /** The bytes that are signed: the raw body, or the token of a handshake. */
  readonly signed: Uint8Array;
}

/** The company's id, so that the tenant is found without asking across tenants, and 256 random bits. */
const SECRET = /^(\d{1,20})-[A-Za-z0-9_-]{43}$/;

/**
 * Runs `work` for the subscription that a call belongs to, in its tenant's transaction; undefined where it is not ours.
 * Nothing in the body is read before address and signature have named the tenant.
 */
export function forCaller<T>(
  deps: FindCallerDeps,
  proof: ErpProof,
  work: (tx: Tx, webhook: ErpWebhook) => Promise<T>,
): Promise<T | undefined> {
  return forSubscription(deps, proof, (webhook) => isGenuine(webhook, proof), work);
}

/** Whether a call can be one of ours, by all that it shows before its body: what can only be a stranger need not be read. */
export function makeIsErpCaller(deps: FindCallerDeps) {
  return async function isErpCaller(proof: Omit<ErpProof, 'signed'>): Promise<boolean> {
    const possible = await forSubscription(
      deps,
      proof,
      (webhook) => (webhook.auth === 'hmac' ? proof.signature !== undefined : hasCredentials(webhook, proof)),
      async () => true,
    );
    return possible ?? false;
  };
}

async function forSubscription<T>(
  deps: FindCallerDeps,
  proof: Omit<ErpProof, 'signed'>,
  isAccepted: (webhook: ErpWebhook) => boolean,
  work: (tx: Tx, webhook: ErpWebhook) => Promise<T>,
): Promise<T | undefined> {
  const id = await tenantOf(deps, proof.secret);
  if (!id) return undefined;
  return deps.unitOfWork.within(id, async (tx) => {
    if ((await deps.installations.get(tx)).status !== 'active') return undefined;
    const webhook = await deps.erpWebhooks.findBySecret(tx, createHash('sha256').update(proof.secret).digest());
    if (!webhook || webhook.state === 'unwanted' || !isAccepted(webhook)) return undefined;
    // A subscription that was left behind ends by itself, once nobody answers it.
    if ((await deps.connections.get(tx, webhook.connectionId)).status === 'disconnected') return undefined;
    return work(tx, webhook);
  });
}

async function tenantOf({ directory }: FindCallerDeps, secret: string): Promise<InstallationId | undefined> {
  const companyId = SECRET.exec(secret)?.[1];
  return companyId === undefined ? undefined : directory.findByCompany(companyId);
}

function isGenuine(webhook: ErpWebhook, proof: ErpProof): boolean {
  if (webhook.auth !== 'hmac') return hasCredentials(webhook, proof);
  const mac = createHmac('sha256', webhook.credential.reveal()).update(proof.signed).digest();
  return proof.signature !== undefined && signatureMatches(proof.signature, mac);
}

function hasCredentials(webhook: ErpWebhook, { authorization }: Pick<ErpProof, 'authorization'>): boolean {
  const credential = webhook.credential.reveal();
  const basic = readBasic(authorization);
  return basic !== undefined && sameText(basic.user, webhook.webhookId) && sameText(basic.password, credential);
}
