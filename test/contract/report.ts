import type { Result } from './run-suite.ts';

const WORDS: Readonly<Record<Result['outcome'], string>> = {
  holds: 'holds              ',
  differs: 'DIFFERS            ',
  not_asked: 'could not be asked ',
};

export function lineFor({ name, claim, outcome, words }: Result): string {
  const said = outcome === 'differs' ? `${claim} ${words ?? ''}` : (words ?? '');
  return `${WORDS[outcome]} ${name.padEnd(26)} ${said}`.trimEnd();
}

/** @param where the system, as people call it; @param left what was made there and is still to be seen */
export function summary(results: readonly Result[], left: readonly string[], where: string): string[] {
  const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return [
    '',
    `${count('holds')} hold, ${count('differs')} differ, ${count('not_asked')} could not be asked.`,
    ...(left.length === 0 ? [] : [`Made in ${where}, and still to be seen there:`, ...left.map((line) => `  ${line}`)]),
  ];
}

/** @param told what else belongs into the file */
export function asReport(results: readonly Result[], left: readonly string[], told: Readonly<Record<string, unknown>>) {
  return `${JSON.stringify({ at: new Date().toISOString(), ...told, results, left }, null, 2)}\n`;
}
