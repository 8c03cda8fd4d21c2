import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

/** What a test left open must not keep a run from ending: then it is told, and the run ends all the same. */
const endsWithinMs = 20_000;

/** Mocha's usual report; the counts go to a file as well, for the last line of `npm test`. */
export default class CountingReporter extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.VIRTFLOW_TEST_COUNTS;
    if (!file) return;
    runner.once('end', () => {
      writeFileSync(file, JSON.stringify(this.stats));
      setTimeout(() => this.#leave(), endsWithinMs).unref();
    });
  }

  #leave() {
    console.log(`Left open by a test: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(this.stats.failures > 0 ? 1 : 0);
  }
}
