import type { Fields } from '../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../kernel/json.ts';
import type { SapBackOffice } from './back-office.ts';

/** What the page shows, for callers that want the figures without the HTML. */
export interface SapPageData {
  readonly company: string;
  readonly today: string;
  readonly orders: readonly Fields[];
  readonly drafts: readonly Fields[];
  readonly invoices: readonly Fields[];
  readonly partners: readonly Fields[];
  readonly items: readonly Fields[];
  /** How many there are of each, shown or not. */
  readonly totals: Readonly<Record<'orders' | 'drafts' | 'invoices' | 'partners' | 'items', number>>;
}

const ROWS = 60;

/** Newest documents first; partners with the most open first. */
export function sapPageData(office: SapBackOffice): SapPageData {
  const newest = (set: string) => office.rows(set).slice(-ROWS).reverse();
  const owing = [...office.rows('BusinessPartners')].sort(
    (a, b) => numberOf(b, 'CurrentAccountBalance') - numberOf(a, 'CurrentAccountBalance'),
  );
  return {
    company: `${office.settings.companyName} (${office.name})`,
    today: office.today(),
    orders: newest('Orders'),
    drafts: newest('Drafts'),
    invoices: newest('Invoices').slice(0, 25),
    partners: owing.slice(0, ROWS),
    items: office.rows('Items').slice(0, ROWS),
    totals: {
      orders: office.rows('Orders').length,
      drafts: office.rows('Drafts').length,
      invoices: office.rows('Invoices').length,
      partners: owing.length,
      items: office.rows('Items').length,
    },
  };
}

/** SAP's side of the practice company on one plain page, light or dark as asked, else as the reader's system is. */
export function renderSapPage(office: SapBackOffice, theme?: 'light' | 'dark'): string {
  const data = sapPageData(office);
  const sections = [
    table(
      'Sales orders',
      ['Number', 'Date', 'Customer', 'Total', 'State', 'Key from Pipedrive', 'Lines'],
      data.orders.map(orderCells),
      data.totals.orders,
    ),
    table(
      'Drafts',
      ['Entry', 'Kind', 'Customer', 'Total', 'Approval', 'Key from Pipedrive'],
      data.drafts.map(draftCells),
      data.totals.drafts,
    ),
    table(
      'Business partners',
      ['Code', 'Name', 'Kind', 'Limit', 'Balance', 'Open orders', 'State'],
      data.partners.map(partnerCells),
      data.totals.partners,
    ),
    table(
      'Items',
      ['Code', 'Name', 'List price', 'On hand', 'Committed', 'Ordered', 'State'],
      data.items.map(itemCells),
      data.totals.items,
    ),
    table(
      'Newest invoices',
      ['Number', 'Date', 'Due', 'Customer', 'Total', 'Paid', 'State'],
      data.invoices.map(invoiceCells),
      data.totals.invoices,
    ),
  ];
  return `<!doctype html>
<html lang="en" style="color-scheme: ${theme ?? 'light dark'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>SAP Business One: ${escapeHtml(data.company)}</title><style>${STYLE}</style></head>
<body><header><h1>SAP Business One</h1><p>${escapeHtml(data.company)} · ${data.today}</p></header><main>${sections.join('')}</main></body></html>`;
}

const STYLE = `
:root { --ink: light-dark(#1d2d3e, #eaecee); --soft: light-dark(#556b82, #a9b4be); --line: light-dark(#d9d9d9, #3b4856); --paper: light-dark(#fff, #1d232a);
  --ground: light-dark(#f5f6f7, #12171c); --head: light-dark(#354a5f, #232c36); --mark: light-dark(#0064d9, #4db1ff); }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
header { background: var(--head); color: #fff; padding: 12px 24px; display: flex; gap: 16px; align-items: baseline; }
header h1 { font-size: 16px; margin: 0; } header p { margin: 0; opacity: .85; }
main { padding: 16px 24px; display: grid; gap: 16px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; overflow: auto; max-height: 60vh; }
h2 { font-size: 15px; margin: 0; padding: 12px 16px; position: sticky; left: 0; } h2 small { color: var(--soft); font-weight: 400; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 6px 16px; border-top: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; position: sticky; top: 0; background: var(--paper); } td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.day { white-space: nowrap; }
td.key { color: var(--mark); font-family: ui-monospace, monospace; font-size: 12px; }
p.none { margin: 0; padding: 0 16px 16px; color: var(--soft); }`;

