import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with the one plain line that CI reads: `N passed, N failed`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      // A file that could not even be loaded has no tests, and must not look like one that passed.
      if (tests.length === 0 && module.state() === 'failed') count.failed += 1;
      for (const test of tests) {
        const { state } = test.result();
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') count.failed += 1;
        else count.skipped += 1;
      }
    }
    if (count.skipped > 0) console.log(`\n${count.skipped} skipped`);
    console.log(`\n${count.passed} passed, ${count.failed} failed`);
  }
}
