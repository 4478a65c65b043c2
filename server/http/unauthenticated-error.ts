/** No token, or none that can be believed. Known to http alone: behind it a principal is always there. */
export class UnauthenticatedError extends Error {
  override readonly name = 'UnauthenticatedError';
}
