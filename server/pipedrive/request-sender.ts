import type { CrmCaller } from '../app/ports/crm.ts';
import type { CrmGrant, TokenAccounting } from '../app/ports/crm-access.ts';
import type { TokenPurpose } from '../app/ports/token-ledger.ts';
import { after, type Clock } from '../kernel/clock.ts';
import { RateLimitedError, UnavailableError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Random } from '../kernel/random.ts';
import type { Lane } from '../net/limiter.ts';
import { jitteredDelay } from '../net/retry.ts';
import type { Sleep } from '../net/sleep.ts';
import { jsonOf } from './answers.ts';
import {
  dayIsSpent,
  errorOfAnswer,
  errorOfSilence,
  isGuardPage,
  isUnclear,
  notAnswering,
  unreadableAnswer,
} from './errors.ts';
import type { GrantHolder } from './grant-holder.ts';
import { dayIsOver, limitsOf } from './headers.ts';
import type { Operation } from './operations.ts';
import { type CallInput, toRequest } from './outgoing.ts';
import type { CompanyTraffic, Traffic } from './traffic.ts';
import { type HttpAnswer, NoAnswerError, type Transport } from './transport.ts';

export interface RequestSender {
  /** Gives the JSON of a success. @throws one of the nine kinds, as port `Crm` says */
  send(caller: CrmCaller, operation: Operation, input: CallInput): Promise<unknown>;
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

/** For any cause but a refused token. */
const MOST_ATTEMPTS = 3;
/** Where Pipedrive does not tell when its window ends: the length of one. */
const WINDOW_MS = 2_000;

const LANES: Readonly<Record<TokenPurpose, Lane>> = {
  order: 'person',
  person: 'person',
  status: 'background',
  background: 'background',
};

type Outcome = HttpAnswer | NoAnswerError;

interface Call {
  readonly caller: CrmCaller;
  readonly operation: Operation;
  readonly input: CallInput;
  readonly company: CompanyTraffic;
  /** Asks whether a block is over: one request, no repeat. */
  readonly probe: boolean;
}

export function createRequestSender(deps: RequestSenderDeps): RequestSender {
  return {
    async send(caller, operation, input) {
      const allowance = await deps.ledger.maySpend(caller.installationId, caller.purpose, operation.cost);
      if (!allowance.ok) throw dayIsSpent(allowance.retryAt);
      const company = deps.traffic.of(caller.installationId);
      const call = { caller, operation, input, company, ...company.block.enter() };

      const grant = await deps.grants.current(caller);
      const outcome = await sendRepeating(call, grant);
      if (!isAnswer(outcome) || !refersElsewhere(outcome.status)) return readOutcome(call, outcome);
      const renewed = await deps.grants.replace(caller, grant);
      return readOutcome(call, await sendRepeating(call, renewed));
    },
  };

  async function sendRepeating(call: Call, grant: CrmGrant): Promise<Outcome> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await sendOnce(call, grant);
      const wait = attempt < MOST_ATTEMPTS && !call.probe ? waitBeforeRepeat(call, outcome, attempt) : undefined;
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
      return dayIsOver(outcome) || company.rounds.areTooMany() ? undefined : windowEnds(outcome);
    }
    const broken = isAnswer(outcome) ? isUnclear(outcome.status) : !outcome.timedOut;
    if (!broken || operation.method === 'POST' || !company.repeats.spend()) return undefined;
    return jitteredDelay(attempt, deps.random);
  }

  function windowEnds(answer: HttpAnswer): number {
    return (limitsOf(answer).resetMs ?? WINDOW_MS) + jitteredDelay(1, deps.random);
  }

  async function sendOnce({ caller, operation, input, company, probe }: Call, grant: CrmGrant): Promise<Outcome> {
    const { installationId, purpose, signal, sendBefore } = caller;
    if (company.circuit.admit()) throw notAnswering(new Error('circuit open'));
    let sentAt: Date | undefined;
    try {
      const answer = await company.limiter.run(LANES[purpose], signal, async () => {
        await company.window.turn(signal);
        if (!probe) company.block.check();
        const turn = deps.clock.now();
        await deps.ledger.charge(installationId, purpose, operation.name, operation.cost);
        if (sendBefore && deps.clock.now() >= sendBefore)
          throw new UnavailableError('Too much time had passed before Pipedrive could be asked.');
        sentAt = turn;
        return deps.transport.exchange(toRequest(operation, input, grant, signal));
      });
      company.circuit.settle(isUnclear(answer.status) ? 'failed' : 'reached');
      await learn(caller, operation, answer, company, sentAt);
      return answer;
    } catch (failure) {
      if (failure instanceof NoAnswerError) {
        company.circuit.settle(signal.aborted ? 'ignored' : 'failed');
        return failure;
      }
      company.circuit.settle('ignored');
      if (sentAt || !signal.aborted) throw failure;
      throw new UnavailableError('There was no time left to ask Pipedrive.', { cause: failure });
    }
  }

  async function learn(
    caller: CrmCaller,
    operation: Operation,
    answer: HttpAnswer,
    company: CompanyTraffic,
    sentAt = deps.clock.now(),
  ): Promise<void> {
    const limits = limitsOf(answer);
    company.window.saw(limits);
    if (answer.status === 429) {
      // Before anything is waited for, so that no other call slips through meanwhile.
      company.window.pause(windowEnds(answer));
      company.rounds.refused(sentAt, deps.clock.now());
    } else {
      company.rounds.answered();
    }
    if (limits.day) await deps.ledger.saw(caller.installationId, limits.day);
    if (answer.status < 300) company.repeats.earn();
    else report(caller, operation, answer);
  }

  function report(caller: CrmCaller, operation: Operation, answer: HttpAnswer): void {
    deps.logger.warn('Pipedrive answered with a refusal', {
      installationId: caller.installationId,
      operation: operation.name,
      status: answer.status,
      // What Pipedrive's support asks for.
      correlationId: answer.headers['x-correlation-id']?.slice(0, 100),
    });
  }

  function readOutcome({ operation, company, probe }: Call, outcome: Outcome): unknown {
    if (!isAnswer(outcome)) throw errorOfSilence(operation.method, outcome);
    if (outcome.status === 429) {
      if (probe || dayIsOver(outcome) || company.rounds.areTooMany()) throw company.block.shut('day');
      throw new RateLimitedError('Pipedrive asks for a pause.', after(deps.clock.now(), windowEnds(outcome)));
    }
    if (isGuardPage(outcome)) throw company.block.shut('guard');
    if (probe) company.block.open();
    if (outcome.status === 204) return undefined;
    if (outcome.status < 200 || outcome.status > 299) throw errorOfAnswer(operation.method, outcome, deps.clock.now());
    const json = jsonOf(outcome);
    if (json === undefined) throw operation.method === 'POST' ? unreadableAnswer('POST') : notAnswering();
    return json;
  }
}

function isAnswer(outcome: Outcome): outcome is HttpAnswer {
  return !(outcome instanceof NoAnswerError);
}

/** The token is refused, or the company has moved to another host: a new token answer may cure either. */
function refersElsewhere(status: number): boolean {
  return status === 401 || (status >= 300 && status < 400);
}
