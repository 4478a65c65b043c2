import { AppError, OutcomeUnknownError, RejectedError } from '../../../server/kernel/errors.ts';
import type { Found } from '../check.ts';
import { tryAgain } from '../try-again.ts';
import type { Check } from './check.ts';
import { errorOf, memberOf, type RawAnswer } from './raw-client.ts';
import type { Scene } from './scene.ts';

const PATHS = {
  organization: '/api/v2/organizations',
  person: '/api/v2/persons',
  product: '/api/v2/products',
  deal: '/api/v2/deals',
  note: '/api/v1/notes',
  webhook: '/api/v1/webhooks',
  'organization field': '/api/v2/organizationFields',
  'person field': '/api/v2/personFields',
  'deal field': '/api/v2/dealFields',
  'product field': '/api/v2/productFields',
} as const;
export type Kind = keyof typeof PATHS;

export interface Maker {
  /** Makes one under a name of its own and gives its id; it is removed when the check is over. */
  make<Id extends number | string>(kind: Kind, create: (name: string) => Promise<Id>): Promise<Id>;
  /** The same by a plain call, for what our client does not make, or not so. @throws {RejectedError} where it is refused */
  post(kind: Kind, body: (name: string) => object): Promise<number>;
  /** Removes it now. @throws {AppError} where it cannot be */
  remove(kind: Kind, id: number | string): Promise<void>;
}

/** The window of two seconds, and a little more. */
const WINDOW_MS = 2_500;

interface Made {
  readonly kind: Kind;
  readonly id: number | string;
  readonly name: string;
}

/** What a call that makes something was refused with; undefined where it was taken. */
export async function refusalOf(make: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await make();
    return undefined;
  } catch (error) {
    if (error instanceof RejectedError) return `${error.code} ${error.words}`.trimEnd();
    throw error;
  }
}

/** A check that makes records. What cannot be removed, or may be there without an answer, is told by name and id. */
export function making(run: (scene: Scene, maker: Maker) => Promise<Found>): Check['run'] {
  return async (scene) => {
    const made: Made[] = [];
    try {
      return await run(scene, createMaker(scene, made));
    } finally {
      const defects: unknown[] = [];
      for (const one of made.reverse()) defects.push(...(await putAway(scene, one)));
      // Our own mistake is told too, but only after everything was removed or listed.
      for (const defect of defects.slice(0, 1)) throwDefect(defect);
    }
  };
}

function createMaker(scene: Scene, made: Made[]): Maker {
  const make: Maker['make'] = async (kind, create) => {
    const name = scene.newName();
    try {
      const id = await create(name);
      made.push({ kind, id, name });
      return id;
    } catch (error) {
      if (error instanceof OutcomeUnknownError) scene.left.push(`${kind} “${name}”, perhaps: no answer came`);
      throw error;
    }
  };
  return {
    make,
    post: (kind, body) =>
      make(kind, async (name) => {
        const answer = await scene.raw.once('POST', PATHS[kind], body(name));
        const id = memberOf(answer.json, 'data.id');
        if (answer.status < 300 && Number.isSafeInteger(id)) return Number(id);
        if (answer.status < 300 || answer.status >= 500)
          throw new OutcomeUnknownError(`It is answered ${answer.status}, without an id.`);
        throw errorOf(answer);
      }),
    async remove(kind, id) {
      await removed(scene, kind, id);
      made.splice(
        made.findIndex((one) => one.kind === kind && one.id === id),
        1,
      );
    },
  };
}

async function removed({ raw, sleep }: Scene, kind: Kind, id: number | string): Promise<void> {
  const answer: RawAnswer = await tryAgain(() => raw.once('DELETE', `${PATHS[kind]}/${id}`), {
    forAMoment: [429, 500, 502, 503, 504],
    between: () => sleep(WINDOW_MS, AbortSignal.timeout(2 * WINDOW_MS)),
  });
  if (answer.status === 404 || answer.status === 410 || answer.status === 204) return;
  if (answer.status >= 300) throw errorOf(answer);
}

/** @returns what is no refusal, but a mistake of ours */
async function putAway(scene: Scene, { kind, id, name }: Made): Promise<unknown[]> {
  try {
    await removed(scene, kind, id);
    return [];
  } catch (error) {
    scene.left.push(`${kind} “${name}”, id ${id}`);
    return error instanceof AppError ? [] : [error];
  }
}

function throwDefect(defect: unknown): never {
  throw defect;
}
