import { durationForm } from '../../../governor/duration.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { asItems } from '../answers.ts';
import { type Command, type CommandCall, textIn, wordOf } from '../command.ts';
import { timeOf } from '../views.ts';

type Line = Readonly<Record<string, unknown>>;

const list: Command = {
  name: 'alerts list',
  words: '',
  says: 'Alerts that go on, newest first.',
  options: {
    all: { type: 'boolean', says: 'Those that are over as well.' },
    severity: { type: 'string', value: 'info|warning|critical', says: 'Only these; several with commas.' },
  },
  run: async (call) => {
    const { client, values } = call;
    const severity = textIn(values, 'severity');
    const query = new URLSearchParams({
      ...(values.all === true && { state: 'firing,no-data,error,resolved,gone,withdrawn' }),
      ...(severity !== undefined && { severity }),
    });
    return printed(call, await client.ask(`/alerts?${query}`), (body) => asItems(body).items.map(alertLine));
  },
};

const show: Command = {
  name: 'alerts show',
  words: '<alert>',
  says: 'An alert: why, its history, and who was told or not.',
  options: {},
  run: async (call) => printed(call, await call.client.ask(alertPath(call)), alertText),
};

const acknowledge: Command = {
  name: 'alerts ack',
  words: '<alert>',
  says: 'Take an alert up: it is neither escalated nor repeated.',
  options: {
    comment: { type: 'string', value: 'text', says: 'What stands in the history.' },
    undo: { type: 'boolean', says: 'Take that back.' },
  },
  run: async (call) => {
    const { client, values } = call;
    const comment = textIn(values, 'comment');
    const [verb, body] =
      values.undo === true ? ['unacknowledge', {}] : ['acknowledge', comment === undefined ? {} : { comment }];
    const told = await client.ask(`${alertPath(call)}/${verb}`, { method: 'POST', body });
    return printed(call, told, (alert) => [alertLine(alert)]);
  },
};

const silence: Command = {
  name: 'alerts silence',
  words: '[alert]',
  says: 'Keep an alert, or all that fit, quiet for a time.',
  options: {
    for: { type: 'string', value: 'time', says: 'How long: 30m, 2h, 7d.' },
    rule: { type: 'string', value: 'rule', says: 'Of this rule: its name or id; * stands for any signs.' },
    object: { type: 'string', value: 'object', says: 'Of this object: its name or id; * stands for any signs.' },
    selector: { type: 'string', value: 'selector', says: "Of objects that this holds for: 'web' in tags." },
    severity: { type: 'string', value: 'info|warning|critical', says: 'Only these; several with commas.' },
    comment: { type: 'string', value: 'text', says: 'The reason.' },
    end: { type: 'string', value: 'silence', says: 'In the place of all that: end this silence now.' },
  },
  run: async (call) => {
    const { client, values } = call;
    const end = textIn(values, 'end');
    const told =
      end === undefined
        ? await client.ask('/silences', { method: 'POST', body: await asked(call) })
        : await client.ask(`/silences/${encodeURIComponent(end)}`, { method: 'DELETE' });
    return printed(call, told, (body) => [silenceLine(body)]);
  },
};

const silences: Command = {
  name: 'alerts silences',
  words: '',
  says: 'Silences that are not over.',
  options: { all: { type: 'boolean', says: 'Those that are over as well.' } },
  run: async (call) => {
    const body = await call.client.ask(`/silences?active=${call.values.all !== true}`);
    return printed(call, body, (told) => asItems(told).items.map(silenceLine));
  },
};

const told: Command = {
  name: 'alerts told',
  words: '',
  says: 'Who was told what and when, newest first.',
  options: {
    alert: { type: 'string', value: 'alert', says: 'Of this alert.' },
    contact: { type: 'string', value: 'contact', says: 'To this contact.' },
  },
  run: async (call) => {
    const { client, values } = call;
    const [alert, contact] = [textIn(values, 'alert'), textIn(values, 'contact')];
    const query = new URLSearchParams({ ...(alert && { alert }), ...(contact && { contact }) });
    return printed(call, await client.ask(`/notifications?${query}`), (body) => asItems(body).items.map(toldLine));
  },
};

const contacts: Command = {
  name: 'contacts list',
  words: '',
  says: 'Who can be told, and what became of the last message to each.',
  options: {},
  run: async (call) =>
    printed(call, await call.client.ask('/contacts'), (body) => asItems(body).items.map(contactLine)),
};

const test: Command = {
  name: 'contacts test',
  words: '<contact>',
  says: 'Really send a test message.',
  options: {},
  run: async (call) => {
    const path = `/contacts/${encodeURIComponent(wordOf(call, 'contact'))}/test`;
    const answer = await call.client.ask(path, { method: 'POST', body: {} });
    return printed(call, answer, (body) => [`sent: ${String(record(body).says)}`]);
  },
};

