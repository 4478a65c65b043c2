import type {
  CrmCaller,
  CrmDeal,
  CrmIdentity,
  CrmOrganization,
  CrmPerson,
  CrmProduct,
} from '../../../server/app/ports/crm.ts';
import type { Secret } from '../../../server/app/ports/secrets.ts';
import type { Sleep } from '../../../server/net/sleep.ts';
import type { Pipedrive } from '../../../server/pipedrive/create-pipedrive.ts';
import type { RawAnswer, RawClient } from './raw-client.ts';
import type { Spent } from './spent.ts';

/** One company's Pipedrive while the suite runs against it. */
export interface Scene {
  readonly crm: Pipedrive['crm'];
  readonly caller: CrmCaller;
  readonly raw: RawClient;
  /** Whose token it is. */
  readonly me: CrmIdentity;
  readonly apiDomain: string;
  readonly options: SceneOptions;
  readonly facts: Facts;
  readonly spent: Spent;
  readonly sleep: Sleep;
  /** What was made and is not put away, by name and id. */
  readonly left: string[];
  /** A name that no record has, and that tells where it comes from. */
  newName(): string;
  /** The token endpoint, where the app's own credentials were given. */
  readonly tokens: TokenQuestions | null;
}

export interface SceneOptions {
  /** A wave of calls may be sent to see the refusal. */
  readonly burst: boolean;
  /** An address that Pipedrive can reach, for webhooks. */
  readonly receiver: string | null;
}

export interface TokenQuestions {
  /** A form of the token endpoint; an answer of any status. */
  ask(form: Readonly<Record<string, string>>): Promise<RawAnswer>;
  /** Of an installation that was made for this; may be used up by asking. */
  readonly refreshToken: Secret | null;
}

/** Records to ask about, read once. All may be missing in a company that is new. */
export interface Facts {
  /** The newest ones that are neither archived nor deleted. */
  deals(): Promise<readonly CrmDeal[]>;
  /** One of the newest that has lines. */
  dealWithLines(): Promise<CrmDeal | undefined>;
  organizations(): Promise<readonly CrmOrganization[]>;
  persons(): Promise<readonly CrmPerson[]>;
  products(): Promise<readonly CrmProduct[]>;
}
