import type { SettingsView } from '../../contract/settings.ts';

type Health = SettingsView['health'];

/**
 * The one sentence on top: the worst thing first, then what is still to be set up, else that all is well.
 * @param facts `lacksRights`: somebody's install gave the app less than it asks for; `isRemoving`: all of it is on its way out
 */
export function healthOf(
  view: Omit<SettingsView, 'health'>,
  { lacksRights = false, isRemoving = false }: { readonly lacksRights?: boolean; readonly isRemoving?: boolean } = {},
): Health {
  return (
    (isRemoving ? REMOVING : undefined) ??
    trouble(view) ??
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

function trouble({ pipedrive, connection, findings, tokens }: Omit<SettingsView, 'health'>): Health | undefined {
  if (pipedrive.state === 'reconnect')
    return {
      tone: 'bad',
      sentence: 'Pipedrive no longer accepts this app’s access. Reconnect it; nothing is lost meanwhile.',
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
  if (connection && findings.open > 0) {
    return {
      tone: 'warning',
      sentence: findings.open === 1 ? 'One thing needs a look.' : `${findings.open} things need a look.`,
    };
  }
  return undefined;
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
