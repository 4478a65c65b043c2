import type { SettingsView } from '../../../server/contract/settings.ts';

/** Who has to do something, above the link with which each does it. */
export function peopleSentences({ refused, notInstalled }: SettingsView['people']): readonly string[] {
  const again =
    refused.length === 0
      ? []
      : [
          `${refused.join(', ')} ${refused.length === 1 ? 'has' : 'have'} to install it again: Pipedrive no longer accepts the app for them.`,
        ];
  if (notInstalled === null)
    return [
      ...again,
      'Who does not have it yet could not be asked just now. Each person installs it once with this link.',
    ];
  if (notInstalled.length > 0)
    return [...again, `Not yet: ${notInstalled.join(', ')}. Each installs it once with this link.`];
  return again.length > 0
    ? [...again, 'Everybody else in Pipedrive has it.']
    : ['Everybody in Pipedrive has it. Whoever joins installs it once with this link.'];
}
