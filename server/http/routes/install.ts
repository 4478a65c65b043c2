import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { AppError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { PipedriveFailure } from '../install/install-strategy.ts';
import type { Install } from '../install/run-passport.ts';
import type { StateRefusal } from '../install/state-store.ts';
import { MESSAGE_CSS, type Message, sendMessage } from '../pages/message-page.ts';
import { toProblem } from '../problem.ts';
import { contextOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import type { UseCases } from '../use-cases.ts';

export interface InstallOptions {
  readonly install: Install;
  readonly useCases: Pick<UseCases, 'completeInstall'>;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly limit: RequestHandler;
}

const INSTALL_PATH = '/oauth/install';
const AGAIN = { label: 'Try again', href: INSTALL_PATH };

/** Texts alone: Express makes lists of a parameter that is given twice. Pipedrive names no sizes, so these are wide. */
const CallbackQuery = z.object({
  code: z.string().min(1).max(4_096).optional(),
  state: z.string().min(1).max(256).optional(),
  error: z.string().max(256).optional(),
});

/** The browser's way through an install: to Pipedrive, back from it, and on to the settings page in Pipedrive. */
export function addInstallRoutes(table: RouteTable, options: InstallOptions): void {
  table.add({ method: 'get', path: INSTALL_PATH, kind: 'page' }, options.limit, (req, res) =>
    orMessage(options, req, res, () => options.install.start(req, res)),
  );
  table.add({ method: 'get', path: '/oauth/callback', kind: 'page' }, options.limit, (req, res) =>
    orMessage(options, req, res, () => callback(options, req, res)),
  );
  table.add({ method: 'get', path: '/message.css', kind: 'data' }, (_req, res) => {
    res.type('css').set('Cache-Control', 'public, max-age=3600').send(MESSAGE_CSS);
  });
}

async function callback({ install, useCases }: InstallOptions, req: Request, res: Response): Promise<void> {
  const query = CallbackQuery.safeParse(req.query);
  if (!query.success || hasNestedParameter(req.query)) return refuse(req, res, 'callback_unreadable', UNREADABLE);
  const { code, state, error } = query.data;
  if (error !== undefined) return refuse(req, res, 'declined', DECLINED);
  // Started in the marketplace, or by somebody who wants this browser to take their code: either way, start with our own.
  if (state === undefined) {
    contextOf(req).reason = 'state_missing';
    return res.redirect(302, INSTALL_PATH);
  }
  if (code === undefined) return refuse(req, res, 'code_missing', UNREADABLE);

  const outcome = await install.finish(req, res);
  if (outcome.kind === 'refused') return refuse(req, res, REASONS[outcome.reason], REFUSED[outcome.reason]);
  const { redirectTo } = await useCases.completeInstall(outcome.grant.tokens, outcome.grant.identity);
  res.redirect(302, redirectTo);
}

function refuse(req: Request, res: Response, reason: string, message: Message): void {
  const context = contextOf(req);
  context.reason = reason;
  sendMessage(res, { ...message, requestId: context.requestId });
}

/** `code[]=…` and `code[x]=…`, which other parsers of queries turn into lists and objects. */
function hasNestedParameter(query: object): boolean {
  return Object.keys(query).some((name) => /^(?:code|state|error)\[/.test(name));
}

/** Something that the answer depends on has failed, and it is not ours: Pipedrive's failure is no outage of this app. */
const FAILED_DEPENDENCY = 424;

/** A person looks at this answer, so a failure is a page with one sentence and a way on. */
async function orMessage(
  options: InstallOptions,
  req: Request,
  res: Response,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const context = contextOf(req);
    const { requestId, route } = context;
    const isForeign = thrown instanceof PipedriveFailure;
    const error = isForeign ? thrown.cause : thrown;
    const { status, body, headers, defect } = toProblem(error, requestId, options.now());
    if (defect) options.logger.error('install failed', error, { requestId, route });
    if (res.headersSent) throw error;
    context.reason = isForeign ? `pipedrive_${body.kind}` : body.kind;
    res.set(headers);
    const sentence = error instanceof AppError ? body.message : 'Something went wrong on our side.';
    const shown = isForeign && !defect && status >= 500 ? FAILED_DEPENDENCY : status;
    sendMessage(res, { status: shown, title: 'Not installed', sentence, action: AGAIN, requestId });
  }
}

const REASONS: Readonly<Record<StateRefusal['reason'], string>> = {
  unknown: 'state_used',
  expired: 'state_expired',
  other_browser: 'state_other_browser',
};

const UNREADABLE: Message = {
  status: 400,
  title: 'Not installed',
  sentence: 'This address is not one that Pipedrive sends.',
  action: AGAIN,
};

const DECLINED: Message = {
  status: 200,
  title: 'Not installed',
  sentence: 'Pipedrive was not given permission, so nothing has been changed.',
  action: AGAIN,
};

const REFUSED: Readonly<Record<StateRefusal['reason'], Message>> = {
  unknown: {
    status: 400,
    title: 'This install link was used before',
    sentence: 'If Orderline does not show up in Pipedrive, try again.',
    action: AGAIN,
  },
  expired: {
    status: 400,
    title: 'That took too long',
    sentence: 'An install has to be finished within ten minutes of its start.',
    action: AGAIN,
  },
  other_browser: {
    status: 400,
    title: 'Another browser started this',
    sentence: 'An install has to be finished in the browser in which it was started.',
    action: AGAIN,
  },
};
