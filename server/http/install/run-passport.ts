import type { Request, Response } from 'express';
import passport from 'passport';
import { InstallStrategy, type InstallStrategyOptions, NewGrant, unwrapExchangeError } from './install-strategy.ts';
import type { StateRefusal } from './state-store.ts';

export type CallbackOutcome =
  | { readonly kind: 'granted'; readonly grant: NewGrant }
  | { readonly kind: 'refused'; readonly reason: StateRefusal['reason'] };

export interface Install {
  /** Sends the browser to Pipedrive's consent page. */
  start(req: Request, res: Response): Promise<void>;
  /** @throws {PipedriveFailure} with what the exchange or the question who this is threw */
  finish(req: Request, res: Response): Promise<CallbackOutcome>;
}

/** passport's callbacks as promises. */
export function createInstall(options: InstallStrategyOptions): Install {
  const authenticator = new passport.Passport();
  // Registered by name, so that every request gets an object of its own; a strategy that is passed in is shared by all.
  authenticator.use('pipedrive', new InstallStrategy(options));

  return {
    start: (req, res) =>
      new Promise((resolve, reject) => {
        res.once('finish', resolve);
        authenticator.authenticate('pipedrive', { session: false }, (error: unknown) => reject(error))(
          req,
          res,
          reject,
        );
      }),
    finish: (req, res) =>
      new Promise((resolve, reject) => {
        authenticator.authenticate('pipedrive', { session: false }, (error: unknown, user: unknown, info: unknown) => {
          if (error) reject(unwrapExchangeError(error));
          else if (user instanceof NewGrant) resolve({ kind: 'granted', grant: user });
          else resolve({ kind: 'refused', reason: reasonOf(info) });
        })(req, res, reject);
      }),
  };
}

function reasonOf(info: unknown): StateRefusal['reason'] {
  const reason = typeof info === 'object' && info !== null && 'reason' in info ? info.reason : undefined;
  return reason === 'expired' || reason === 'other_browser' ? reason : 'unknown';
}