export const alertCommands: readonly Command[] = [list, show, acknowledge, silence, silences, told, contacts, test];

function alertPath(call: CommandCall): string {
  return `/alerts/${encodeURIComponent(wordOf(call, 'alert'))}`;
}

/** @throws OPTION_INVALID */
async function asked({ client, words, values }: CommandCall): Promise<object> {
  const [id, odd] = words;
  if (odd !== undefined)
    throw new VirtflowError('OPTION_INVALID', { option: odd, reason: 'nothing is expected there' });
  const duration = textIn(values, 'for') ?? '';
  if (!new RegExp(durationForm).test(duration)) {
    throw new VirtflowError('OPTION_INVALID', { option: '--for', reason: 'a time such as 2h is needed' });
  }
  const comment = textIn(values, 'comment');
  const matcher = id === undefined ? matcherIn(values) : ofAlert(await client.ask(`/alerts/${encodeURIComponent(id)}`));
  return { matcher, duration, ...(comment !== undefined && { comment }) };
}

function matcherIn(values: CommandCall['values']): object {
  const given = ['rule', 'object', 'selector'].flatMap((name) => {
    const value = textIn(values, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const severity = textIn(values, 'severity');
  return { ...Object.fromEntries(given), ...(severity !== undefined && { severity: severity.split(',') }) };
}

function ofAlert(body: unknown): object {
  const { rule, node } = record(body);
  return { rule, object: node };
}

function printed(call: CommandCall, body: unknown, lines: (body: unknown) => readonly string[]): number {
  if (call.json) call.terminal.print(JSON.stringify(body, null, 2));
  else for (const line of lines(body)) call.terminal.print(line);
  return 0;
}

/** `3f…  2026-03-02 10:00:00  critical  firing  CPU  lab/web  CPU is 95 %  [silence]` */
function alertLine(body: unknown): string {
  const { id, since, severity, state, ruleName, name, connection, why, acknowledged, suppressed } = record(body);
  const place = connection === '' ? String(name) : `${String(connection)}/${String(name)}`;
  const taken = record(acknowledged).by;
  const notes = [taken === undefined ? '' : `acknowledged by ${String(taken)}`, String(record(suppressed).by ?? '')];
  const marks = notes.flatMap((note) => (note === '' ? [] : `  [${note}]`)).join('');
  const words = [id, timeOf(Number(since)), String(severity).padEnd(8), String(state).padEnd(9), ruleName, place];
  return `${words.map(String).join('  ')}  ${String(record(why).says)}${marks}`;
}

function alertText(body: unknown): readonly string[] {
  const { why, suppressed, history, routes, affected } = record(body);
  const { says: _, samples, ...decided } = record(why);
  const { taken, passed } = record(routes);
  return [
    alertLine(body),
    ...Object.entries(decided).flatMap(([name, value]) =>
      value === null || value === undefined
        ? []
        : `why: ${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    ),
    ...records(samples).map(({ at, value }) => `why: sample ${timeOf(Number(at))}  ${String(value)}`),
    ...(suppressed ? [`not told: ${String(record(suppressed).says ?? record(suppressed).by)}`] : []),
    ...records(affected).map(({ name }) => `affected: ${String(name)}`),
    ...texts(taken).map((route) => `route: ${route}`),
    ...texts(passed).map((route) => `no route: ${route}`),
    ...records(history).map(
      ({ at, what, says }) => `${timeOf(Number(at))}  ${String(what).padEnd(14)}  ${String(says)}`,
    ),
  ];
}

function silenceLine(body: unknown): string {
  const { id, matcher, by, startsAt, until, comment } = record(body);
  const times = `${timeOf(Number(startsAt))} to ${timeOf(Number(until))}`;
  return [id, times, JSON.stringify(matcher), `by ${String(by)}`, comment].map(String).join('  ').trimEnd();
}

function toldLine(body: unknown): string {
  const { at, contact, kind, state, attempts, says, firing, ended, text } = record(body);
  const about = [...records(firing), ...records(ended)].map(
    ({ ruleName, name }) => `${String(ruleName)} ${String(name)}`,
  );
  const what = about.join(', ') || String(text ?? '');
  return [timeOf(Number(at)), contact, kind, state, `${String(attempts)}x`, what, says]
    .map(String)
    .join('  ')
    .trimEnd();
}

function contactLine(body: unknown): string {
  const { name, type, last } = record(body);
  const { state, at, says } = record(last);
  const became = last ? `${String(state)} ${timeOf(Number(at))}  ${String(says)}` : 'never told anything';
  return `${String(name)}  ${String(type)}  ${became}`;
}

function record(value: unknown): Line {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function records(value: unknown): readonly Line[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
