import type { Fields } from '../../kernel/json.ts';
import { recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { without } from '../documents/change.ts';
import { alreadyExists, refused, SapError, unsupported } from '../errors.ts';
import { CATALOG } from './catalog.ts';
import { checkCredentials } from './credentials.ts';
import { isLoopback } from './post.ts';

const MOST = 16;
const READ_ONLY = ['State', 'WorkMode', 'LastSentDate', 'LastSentTime', 'LastErrMsg', 'CreateDate', 'CreateTime'];

/** A subscription as it would be kept, without its handshake. @throws SapError where it is not allowed. */
export function checkedSubscription(company: Company, sent: Fields): Fields {
  const id = textOf(sent, 'WebhookID');
  if (!company.settings.webhooksEnabled) throw refused('Webhook is not enabled for this company  [OADM]');
  if (id === '' || id.length > 40) throw refused('Webhook ID is missing or too long  [OEVC.WebhookID]');
  const others = company.table('EventSubscriptions');
  if (others.has(id)) throw alreadyExists(`Webhook '${id}'`);
  if (others.count() >= MOST) throw refused(`No more than ${MOST} webhooks are allowed`);
  const subscription: Fields = {
    AuthenticationType: 'HMAC',
    Handshake: 'tYES',
    VerifyCertificate: 'tYES',
    ...without(sent, READ_ONLY),
    State: 'Active',
    WorkMode: 'Standard',
    EventCollection: eventRows(id, recordsOf(sent, 'EventCollection')),
  };
  checkTarget(company, subscription);
  checkCredentials(subscription);
  return subscription;
}

function checkTarget(company: Company, subscription: Fields): void {
  const url = textOf(subscription, 'WebhookURL');
  if (url.length > 254)
    throw new SapError(400, -1004, "Value too long in property 'WebhookURL' of 'EventSubscription'");
  const plain = url.startsWith('http://') && isLoopback(url);
  if (!url.startsWith('https://') && !plain) throw refused('Webhook URL is missing or invalid  [OEVC.WebhookURL]');
  const taken = company
    .table('EventSubscriptions')
    .all()
    .some((row) => textOf(row, 'WebhookURL') === url && textOf(row, 'WebhookID') !== textOf(subscription, 'WebhookID'));
  if (taken) throw alreadyExists('Webhook URL');
}

function eventRows(id: string, events: readonly Fields[]): Fields[] {
  if (events.length === 0) throw refused('Events are missing  [EVC1]');
  return events.map((event) => {
    const entry = CATALOG[textOf(event, 'BusinessObject')];
    const known = entry?.transactions.some((transaction) => transaction === textOf(event, 'TransactionType'));
    if (entry === undefined || known !== true)
      throw refused(
        `Event '${textOf(event, 'BusinessObject')}.${textOf(event, 'TransactionType')}' is not in the catalog  [EVC1]`,
      );
    return { ...event, WebhookID: id, ObjectType: entry.objectType };
  });
}

/** The handshake ran before this; a subscriber that did not answer it leaves no subscription behind. */
export function createSubscription(company: Company, sent: Fields): Fields {
  const subscription = checkedSubscription(company, sent);
  requireHandshake(company, subscription);
  const stamp = company.stamp();
  const row = { ...subscription, CreateDate: stamp.date, CreateTime: stamp.time, ...updated(company) };
  company.table('EventSubscriptions').put(textOf(row, 'WebhookID'), row);
  return row;
}

function requireHandshake(company: Company, subscription: Fields): void {
  if (textOf(subscription, 'Handshake') !== 'tYES') return;
  const id = textOf(subscription, 'WebhookID');
  const outcome = company.handshakes.get(id) ?? 'no handshake took place';
  company.handshakes.delete(id);
  if (outcome !== '') throw refused(`Webhook handshake failed: ${outcome}`);
}

function updated(company: Company): Fields {
  const stamp = company.stamp();
  return { UpdateDate: stamp.date, UpdateTime: stamp.time };
}

/** Events are added to those there are, unless the list is to be replaced. */
export function patchSubscription(company: Company, before: Fields, sent: Fields, replace: boolean): void {
  const id = textOf(before, 'WebhookID');
  const patch = without(sent, [...READ_ONLY, 'WebhookID']);
  const known = recordsOf(before, 'EventCollection');
  const events =
    'EventCollection' in patch
      ? [...(replace ? [] : known), ...eventRows(id, recordsOf(patch, 'EventCollection'))]
      : known;
  const after = { ...before, ...patch, EventCollection: events, ...updated(company) };
  checkTarget(company, after);
  checkCredentials(after);
  company.table('EventSubscriptions').put(id, after);
}

function put(company: Company, row: Fields, change: Fields): void {
  company.table('EventSubscriptions').put(textOf(row, 'WebhookID'), { ...row, ...change, ...updated(company) });
}

/** `Pause`, `Resume`, `Handshake` and `Replay`. */
export const subscriptionActions: Readonly<Record<string, (company: Company, row: Fields) => void>> = {
  Pause(company, row) {
    if (textOf(row, 'State') !== 'Active') throw unsupported();
    put(company, row, { State: 'Inactive' });
  },
  Resume(company, row) {
    if (textOf(row, 'State') === 'Active') throw unsupported();
    requireHandshake(company, row);
    put(company, row, { State: 'Active', WorkMode: 'Standard', LastErrMsg: '' });
  },
  Handshake(company, row) {
    requireHandshake(company, { ...row, Handshake: 'tYES' });
  },
  /** What was missed since the last success is sent once more; only from standstill and with a subscriber that shakes hands. */
  Replay(company, row) {
    if (textOf(row, 'State') !== 'Inactive' || textOf(row, 'Handshake') !== 'tYES') throw unsupported();
    requireHandshake(company, row);
    put(company, row, { State: 'Active', WorkMode: 'Replay', LastErrMsg: '' });
  },
};
