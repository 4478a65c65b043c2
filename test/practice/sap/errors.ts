/** A refusal as the Service Layer words it. The dialect decides how it is written down. */
export class SapError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = 'SapError';
    this.status = status;
    this.code = code;
  }
}

export const invalidSession = () => new SapError(401, 301, 'Invalid session or session already timeout.');
export const noMatch = () => new SapError(404, -2028, 'No matching records found (ODBC -2028)');
export const keyMissing = (key: string) => new SapError(404, -2028, `Entity with value('${key}') does not exist`);
export const modifiedMeanwhile = () =>
  new SapError(
    412,
    -2039,
    'Another user or another operation modified data; to continue, open the window again (ODBC -2039)',
  );
/** The same code with 400: a record that another user is changing at this moment. */
export const lockedByOther = () =>
  new SapError(400, -2039, 'Another user modified this record; data could not be updated (ODBC -2039)');
/** The public error lists name -3000 for a missing authorisation; that it comes with 403 is assumed. */
export const noPermission = () => new SapError(403, -3000, 'You are not permitted to perform this action');
export const unsupported = () => new SapError(400, -5006, 'The requested action is not supported for this object.');
export const alreadyExists = (what: string) => new SapError(400, -2035, `${what} already exists (ODBC -2035)`);
export const malformed = (message: string) => new SapError(400, -1000, message);
export const badQuery = (message: string) => new SapError(400, 201, message);
export const business = (message: string) => new SapError(400, -10, message);
export const refused = (message: string) => new SapError(400, -5002, message);