type Cell = { readonly text: string; readonly kind?: 'number' | 'key' | 'day' };
const cell = (text: string): Cell => ({ text });
const day = (text: string): Cell => ({ text, kind: 'day' });
const amount = (value: number): Cell => ({
  text: value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  kind: 'number',
});
const count = (value: number): Cell => ({ text: value.toLocaleString('en-US'), kind: 'number' });

function table(title: string, heads: readonly string[], rows: readonly (readonly Cell[])[], all = rows.length): string {
  const count = all > rows.length ? `${rows.length} of ${all}` : String(rows.length);
  const head = heads.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map(cellHtml).join('')}</tr>`).join('');
  const content =
    rows.length === 0
      ? '<p class="none">None yet.</p>'
      : `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
  return `<section tabindex="0" aria-label="${escapeHtml(title)}"><h2>${escapeHtml(title)} <small>${count}</small></h2>${content}</section>`;
}

function cellHtml({ text, kind }: Cell): string {
  return `<td${kind === undefined ? '' : ` class="${kind}"`}>${escapeHtml(text)}</td>`;
}

const STATES: Readonly<Record<string, string>> = {
  bost_Open: 'open',
  bost_Close: 'closed',
  dasPending: 'waits for approval',
  dasApproved: 'approved',
  dasRejected: 'rejected',
  dasWithout: '',
};
const stateOf = (row: Fields): string =>
  textOf(row, 'Cancelled') === 'tYES' ? 'cancelled' : (STATES[textOf(row, 'DocumentStatus')] ?? '');
const customer = (row: Fields): Cell => cell(`${textOf(row, 'CardCode')} ${textOf(row, 'CardName')}`);
const key = (row: Fields): Cell => ({ text: textOf(row, 'U_PD_Key'), kind: 'key' });

function orderCells(row: Fields): Cell[] {
  const lines = recordsOf(row, 'DocumentLines').map(
    (line) => `${textOf(line, 'Quantity')} × ${textOf(line, 'ItemCode')}`,
  );
  return [
    cell(textOf(row, 'DocNum')),
    day(textOf(row, 'DocDate')),
    customer(row),
    amount(numberOf(row, 'DocTotal')),
    cell(stateOf(row)),
    key(row),
    cell(lines.join(', ')),
  ];
}

function draftCells(row: Fields): Cell[] {
  return [
    cell(textOf(row, 'DocEntry')),
    cell(textOf(row, 'DocObjectCode').slice(1)),
    customer(row),
    amount(numberOf(row, 'DocTotal')),
    cell(STATES[textOf(row, 'AuthorizationStatus')] ?? 'generated'),
    key(row),
  ];
}

function invoiceCells(row: Fields): Cell[] {
  return [
    cell(textOf(row, 'DocNum')),
    day(textOf(row, 'DocDate')),
    day(textOf(row, 'DocDueDate')),
    customer(row),
    amount(numberOf(row, 'DocTotal')),
    amount(numberOf(row, 'PaidToDate')),
    cell(stateOf(row)),
  ];
}

const KINDS: Readonly<Record<string, string>> = { cCustomer: 'customer', cSupplier: 'supplier', cLid: 'lead' };

function partnerCells(row: Fields): Cell[] {
  const state = textOf(row, 'Frozen') === 'tYES' ? `frozen: ${textOf(row, 'FrozenRemarks')}` : 'active';
  return [
    cell(textOf(row, 'CardCode')),
    cell(textOf(row, 'CardName')),
    cell(KINDS[textOf(row, 'CardType')] ?? ''),
    amount(numberOf(row, 'CreditLimit')),
    amount(numberOf(row, 'CurrentAccountBalance')),
    amount(numberOf(row, 'OpenOrdersBalance')),
    cell(state),
  ];
}

function itemCells(row: Fields): Cell[] {
  const price = recordsOf(row, 'ItemPrices')[0] ?? {};
  return [
    cell(textOf(row, 'ItemCode')),
    cell(textOf(row, 'ItemName')),
    amount(numberOf(price, 'Price')),
    count(numberOf(row, 'QuantityOnStock')),
    count(numberOf(row, 'QuantityOrderedByCustomers')),
    count(numberOf(row, 'QuantityOrderedFromVendors')),
    cell(textOf(row, 'Frozen') === 'tYES' ? 'inactive' : 'active'),
  ];
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
