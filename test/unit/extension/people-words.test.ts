import { describe, expect, it } from 'vitest';
import { peopleSentences } from '../../../extension/features/settings-overview/people-words.ts';
import { somePeople } from './samples.ts';

const told = (changes: Parameters<typeof somePeople>[0]) => peopleSentences(somePeople(changes)).join(' ');

describe('who has the app, in words', () => {
  it('claims that everybody has it only where Pipedrive said so', () => {
    expect(told({ notInstalled: [] })).toContain('Everybody in Pipedrive has it.');
    expect(told({ notInstalled: null })).not.toContain('Everybody');
    expect(told({ notInstalled: null })).toContain('could not be asked');
    expect(told({ notInstalled: ['Ole', 'Eva'] })).toContain('Not yet: Ole, Eva.');
  });

  it('lists who has to install it again, and does not count them among everybody', () => {
    expect(told({ refused: ['Rolf'], notInstalled: [] })).toMatch(/^Rolf has to install it again.*Everybody else in/);
    expect(told({ refused: ['Rolf', 'Ada'], notInstalled: null })).toContain('Rolf, Ada have to install it again');
  });
});
