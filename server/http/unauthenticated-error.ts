/** What is wrong with a token, for the log; whoever sent it is not told. */
export type TokenFault =
  | 'token_missing'
  | 'token_malformed'
  | 'token_algorithm'
  | 'token_signature'
  | 'token_header'
  | 'token_claims'
  | 'token_expired'
  | 'token_too_long_lived'
  | 'token_not_yet_good';

/** No token, or none that can be believed. Known to http alone: behind it a principal is always there. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
  readonly reason: TokenFault;
  constructor(message: string, reason: TokenFault) {
    super(message);
    this.reason = reason;
  }
}
