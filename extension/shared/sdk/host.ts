import { HostError, withinTime } from './host-error.ts';
import type { Theme } from './launch.ts';
import { Color, Command, createSdk, Event, type EventResponse, type Sdk, View } from './sdk-package.ts';

const START_MS = 5_000;
const COMMAND_MS = 10_000;
/** A person may think about a confirmation; Pipedrive keeps the question open meanwhile. */
const QUESTION_MS = 10 * 60_000;

export type Place =
  | { readonly resource: 'deal' | 'organization' | 'person'; readonly id: number }
  | { readonly resource: 'settings' };

interface Question {
  readonly title: string;
  readonly description: string;
  readonly okText: string;
  readonly destructive: boolean;
}

/** What Pipedrive's page can do for us. Every command waits for the start, and has a time limit. */
export interface Host {
  /** Settles once Pipedrive has shown us. @throws HostError after 5 seconds of silence. */
  readonly started: Promise<void>;
  /** A fresh token; may have only seconds left. @throws HostError */
  signedToken(): Promise<string>;
  /** @throws HostError */
  resize(height: number): Promise<void>;
  /** Never fails: a message that cannot be shown is also in the page. */
  say(message: string): Promise<void>;
  /** False also when the question could not be asked. */
  confirm(question: Question): Promise<boolean>;
  /** @throws HostError */
  open(place: Place): Promise<void>;
  onTheme(listener: (theme: Theme) => void): void;
  onVisible(listener: (visible: boolean) => void): void;
}

const VIEWS = {
  deal: View.DEALS,
  organization: View.ORGANIZATIONS,
  person: View.CONTACTS,
  settings: View.SETTINGS,
} as const satisfies Record<Place['resource'], View>;

/** Tells Pipedrive that we are here, asking for `height` pixels. Call once a page. */
export function connectHost(height: number): Host {
  try {
    return hostOf(createSdk(), height);
  } catch (error) {
    return noHost(new HostError('This page was opened outside Pipedrive.', { cause: error }));
  }
}

function hostOf(sdk: Sdk, height: number): Host {
  const started = withinTime(START_MS, () => sdk.initialize({ size: { height } })).then(() => undefined);
  // Commands and the page look at the outcome later; until then it is nobody's unhandled rejection.
  started.catch(() => undefined);
  const run = async <T>(command: () => Promise<T>, ms = COMMAND_MS): Promise<T> => {
    await started;
    return withinTime(ms, command);
  };
  return {
    started,
    signedToken: async () => (await run(() => sdk.execute(Command.GET_SIGNED_TOKEN))).token,
    resize: (wanted) => run(() => sdk.execute(Command.RESIZE, { height: wanted })),
    say: (message) => run(() => sdk.execute(Command.SHOW_SNACKBAR, { message })).catch(() => undefined),
    confirm: (question) => run(() => ask(sdk, question), QUESTION_MS).catch(() => false),
    open: (place) => run(() => go(sdk, place)),
    onTheme: (listener) =>
      // `sdk.userSettings` is wrong after a change; the event's own data is right.
      listen(sdk, Event.USER_SETTINGS_CHANGE, ({ data }) => data && listener(data.theme === 'dark' ? 'dark' : 'light')),
    onVisible: (listener) => listen(sdk, Event.VISIBILITY, ({ data }) => data && listener(data.is_visible)),
  };
}

async function ask(sdk: Sdk, { title, description, okText, destructive }: Question): Promise<boolean> {
  const okColor = destructive ? Color.NEGATIVE : Color.PRIMARY;
  const answer = await sdk.execute(Command.SHOW_CONFIRMATION, { title, description, okText, okColor });
  return answer.confirmed;
}

function go(sdk: Sdk, place: Place): Promise<void> {
  const view = VIEWS[place.resource];
  return sdk.execute(Command.REDIRECT_TO, place.resource === 'settings' ? { view } : { view, id: place.id });
}

type Listener<K extends Event> = (response: EventResponse<K>) => void;

/** The SDK stops listening after an error event, so we listen again, a few times at most. */
function listen<K extends Event>(sdk: Sdk, event: K, listener: Listener<K>, attemptsLeft = 3): void {
  try {
    sdk.listen(event, (response) => {
      if (response.error) {
        if (attemptsLeft > 0) listen(sdk, event, listener, attemptsLeft - 1);
        return;
      }
      listener(response);
    });
  } catch {
    // Without this event the page keeps its theme, or keeps polling; both are harmless.
  }
}

function noHost(error: HostError): Host {
  const refuse = () => Promise.reject(error);
  const started = refuse();
  started.catch(() => undefined);
  return {
    started,
    signedToken: refuse,
    resize: refuse,
    say: () => Promise.resolve(),
    confirm: () => Promise.resolve(false),
    open: refuse,
    onTheme: () => undefined,
    onVisible: () => undefined,
  };
}
