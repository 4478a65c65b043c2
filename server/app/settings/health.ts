import type { SettingsView } from '../../contract/settings.ts';
import { erasedAtWords } from '../reconnect-pipedrive.ts';

type Health = SettingsView['health'];

/** What a panel asks Pipedrive for, in tokens (product.md, "What a panel view costs"): with less left for it, it has to wait. */
const A_VIEW = 11;

interface HealthFacts {
  readonly lacksRights?: boolean;
  readonly isRemoving?: boolean;
  readonly erasedAt?: Date | undefined;
  readonly onlySees?: string | undefined;
}

/**
 * The one sentence on top: the worst thing first, then what is still to be set up, else that all is well.
 * @param facts `lacksRights`: somebody's install gave the app less than it asks for; `isRemoving`: all of it is on its way out;
 * `erasedAt`: when it goes unless somebody installs again; `onlySees`: who is no admin and yet serves the company
 */
export function healthOf(
  view: Omit<SettingsView, 'health'>,
  { lacksRights = false, isRemoving = false, erasedAt, onlySees }: HealthFacts = {},
): Health {
  return (
    (isRemoving ? REMOVING : undefined) ??
    trouble(view, erasedAt) ??
    (view.connection && onlySees !== undefined ? withoutAdmin(onlySees) : undefined) ??
    needsALook(view) ??
    (lacksRights ? LACKS_RIGHTS : undefined) ??
    setUp(view) ??
    loading(view) ?? { tone: 'good', sentence: 'All is well.' }
  );
}

const REMOVING: Health = {
  tone: 'warning',
  sentence: 'What this app stores of your company is being removed. Nothing is sent to SAP any more.',
};

const LACKS_RIGHTS: Health = {
  tone: 'warning',
  sentence:
    'Pipedrive has not given this app every right that it asks for. Install it again; below stands who has to, and what does not work meanwhile.',
};

function trouble(
  { pipedrive, connection, tokens }: Omit<SettingsView, 'health'>,
  erasedAt: Date | undefined,
): Health | undefined {
  if (pipedrive.state === 'reconnect')
    return {
      tone: 'bad',
      sentence: `Pipedrive no longer accepts this app’s access. Reconnect it; nothing is lost meanwhile.${erasedAtWords(erasedAt)}`,
    };
  if (connection?.state === 'password_refused') {
    return { tone: 'bad', sentence: 'SAP refuses the password. Enter the current one below; deals wait until then.' };
  }
  if (connection?.state === 'certificate_changed') {
    return {
      tone: 'bad',
      sentence:
        'The SAP server shows a certificate that was not confirmed or is not valid. Ask your SAP partner, then confirm it below; deals wait until then.',
    };
  }
  if (connection && tokens.shut?.reason === 'day') {
    return {
      tone: 'warning',
      sentence:
        'Today’s Pipedrive budget is used up. Everything waits and goes on by itself; below stands who used it.',
    };
  }
  return connection ? heldBack(tokens) : undefined;
}

/** Some of what the app does waits, though Pipedrive itself has not said that the day is used up. */
function heldBack({ shut, remaining, keptForOrders }: SettingsView['tokens']): Health | undefined {
  if (shut?.reason === 'guard') {
    return {
      tone: 'warning',
      sentence: 'Pipedrive’s own protection keeps this app out for a while. Everything waits and goes on by itself.',
    };
  }
  if (remaining === null || keptForOrders === null || remaining - keptForOrders >= A_VIEW) return undefined;
  return {
    tone: 'warning',
    sentence:
      remaining === 0
        ? 'Today’s Pipedrive budget is used up. Orders are still tried; panels and order status wait.'
        : 'What is left of today’s Pipedrive budget is kept for orders. Panels and order status wait; orders go on.',
  };
}

const withoutAdmin = (userName: string): Health => ({
  tone: 'warning',
  sentence: `No admin of Pipedrive serves this app: it sees only what ${userName} sees, so new customers and items wait. Ask an admin to install it.`,
});

function needsALook({ connection, findings }: Omit<SettingsView, 'health'>): Health | undefined {
  if (!connection || findings.open === 0) return undefined;
  return {
    tone: 'warning',
    sentence: findings.open === 1 ? 'One thing needs a look.' : `${findings.open} things need a look.`,
  };
}

const FOR_VISITORS = {
  good: 'All is well.',
  warning: 'This app works. An admin of Pipedrive has something to look at.',
  bad: 'Orders and figures from SAP wait for an admin of Pipedrive.',
  setup: 'An admin of Pipedrive is still setting this app up.',
} as const satisfies Record<Health['tone'], string>;

/** The same for people who are no admins: nothing of what only admins see, and nothing that they can put right. */
export function healthForVisitors(
  { tone, sentence }: Health,
  { pipedrive, myAccess, tokens }: Pick<SettingsView, 'pipedrive' | 'myAccess' | 'tokens'>,
): Health {
  if (pipedrive.state === 'reconnect') return { tone, sentence };
  if (myAccess === 'refused') return { tone: 'bad', sentence: 'Pipedrive no longer accepts this app for you.' };
  const waits = heldBack(tokens);
  return tone === 'warning' && waits ? waits : { tone, sentence: FOR_VISITORS[tone] };
}

function setUp({ connection, consent, handoff }: Omit<SettingsView, 'health'>): Health | undefined {
  if (!connection) return { tone: 'setup', sentence: 'Connect SAP to begin. It takes about five minutes.' };
  if (!consent.crmFields || !consent.erpField)
    return { tone: 'setup', sentence: 'SAP is connected. Next, agree to the fields this app needs.' };
  if (!handoff.enabled)
    return { tone: 'setup', sentence: 'Ready. Won deals do not go to SAP by themselves yet; reps can send them.' };
  return undefined;
}

function loading({ firstLoad }: Omit<SettingsView, 'health'>): Health | undefined {
  const busy = firstLoad.streams.some((stream) => stream.state === 'reading' || stream.state === 'writing');
  return busy ? { tone: 'good', sentence: 'All is well. Customers and items are still arriving.' } : undefined;
}
