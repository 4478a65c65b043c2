import type { MovablePracticeClock } from '../../kernel/clock.ts';
import type { Fields } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import type { RowChange } from '../company/table.ts';
import type { CloudEvent } from './catalog.ts';
import { eventOf } from './catalog.ts';
import { authHeaders } from './credentials.ts';
import type { Line, Outcome, RetryRules } from './line.ts';
import { settle } from './line.ts';
import { messageOf, wants } from './messages.ts';
import type { WebhookAnswer, WebhookCall } from './post.ts';

export interface Delivery {
  readonly company: string;
  readonly webhookId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 0 where no answer came. */
  readonly status: number;
}

/** The service beside SAP that tells subscribers what has changed. */
export interface SapMessenger {
  /** Resolves once nothing is left that is due by the practice clock. */
  idle(): Promise<void>;
  /** Everything that was sent, in order. */
  deliveries(): readonly Delivery[];
  /** Sends nothing until released, so that events come in batches. @returns the release */
  hold(): () => void;
  /** The next delivery is sent twice, as after an answer that was lost. */
  duplicateNext(): void;
  /** The events of the next delivery go in the wrong order. */
  reorderNext(): void;
}

export interface MessengerRules extends Omit<RetryRules, 'now'> {
  readonly clock: MovablePracticeClock;
  readonly call: (call: WebhookCall) => Promise<WebhookAnswer>;
  /** Events in one delivery. */
  readonly batchLimit: number;
}

function noAnswer(error: unknown): Outcome {
  const text = error instanceof Error ? error.message : 'no answer';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return { status: 0, trouble: text, hopeless: /CERT|SIGNED|TLS|SSL|ERR_INVALID_URL|NOT_LOOPBACK/.test(code) };
}

export function createMessenger(rules: MessengerRules): SapMessenger & {
  watch(company: Company): void;
  close(): void;
} {
  const { clock } = rules;
  const lines = new Map<string, Line>();
  const sent: Delivery[] = [];
  let held = 0;
  let working: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let twice = false;
  let reversed = false;

  function lineOf(company: Company, webhookId: string): Line {
    const id = `${company.name} ${webhookId}`;
    const line = lines.get(id) ?? { company, webhookId, waiting: [], missed: [], failures: 0, dueAt: 0 };
    lines.set(id, line);
    return line;
  }

  function take(company: Company, changes: readonly RowChange[]): void {
    for (const change of changes) if (change.set === 'EventSubscriptions') turned(company, change);
    if (company.settings.webhooks !== 'available' || !company.settings.webhooksEnabled) return;
    const events = changes.flatMap((change) => eventOf(change) ?? []);
    for (const event of events) {
      const told: CloudEvent = { event, message: messageOf(company, event) };
      for (const row of company.table('EventSubscriptions').all()) {
        if (!wants(row, event)) continue;
        const line = lineOf(company, textOf(row, 'WebhookID'));
        if (textOf(row, 'State') === 'Inactive') line.missed.push(told);
        else line.waiting.push(told);
      }
    }
    kick();
  }

  /** A subscription that was deleted is forgotten; one in replay gets what it has missed. */
  function turned(company: Company, { key, after }: RowChange): void {
    if (after === undefined) {
      lines.delete(`${company.name} ${key}`);
      return;
    }
    const line = lineOf(company, key);
    if (textOf(after, 'WorkMode') === 'Replay') line.waiting = [...line.missed, ...line.waiting];
    if (textOf(after, 'State') === 'Active') line.missed = [];
    line.failures = 0;
    line.dueAt = 0;
    kick();
  }

  function kick(): void {
    if (working !== undefined || closed || held > 0) return;
    working = Promise.resolve()
      .then(work)
      .finally(() => {
        working = undefined;
        if (next() !== undefined) kick();
        else wakeLater();
      });
  }

  const next = (): Line | undefined =>
    closed || held > 0
      ? undefined
      : [...lines.values()].find((line) => line.waiting.length > 0 && line.dueAt <= clock.now());

  async function work(): Promise<void> {
    for (let line = next(); line !== undefined; line = next()) await deliver(line);
  }

  async function deliver(line: Line): Promise<void> {
    const row = line.company.table('EventSubscriptions').get(line.webhookId);
    const batch = line.waiting.slice(0, rules.batchLimit);
    if (row === undefined || textOf(row, 'State') === 'Inactive') {
      line.missed.push(...line.waiting.splice(0));
      return;
    }
    const ordered = reversed ? [...batch].reverse() : batch;
    reversed = false;
    const outcome = await send(line, row, ordered);
    if (outcome.trouble === '' && twice) {
      twice = false;
      await send(line, row, ordered);
    }
    settle(line, batch, outcome, { ...rules, now: clock.now });
  }

  async function send(line: Line, row: Fields, batch: readonly CloudEvent[]): Promise<Outcome> {
    const body = JSON.stringify(batch.map(({ message }) => message));
    const headers = { 'Content-Type': 'application/json', ...authHeaders(row, body) };
    const url = textOf(row, 'WebhookURL');
    const outcome = await rules
      .call({ method: 'POST', url, headers, body })
      .then(
        ({ status }) => ({ status, trouble: status >= 200 && status < 300 ? '' : `HTTP ${status}`, hopeless: false }),
        noAnswer,
      );
    sent.push({
      company: line.company.name,
      webhookId: line.webhookId,
      url,
      headers,
      body,
      status: outcome.status,
    });
    return outcome;
  }

  function wakeLater(): void {
    clearTimeout(timer);
    const due = [...lines.values()].filter(({ waiting }) => waiting.length > 0).map(({ dueAt }) => dueAt);
    if (due.length === 0 || closed || held > 0) return;
    timer = setTimeout(kick, Math.max(1, Math.min(...due) - clock.now()));
    timer.unref();
  }

  const stopWatching = clock.onMove(kick);
  return {
    watch: (company) => company.onCommit((changes) => take(company, changes)),
    async idle() {
      for (kick(); working !== undefined; kick()) {
        await working;
        if (next() === undefined) return;
      }
    },
    deliveries: () => [...sent],
    hold() {
      held += 1;
      return () => {
        held -= 1;
        kick();
      };
    },
    duplicateNext() {
      twice = true;
    },
    reorderNext() {
      reversed = true;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      stopWatching();
    },
  };
}
