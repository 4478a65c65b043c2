import type { CapabilitiesView } from '../../contract/sap-checks.ts';
import { fitsOffset, offsetOfZone } from '../../domain/server-clock.ts';
import type { ErpCapabilities, Feature } from '../ports/erp-capabilities.ts';

type Fact = CapabilitiesView['facts'][number];

/** What was found, for people: the most telling first. */
export function factsOf(record: ErpCapabilities, timeZone: string): Fact[] {
  return [
    fact('Service Layer', record.dialect === 'v2' ? 'Version 2' : 'Version 1', versionNote(record)),
    fact('Orders made twice are prevented by', guardWords(record), null),
    fact(
      'Approval procedures',
      said(record.approvals, 'Hold for orders from here', 'Do not hold for orders from here'),
      null,
    ),
    fact('Branches', said(record.branches, 'Kept', 'Not kept'), null),
    fact('Decimals', decimalWords(record.decimals), null),
    fact('Order preview', said(record.preview, 'Available', 'Not available'), previewNote(record.preview)),
    fact('Customer’s own price', said(record.itemPrice, 'Available', 'Not available'), null),
    fact('Several questions in one', said(record.batch, 'Available', 'Not available'), null),
    fact('Change tags', said(record.etag, 'Available', 'Not available'), null),
    fact('Records in one page', record.pageSize === null ? 'Too few records to tell' : String(record.pageSize), null),
    fact('Lists inside records', said(record.collectionSelect, 'Can be asked for', 'Come with the whole record'), null),
    fact('SQL queries', said(record.sqlQueries, 'Available', 'Not available'), null),
    fact('News from SAP (webhooks)', said(record.webhooks, 'Available', 'Not available'), null),
    fact('Times of changes', stampWords(record.clock.stamps), zoneNote(record, timeZone)),
    fact('Server’s clock', skewWords(record.clock.skewMs), null),
  ];
}

export function guardOf(record: ErpCapabilities | undefined): CapabilitiesView['handoffGuard'] {
  return record?.ledger === 'yes' ? 'ledger' : 'settle';
}

function fact(name: string, value: string, note: string | null): Fact {
  return { name, value, note };
}

function said(feature: Feature, yes: string, no: string): string {
  switch (feature) {
    case 'yes':
      return yes;
    case 'no':
      return no;
    case 'forbidden':
      return 'The user has no right to it';
    case 'unknown':
      return 'Could not be told';
    default:
      return feature satisfies never;
  }
}

function versionNote({ version }: ErpCapabilities): string | null {
  return version === null ? null : `SAP calls itself ${version}`;
}

function guardWords(record: ErpCapabilities): string {
  if (guardOf(record) === 'ledger') return 'A unique key in SAP';
  return record.keyField === 'yes' ? 'Looking for the key before sending again' : 'Not ready: the key field is missing';
}

function decimalWords(decimals: ErpCapabilities['decimals']): string {
  if (!decimals) return 'Could not be told';
  const { totals, prices, quantities } = decimals;
  return `Amounts ${totals}, prices ${prices}, quantities ${quantities}`;
}

function previewNote(preview: Feature): string | null {
  return preview === 'no' ? 'Credit then counts a deal’s tax as the deal has it' : null;
}

function stampWords(stamps: ErpCapabilities['clock']['stamps']): string {
  if (stamps === 'unknown') return 'Could not be told';
  return stamps === 'second' ? 'To the second' : 'To the minute';
}

function zoneNote({ clock }: ErpCapabilities, timeZone: string): string | null {
  const at = new Date(clock.lookedAt);
  const assumed = offsetOfZone(timeZone, at);
  if (clock.offsetMinutes !== null) {
    const measured = `${zoneWords(clock.offsetMinutes)}, measured`;
    return clock.offsetMinutes === assumed ? measured : `${measured}; ${zoneWords(assumed)} was assumed`;
  }
  return fitsOffset(assumed, { newest: clock.newest, at })
    ? `${zoneWords(assumed)}, from the company’s country`
    : `Ahead of ${zoneWords(assumed)}, which was assumed from the company’s country`;
}

function zoneWords(minutes: number): string {
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = String(Math.abs(minutes) % 60).padStart(2, '0');
  return `UTC${minutes < 0 ? '−' : '+'}${hours}:${rest}`;
}

function skewWords(skewMs: number | null): string {
  if (skewMs === null) return 'Could not be compared: the server answers no ping';
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (seconds < 2) return 'Right';
  return `${seconds} seconds ${skewMs > 0 ? 'ahead' : 'behind'}`;
}
