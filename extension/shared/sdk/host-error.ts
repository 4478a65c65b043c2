/** Pipedrive's page around us did not answer, or refused. */
export class HostError extends Error {
  override readonly name = 'HostError';
}

/**
 * Runs a command of the SDK, which has no time limit of its own and may throw before it returns a promise.
 * @throws HostError when it throws, is refused, or takes longer than `ms`.
 */
export async function withinTime<T>(ms: number, run: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new HostError('Pipedrive did not answer in time.')), ms);
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw new HostError('Pipedrive refused a command.', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
