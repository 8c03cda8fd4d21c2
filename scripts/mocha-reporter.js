import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

/** Mocha's usual report; the counts go to a file as well, for the last line of `npm test`. */
export default class CountingReporter extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.VIRTFLOW_TEST_COUNTS;
    if (file) runner.once('end', () => writeFileSync(file, JSON.stringify(this.stats)));
  }
}
