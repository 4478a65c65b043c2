import type { CrmCaller } from '../app/ports/crm.ts';
import type { CrmGrant, TokenAccounting } from '../app/ports/crm-access.ts';
import { after, type Clock } from '../kernel/clock.ts';
import { type RateLimitedError, ReauthRequiredError, UnavailableError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Random } from '../kernel/random.ts';
import { jitteredDelay } from '../net/retry.ts';
import type { Sleep } from '../net/sleep.ts';
import { correlationIdOf, jsonOf } from './answers.ts';
import type { TurnRequest } from './company-gate.ts';
import {
  asksForPause,
  dayIsSpent,
  errorOfAnswer,
  errorOfSilence,
  errorOfSuccess,
  isGuardPage,
  isUnclear,
  notAnswering,
  refusedGrant,
} from './errors.ts';
import type { GrantHolder } from './grant-holder.ts';
import { dayIsOver, limitsOf } from './headers.ts';
import type { Operation } from './operations.ts';
import { type CallInput, toRequest } from './outgoing.ts';
import type { CompanyTraffic, Traffic } from './traffic.ts';
import { type HttpAnswer, NoAnswerError, type Transport } from './transport.ts';

export interface RequestSender {
  /** @throws one of the nine kinds, as port `Crm` says */
  send(caller: CrmCaller, operation: Operation, input: CallInput): Promise<Success>;
}

export interface Success {
  /** Undefined for an answer without a body (204). */
  readonly json: unknown;
  /** By which Pipedrive's support finds the request. */
  readonly requestId: string | undefined;
}

export interface RequestSenderDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly transport: Transport;
  readonly grants: GrantHolder;
  readonly ledger: TokenAccounting;
  readonly traffic: Traffic;
}

/** Sends of one call, whatever for: another token is no reason to ask more often (AP-04). */
const MOST_ATTEMPTS = 3;
/** Where Pipedrive does not tell when its window ends: the length of one. */
const WINDOW_MS = 2_000;

type Outcome = HttpAnswer | NoAnswerError;

interface Call {
  readonly caller: CrmCaller;
  readonly operation: Operation;
  readonly input: CallInput;
  readonly company: CompanyTraffic;
  /** Asks whether a shut gate may be opened: one request, no repeat. */
  probe: boolean;
  /** A request has left us. */
  left: boolean;
  /** Times that the call was to be sent, with whichever token. */
  attempts: number;
  /** When the latest request had its turn. */
  sentAt: Date;
  /** Requests that were refused for coming too fast, or because the day is spent. */
  refused: number;
}

