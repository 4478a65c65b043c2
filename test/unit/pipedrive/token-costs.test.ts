import { describe, expect, it } from 'vitest';
import { OPERATION_LIST, type OperationName } from '../../../server/pipedrive/operation-list.ts';
import { operation, pathOf } from '../../../server/pipedrive/operations.ts';
import { TOKEN_COSTS } from '../../../server/pipedrive/token-costs.generated.ts';
import { contractsFolder } from '../../support/contract-recorder/contracts-folder.ts';
import { pipedriveOperations } from '../../support/contract-recorder/pipedrive-contract.ts';

const NAMES = Object.keys(OPERATION_LIST).filter((name): name is OperationName => name in OPERATION_LIST);

describe('AP-01: what each call costs', () => {
  it('is known for exactly the calls in use', () => {
    expect(Object.keys(TOKEN_COSTS).sort()).toEqual([...new Set(Object.values(OPERATION_LIST))].sort());
  });

  it.skipIf(!contractsFolder()).each(NAMES)('%s costs what the official description says', (name) => {
    const { method, path, cost } = operation(name);
    const described = pipedriveOperations()?.find((known) => known.key === `${method} ${path}`);
    expect(cost).toBe(described?.cost);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53, undefined])('never puts %s into a path', (id) => {
    expect(() => pathOf(operation('getDeal'), id)).toThrow(TypeError);
    expect(pathOf(operation('getDeal'), 7)).toBe('/api/v2/deals/7');
  });
});
