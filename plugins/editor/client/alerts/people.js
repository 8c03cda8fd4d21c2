import { make } from '../dom.js';
import { problemFrom, rest } from '../operations/rest.js';
import { keptButton, sections, sectionTitle } from '../operations/sections.js';
import { longTime } from '../operations/spoken.js';
import { words } from '../words.js';

/** Who can be told, with a test that really sends; and which silences there are. */
export function peoplePage() {
  const body = make('div', { class: 'virtflow-details-body' });
  const heading = make('h3', { tabindex: -1, class: 'virtflow-sr' }, words('alerts.people'));
  const element = make('div', { class: 'virtflow-people', hidden: true }, heading, body);
  const parts = sections(body, () => heading.focus());
  /** What became of the tests of this session, by contact. @type {Map<string, { isGood: boolean, says: string }>} */
  const tested = new Map();
  /** @type {AlertContact[]} */
  let contacts = [];
  /** @type {AlertSilence[]} */
  let silences = [];
  /** @type {RestProblem | undefined} */
  let problem;

  /** @param {RestProblem} [left] what went wrong before, and is still to be seen */
  async function reload(left) {
    problem = left;
    try {
      const [people, quiet] = await Promise.all([rest('GET', '/contacts'), rest('GET', '/silences?active=true')]);
      contacts = /** @type {{ items: AlertContact[] }} */ (people).items;
      silences = /** @type {{ items: AlertSilence[] }} */ (quiet).items;
    } catch (thrown) {
      problem = problemFrom(thrown);
    }
    draw();
  }

  function draw() {
    parts.show('problem', problem, () =>
      problem ? [make('p', { class: 'virtflow-wrong', role: 'alert' }, `${problem.message} ${problem.advice}`)] : [],
    );
    parts.show('contacts', [contacts, [...tested]], () => [
      sectionTitle(words('alerts.contacts')),
      ...(contacts.length === 0 ? [make('p', {}, words('alerts.noContacts'))] : []),
      ...contacts.map(contactLine),
    ]);
    parts.show('silences', silences, () => [
      sectionTitle(words('alerts.silences')),
      ...(silences.length === 0 ? [make('p', {}, words('alerts.noSilences'))] : []),
      ...silences.map(silenceLine),
    ]);
  }

  /** @param {AlertContact} contact */
  function contactLine({ name, type, last }) {
    const outcome = tested.get(name);
    const became = last ? `${words(`alerts.became.${last.state}`)}, ${longTime(last.at)}` : words('alerts.never');
    return make(
      'div',
      { class: 'virtflow-person' },
      make(
        'span',
        {},
        make('strong', {}, name),
        ` ${type}`,
        make('br'),
        make('span', { class: 'virtflow-muted' }, became),
      ),
      keptButton(`test ${name}`, words('test.button'), () => void test(name), { title: words('alerts.testHint') }),
      make('p', { role: 'status', class: outcome && !outcome.isGood ? 'virtflow-wrong' : '' }, outcome?.says ?? ''),
    );
  }

  /** @param {AlertSilence} silence */
  function silenceLine({ id, matcher, by, until, comment }) {
    const what = Object.entries(matcher).map(
      ([name, of]) => `${words(`alerts.matcher.${name}`)} ${[of].flat().join(', ')}`,
    );
    return make(
      'div',
      { class: 'virtflow-person' },
      make(
        'span',
        {},
        make('strong', {}, what.join(', ')),
        make('br'),
        make(
          'span',
          { class: 'virtflow-muted' },
          words('alerts.silencedBy', { by, time: longTime(until) }),
          comment === '' ? '' : `: ${comment}`,
        ),
      ),
      keptButton(`end ${id}`, words('alerts.endSilence'), () => void end(id)),
    );
  }

  /** @param {string} name */
  async function test(name) {
    tested.set(name, { isGood: true, says: words('alerts.testing') });
    draw();
    try {
      const { says } = /** @type {{ says: string }} */ (
        await rest('POST', `/contacts/${encodeURIComponent(name)}/test`)
      );
      tested.set(name, { isGood: true, says: words('test.test-channel', { says }) });
    } catch (thrown) {
      const { message, advice } = problemFrom(thrown);
      tested.set(name, { isGood: false, says: `${message} ${advice}` });
    }
    draw();
  }

  /** @param {string} id */
  async function end(id) {
    await reload(await rest('DELETE', `/silences/${encodeURIComponent(id)}`).then(() => undefined, problemFrom));
  }

  return {
    element,
    show() {
      element.hidden = false;
      void reload();
    },
    hide() {
      element.hidden = true;
    },
  };
}