export function createRequestSender(deps: RequestSenderDeps): RequestSender {
  return {
    async send(caller, operation, input) {
      const allowance = await deps.ledger.maySpend(caller.installationId, caller.purpose, operation.cost);
      if (!allowance.ok) throw dayIsSpent(allowance.retryAt);
      const company = deps.traffic.of(caller.installationId);
      const call: Call = {
        caller,
        operation,
        input,
        company,
        ...(await company.gate.enter()),
        left: false,
        attempts: 0,
        sentAt: deps.clock.now(),
        refused: 0,
      };
      try {
        return await sendWithTokens(call);
      } finally {
        if (call.probe && !call.left) await answered(call, () => company.gate.giveBackProbe());
      }
    },
  };

  async function sendWithTokens(call: Call): Promise<Success> {
    let grant = await deps.grants.current(call.caller);
    for (let tokens = 1; ; tokens += 1) {
      const outcome = await sendRepeating(call, grant);
      if (!isAnswer(outcome) || !mayServe(outcome.status, grant, tokens)) return readOutcome(call, outcome);
      grant = await replaceGrant(call, grant, outcome);
      // The next call has the new token; of this one nothing was done, and nobody's grant is in doubt for it.
      if (call.attempts >= MOST_ATTEMPTS) throw notAnswering(undefined, correlationIdOf(outcome));
    }
  }

  async function replaceGrant({ caller }: Call, grant: CrmGrant, refusal: HttpAnswer): Promise<CrmGrant> {
    try {
      return await deps.grants.replace(caller, grant);
    } catch (failure) {
      if (failure instanceof ReauthRequiredError) throw refusedGrant(failure, correlationIdOf(refusal));
      throw failure;
    }
  }

  async function sendRepeating(call: Call, grant: CrmGrant): Promise<Outcome> {
    for (;;) {
      call.attempts += 1;
      const outcome = await sendOnce(call, grant);
      const mayRepeat = call.attempts < MOST_ATTEMPTS && !call.probe;
      const wait = mayRepeat ? waitBeforeRepeat(call, outcome, call.attempts) : undefined;
      if (wait === undefined) return outcome;
      try {
        await deps.sleep(wait, call.caller.signal);
      } catch {
        return outcome;
      }
    }
  }

  /** Undefined: do not repeat. */
  function waitBeforeRepeat({ operation, company }: Call, outcome: Outcome, attempt: number): number | undefined {
    if (isAnswer(outcome) && outcome.status === 429) {
      // Refused before anything was done, so that creating calls may be sent again too.
      return dayIsOver(outcome) || company.gate.isRefusedTooOften() ? undefined : windowEnds(outcome);
    }
    const broken = isAnswer(outcome) ? isUnclear(outcome.status) : !outcome.timedOut;
    if (!broken || operation.method === 'POST' || !company.repeats.spend()) return undefined;
    return jitteredDelay(attempt, deps.random);
  }

  function windowEnds(answer: HttpAnswer): number {
    return (limitsOf(answer).resetMs ?? WINDOW_MS) + jitteredDelay(1, deps.random);
  }

  async function sendOnce(call: Call, grant: CrmGrant): Promise<Outcome> {
    const { caller, operation, input, company } = call;
    const { installationId, purpose, signal, sendBefore } = caller;
    if (company.circuit.admit()) throw notAnswering(new Error('circuit open'));
    let left = false;
    try {
      const answer = await company.queue.run(purpose, signal, async () => {
        const { probe } = await company.gate.turn(turnOf(call, grant), signal);
        call.probe = probe;
        call.sentAt = deps.clock.now();
        await deps.ledger.charge(installationId, purpose, operation.name, operation.cost);
        if (sendBefore && deps.clock.now() >= sendBefore) {
          await answered(call, () => deps.ledger.charge(installationId, purpose, operation.name, -operation.cost));
          throw new UnavailableError('Too much time had passed before Pipedrive could be asked.');
        }
        left = true;
        call.left = true;
        return deps.transport.exchange(toRequest(operation, input, grant, signal));
      });
      company.circuit.settle(isUnclear(answer.status) ? 'failed' : 'reached');
      if (answer.status === 429) call.refused += 1;
      await answered(call, () => learn(call, answer, grant));
      return answer;
    } catch (failure) {
      if (failure instanceof NoAnswerError) {
        company.circuit.settle(signal.aborted ? 'ignored' : 'failed');
        return failure;
      }
      company.circuit.settle('ignored');
      if (left || !signal.aborted) throw failure;
      throw new UnavailableError('There was no time left to ask Pipedrive.', { cause: failure });
    }
  }

  /** Whatever fails here must not make anybody believe that Pipedrive has answered otherwise than it did. */
  async function answered({ caller }: Call, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { installationId } = caller;
      deps.logger.error('What Pipedrive told of its limits could not be kept', error, { installationId });
    }
  }

  /** What an answer tells of the limits, and of this company's part in them. */
  async function learn(
    { caller, operation, company, sentAt }: Call,
    answer: HttpAnswer,
    grant: CrmGrant,
  ): Promise<void> {
    const limits = limitsOf(answer);
    await company.gate.saw(limits, grant.kind);
    // Before anything is waited for, so that no other call slips through meanwhile.
    if (answer.status === 429) await company.gate.refused(sentAt, windowEnds(answer));
    else await company.gate.answered(sentAt);
    await deps.ledger.saw(caller.installationId, { ...limits, grant: grant.kind, sentAt });
    if (answer.status < 300) company.repeats.earn();
    else report(caller, operation, answer);
  }

  /** The guard's page, or a closed account: neither is earned twice, and an admin should know. */
  async function shutOut(call: Call, reason: 'guard' | 'account', answer: HttpAnswer): Promise<RateLimitedError> {
    const { caller, company, sentAt } = call;
    const error = await company.gate.shut(reason, sentAt, answer);
    await answered(call, () => deps.ledger.shutOut(caller.installationId, error.retryAt, reason));
    return error;
  }

  /** Where the day is spent, nothing is left that the refused requests could have been charged to. */
  async function giveBack({ caller, operation, refused }: Call): Promise<void> {
    const tokens = refused * operation.cost;
    await deps.ledger.charge(caller.installationId, caller.purpose, operation.name, -tokens);
  }

  async function letIn({ caller, company }: Call): Promise<void> {
    const shut = company.gate.held();
    // Before the gate opens: whoever dies in between leaves it to the next probe, and no finding stays open for ever.
    if (shut) await deps.ledger.letIn(caller.installationId, shut);
    await company.gate.open();
  }

  function report(caller: CrmCaller, operation: Operation, answer: HttpAnswer): void {
    deps.logger.warn('Pipedrive answered with a refusal', {
      installationId: caller.installationId,
      operation: operation.name,
      status: answer.status,
      // What Pipedrive's support asks for.
      correlationId: correlationIdOf(answer),
    });
  }

  async function readOutcome(call: Call, outcome: Outcome): Promise<Success> {
    const { operation, company, probe, sentAt } = call;
    if (!isAnswer(outcome)) throw errorOfSilence(operation.method, outcome);
    const requestId = correlationIdOf(outcome);
    if (outcome.status === 429) {
      if (probe || dayIsOver(outcome) || company.gate.isRefusedTooOften()) {
        await answered(call, () => giveBack(call));
        throw await company.gate.shut('day', sentAt, outcome);
      }
      throw asksForPause(after(deps.clock.now(), windowEnds(outcome)), requestId);
    }
    if (isGuardPage(outcome)) throw await shutOut(call, 'guard', outcome);
    if (outcome.status === 402) throw await shutOut(call, 'account', outcome);
    // What stands in front of Pipedrive says nothing of the day, nor of the guard.
    if (probe && !isUnclear(outcome.status)) await answered(call, () => letIn(call));
    if (outcome.status === 204) return { json: undefined, requestId };
    if (outcome.status < 200 || outcome.status > 299) throw errorOfAnswer(operation.method, outcome, deps.clock.now());
    const json = jsonOf(outcome);
    const failure = errorOfSuccess(operation.method, outcome, json);
    if (!failure) return { json, requestId };
    report(call.caller, operation, outcome);
    throw failure;
  }
}

/** A search counts in a window of its own, and in the general one (reference pipedrive-api.md, section 2.3). */
function turnOf({ caller, operation, probe }: Call, { kind: grant }: CrmGrant): TurnRequest {
  return {
    kind: operation.path.toLowerCase().includes('search') ? 'search' : 'api',
    urgent: caller.purpose === 'order' || caller.purpose === 'person',
    grant,
    probe,
  };
}

function isAnswer(outcome: Outcome): outcome is HttpAnswer {
  return !(outcome instanceof NoAnswerError);
}

/**
 * Whether another token may cure it: this one is refused, or the company has moved to another host, which a token answer
 * names. Where as many tokens were refused as one call may be sent with, the refusal stands.
 */
function mayServe(status: number, grant: CrmGrant, tokens: number): boolean {
  if (status === 401) return tokens < MOST_ATTEMPTS;
  return status >= 300 && status < 400 && grant.kind === 'oauth' && tokens === 1;
}
