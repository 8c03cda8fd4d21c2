import { problemFrom, rest } from '../operations/rest.js';

const atMost = 5_000;
const overStates = 'firing,no-data,error,resolved,gone,withdrawn';

/** All alerts that are known here: read once, and kept as they change. */
export class AlertBook {
  /** @type {Map<string, AlertSummary>} */
  alerts = new Map();
  isLoading = true;
  /** @type {RestProblem | undefined} */
  problem;
  #asked = 0;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Reads all anew; what is heard meanwhile counts. @param {boolean} over those that are over as well */
  async reload(over) {
    this.#asked += 1;
    const asked = this.#asked;
    this.isLoading = true;
    this.#changed();
    const before = new Map(this.alerts);
    try {
      const answer = await rest(
        'GET',
        over ? `/alerts?state=${overStates}&limit=${atMost}` : `/alerts?limit=${atMost}`,
      );
      if (asked !== this.#asked) return;
      const { items } = /** @type {{ items: AlertSummary[] }} */ (answer);
      const heard = [...this.alerts].filter(([id, alert]) => before.get(id) !== alert);
      this.alerts = new Map([...items.map((alert) => /** @type {const} */ ([alert.id, alert])), ...heard]);
      this.problem = undefined;
    } catch (thrown) {
      if (asked === this.#asked) this.problem = problemFrom(thrown);
    }
    if (asked === this.#asked) this.isLoading = false;
    this.#changed();
  }

  /** An editor stands open for weeks. @param {AlertSummary} alert */
  hear(alert) {
    this.alerts.set(alert.id, alert);
    if (this.alerts.size > atMost) this.#forgetOne();
    this.#changed();
  }
  /** One that is over, known for the longest. */
  #forgetOne() {
    for (const [id, { ongoing }] of this.alerts) {
      if (ongoing) continue;
      this.alerts.delete(id);
      return;
    }
  }
}
