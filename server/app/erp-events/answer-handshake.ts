import { type ErpProof, type FindCallerDeps, forCaller } from './find-caller.ts';

/** A uuid in SAP's guide; whatever it is, it goes back into JSON and nowhere else. */
const TOKEN = /^[\w-]{1,128}$/;

/**
 * SAP calls the address before it sends anything to it, and wants its token back (SAP's guide, "Webhooks", handshake).
 * With HMAC the token itself is signed.
 */
export function makeAnswerHandshake(deps: FindCallerDeps) {
  return async function answerHandshake(
    token: string | undefined,
    proof: Omit<ErpProof, 'signed'>,
  ): Promise<{ readonly challenge: string } | undefined> {
    if (token === undefined || !TOKEN.test(token)) return undefined;
    return forCaller(deps, { ...proof, signed: Buffer.from(token, 'utf8') }, async () => ({ challenge: token }));
  };
}
