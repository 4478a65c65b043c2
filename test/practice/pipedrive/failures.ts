import type { Json } from './json.ts';

/** A refusal in one of the shapes Pipedrive is known to use (reference pipedrive-api.md, section 5.1). */
export class ApiFailure extends Error {
  readonly status: number;
  readonly body: Json;

  constructor(status: number, body: Json) {
    super(`Pipedrive answers ${status}`);
    this.status = status;
    this.body = body;
  }
}

export function validationFailed(detail: string): ApiFailure {
  return new ApiFailure(400, {
    success: false,
    error: `Validation failed: ${detail}`,
    code: 'ERR_SCHEMA_VALIDATION_FAILED',
  });
}

export function badRequest(error: string): ApiFailure {
  return new ApiFailure(400, {
    success: false,
    error,
    error_info: 'Please check developers.pipedrive.com for more information about Pipedrive API.',
    data: null,
    additional_data: null,
  });
}

/** Also the answer for a record that exists but is not visible to the user. */
export function notFound(what: string): ApiFailure {
  return new ApiFailure(404, {
    success: false,
    error: `${what} not found.`,
    error_info: 'Please check developers.pipedrive.com for more information about Pipedrive API.',
    data: null,
    additional_data: null,
  });
}

export function forbidden(error: string, code?: string): ApiFailure {
  return new ApiFailure(403, {
    success: false,
    error,
    error_info: 'Please check developers.pipedrive.com for more information about Pipedrive API.',
    data: null,
    additional_data: null,
    ...(code === undefined ? {} : { code }),
  });
}

export function unauthorized(): ApiFailure {
  return new ApiFailure(401, { success: false, error: 'unauthorized access', errorCode: 401 });
}
