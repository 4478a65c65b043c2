import type { Handoff } from '../../../server/app/ports/handoff-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { type Fields, isFields, numberOf, parseJson, recordsOf, textOf } from '../../practice/kernel/json.ts';
import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { type House, unitOfWorkOf } from './house.ts';
import { type Played, readHandoffs } from './play.ts';
import type { Scenario } from './scenario.ts';

/** As long as SAP may still be booking what nobody waits for any more. */
const SAP_MAY_BOOK_FOR_MS = 120_000;

/** Everything that is not as promised, in words; nothing when one deal became one order, whatever happened. */
export async function findBrokenPromises(house: House, scenario: Scenario, played: Played): Promise<string[]> {
  const handoffs = await readHandoffs(house, played.dealId);
  const [handoff] = handoffs;
  if (!handoff) return ['there is no hand-off'];
  return [
    ...(handoffs.length === 1 ? [] : [`${handoffs.length} hand-offs for one deal`]),
    ...(handoff.state === 'written_back' ? [] : [`the hand-off ended as ${handoff.state}`]),
    ...checkDocument(house, handoff, scenario),
    ...checkLedger(house, handoff),
    ...checkReceipt(house, handoff),
    ...checkRequests(house.world.sap.log.since(played.sapMark), handoff),
    ...(await checkAudit(house, handoff)),
  ];
}

function checkDocument(house: House, { key, draft }: Handoff, scenario: Scenario): string[] {
  const found = house.sap.findByKey(key);
  const [first] = found;
  if (found.length !== 1 || !first) return [`${found.length} documents in SAP: ${found.map(({ set }) => set)}`];
  const broken = first.set === (scenario.approval ? 'Drafts' : 'Orders') ? [] : [`it stands in ${first.set}`];
  const booked = linesOf(first.row);
  const frozen = (draft?.lines ?? []).map((line) =>
    [line.itemCode, Number(line.quantity), Number(line.unitPrice), Number(line.discountPercent)].join(),
  );
  if (booked.join(' ') !== frozen.join(' ')) broken.push(`SAP has ${booked.join(' ')} instead of ${frozen.join(' ')}`);
  if (scenario.triggers.some(({ kind }) => kind === 'edit')) return broken;
  const drawn = scenario.lines.map((line) =>
    [
      house.products[line.product % house.products.length]?.itemCode,
      line.quantity,
      line.price,
      line.discountPercent,
    ].join(),
  );
  return booked.join(' ') === drawn.join(' ') ? broken : [...broken, `SAP has ${booked} instead of ${drawn}`];
}

function checkLedger({ sap, ledger }: House, { key }: Handoff): string[] {
  const rows = ledger ? sap.rows('U_PD_LINK').filter((row) => textOf(row, 'Code') === key).length : 1;
  return rows === 1 ? [] : [`${rows} rows in the ledger`];
}

function linesOf(document: Fields): string[] {
  return recordsOf(document, 'DocumentLines').map((line) =>
    [
      textOf(line, 'ItemCode'),
      numberOf(line, 'Quantity'),
      numberOf(line, 'UnitPrice'),
      numberOf(line, 'DiscountPercent'),
    ].join(),
  );
}

function checkReceipt({ pipedrive }: House, { dealId, key, docNum, document }: Handoff): string[] {
  const shown = pipedrive.fieldValue('deal', pipedrive.deal(dealId), 'SAP document');
  const expected = `${document === 'draft' ? 'Order draft' : 'Sales order'} ${docNum}`;
  const notes = pipedrive.notes(dealId);
  const broken = shown === expected ? [] : [`the deal says ${String(shown)} instead of ${expected}`];
  if (notes.length !== 1) broken.push(`${notes.length} receipt notes`);
  if (!notes.every((note) => note.content.includes(key))) broken.push('a receipt note without the key');
  return broken;
}

/** Every write carries the same, until SAP refuses it and a person sends it corrected; none goes out before SAP was asked, late enough, whether it has the order. */
function checkRequests(log: readonly LoggedRequest[], { key }: Handoff): string[] {
  const broken: string[] = [];
  let last: LoggedRequest | undefined;
  let asked: number | undefined;
  for (const request of log) {
    if (isLookUp(request, key) && request.status === 200) asked = request.at;
    const order = orderIn(request, key);
    if (order === undefined) continue;
    if (last && orderIn(last, key) !== order && !isRefusal(last)) broken.push('different writes with one key');
    const earliest = last && isAmbiguous(last) ? last.at + SAP_MAY_BOOK_FOR_MS : 0;
    if (asked === undefined) broken.push('a write without a look-up before it');
    else if (asked < earliest) broken.push('a write after a look-up that came too early');
    // What is known not to have begun may go out once more on the same look-up.
    if (isNotBegun(request)) continue;
    last = request;
    asked = undefined;
  }
  return broken;
}

/** The order's body as it was sent with that key, alone or in a change set. */
function orderIn({ method, path, body }: LoggedRequest, key: string): string | undefined {
  if (method !== 'POST' || !/\/(Orders|\$batch)$/.test(path)) return undefined;
  return body.split(/\r?\n/).find((line) => {
    const sent = line.startsWith('{') ? parseJson(line) : undefined;
    return isFields(sent) && sent['U_PD_Key'] === key;
  });
}

function isLookUp({ method, path }: LoggedRequest, key: string): boolean {
  return method === 'GET' && path.includes('/Orders?') && path.includes(key);
}

/** In SAP's own words, about what was sent and not about the session or the server. */
function isRefusal({ status, responseBody }: LoggedRequest): boolean {
  if (status === 200) return REFUSED_SET.test(responseBody);
  const said = parseJson(responseBody);
  return status === 400 && isFields(said) && 'error' in said;
}

/** A change set that is refused is answered by the one request that was. */
const REFUSED_SET = /^HTTP\/1\.1 4\d\d /m;

/** The company switch failed: that comes before anything is carried out. */
function isNotBegun({ status, responseBody }: LoggedRequest): boolean {
  return status === 500 && /"code"\s*:\s*"?305\b/.test(responseBody);
}

/** SAP's own refusal says that nothing was done; silence, a page or an empty answer say nothing. */
function isAmbiguous({ status, responseBody }: LoggedRequest): boolean {
  if (status >= 200 && status < 300) return !REFUSED_SET.test(responseBody);
  const said = parseJson(responseBody);
  return status === 0 || !isFields(said) || !('error' in said);
}

/** Each step is accepted once, from whichever attempt held the row. */
async function checkAudit(house: House, { key, dealId }: Handoff): Promise<string[]> {
  const rows: { verb: string }[] = await unitOfWorkOf(house).within(house.installation, (tx) =>
    queriesOf(tx)('audit_entries')
      .where({ installation_id: tx.installationId })
      .whereIn('target', [`handoff:${key}`, `deal:${dealId}`])
      .select('verb'),
  );
  const once = ['handoff_posted', 'handoff_written_back'];
  return once.flatMap((verb) => {
    const times = rows.filter((row) => row.verb === verb).length;
    return times === 1 ? [] : [`${verb} ${times} times`];
  });
}
