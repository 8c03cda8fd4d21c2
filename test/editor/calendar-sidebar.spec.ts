import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import { requireLab } from '../lab/availability.ts';
import { type Editor, type EditorOptions, openBrowser } from './browser.ts';
import { inVirtflow } from './in-editor.ts';
import { buildPackage } from './package.ts';
import { VirtflowWithEditor } from './virtflow.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tabs = [
  { id: 'tab', type: 'tab', label: 'Nightly' },
  { id: 'other', type: 'tab', label: 'Backups' },
];
const lab = {
  id: 'c-lab',
  type: 'virtflow-connection',
  name: 'lab',
  driver: 'simulator',
  uri: 'simulator:///lab?hosts=3&vms=30&speed=20',
};

interface Drawn {
  readonly id: string;
  readonly [property: string]: unknown;
}

/** A schedule that shuts a VM down, or whatever else it is told. */
function schedule(id: string, about: object = {}): Drawn {
  const due = { repeat: 'daily', time: '12:00', zone: 'UTC', misfire: 'skip', overlap: 'parallel', windows: 'skip' };
  return { id, type: 'virtflow-schedule', z: 'tab', name: id, ...due, x: 150, y: 100, wires: [[]], ...about };
}

function shutdown(id: string, vm: string): Drawn {
  const target = { mode: 'list', names: [vm], selector: '', property: 'target' };
  return { id, type: 'virtflow-vm-shutdown', z: 'tab', name: id, target, x: 400, y: 100, wires: [[]] };
}

const flows = [
  ...tabs,
  lab,
  schedule('noon', { wires: [['stop']] }),
  shutdown('stop', 'web-01'),
  schedule('weekly', { z: 'other', repeat: 'weekly', weekdays: ['0', '1', '2', '3', '4', '5', '6'], time: '03:00' }),
  schedule('ticker', { z: 'other', repeat: 'cron', cron: '*/15 * * * *', y: 200 }),
];

describe("the calendar in Node-RED's editor", function () {
  this.timeout(120_000);
  const house = inVirtflow(() => ({ flows }));
  let editor: Editor;

  before(() => house.virtflow.connected());
  /** Whatever the test before has left: the window of the office, and no other. */
  beforeEach(async () => {
    const { items } = await house.virtflow.rest('GET', '/calendar/windows');
    for (const { window } of items) await send('DELETE', `virtflow/v1/calendar/windows/${window.id}`);
    const when = { type: 'daily', time: '11:00', duration: '3h', zone: 'UTC' };
    const window = { kind: 'blackout', reason: 'people work', when, schedules: ['noon'] };
    await send('PUT', 'virtflow/v1/calendar/windows/office', { window });
  });
  afterEach(function () {
    const errors = editor.errors.filter((text) => !/ERR_|Failed to load/.test(text));
    if (this.currentTest?.state === 'passed') assert.deepEqual(errors, []);
  });

  async function open(options: EditorOptions = {}, view: 'list' | 'week' = 'list'): Promise<void> {
    const storage = { 'virtflow-calendar-view': view };
    editor = await house.open({ ...options, storage });
    editor.page.setDefaultTimeout(30_000);
    // The editor shows what it showed last once its flows are there; ours comes after that.
    await editor.page.waitForFunction("RED.nodes.workspace('tab') !== undefined");
    await editor.run("RED.sidebar.show('debug'); document.querySelector('button[data-tab-id=debug]').click()");
    await editor.run("RED.actions.invoke('virtflow:show-calendar')");
    await editor.page.waitForSelector('.virtflow-calendar[aria-busy="false"]', { visible: true });
  }

  /** For people who look at it: VIRTFLOW_PICTURES names a directory. */
  async function picture(what: string): Promise<void> {
    const directory = process.env.VIRTFLOW_PICTURES;
    if (directory) await editor.page.screenshot({ path: `${directory}/calendar-${what}.png` });
  }

  async function send(method: string, path: string, body?: unknown): Promise<void> {
    const { url, token } = house.virtflow;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) ?? null });
    assert.ok(answer.ok, await answer.text());
  }
  const deploy = (drawn: readonly object[]) => send('POST', 'flows', drawn);

  /** What a run of a schedule is called by. */
  const first = (name: string, state = '') =>
    `.virtflow-calendar-entry${state}[data-key^="${name} "], .virtflow-week-run${state}[data-key^="${name} "]`;
  const says = (pattern: string) => editor.says('.virtflow-calendar > .virtflow-banner', pattern);
  const press = (what: string) => editor.press(`.virtflow-calendar-details [data-do="${what}"]`);
  const node = (id: string, property: string) => editor.run(`RED.nodes.node('${id}').${property}`);

  async function chosen(selector: string): Promise<void> {
    await editor.page.waitForSelector(selector);
    await editor.run(`document.querySelector(${JSON.stringify(selector)}).click()`);
    await editor.page.waitForSelector('.virtflow-calendar-details:not([hidden])');
  }

  /** What virtflow itself keeps. */
  const own = '.virtflow-calendar-entry[data-key^="virtflow-metrics-retention "]';
  /** The topmost notice of the editor. */
  const notice = '#red-ui-notifications .red-ui-notification';

  it('shows what was due and what became of it, what will be, windows, and what clashes', async () => {
    await house.virtflow.rest('POST', '/schedules/weekly/run', {});
    await open();
    await editor.says('.virtflow-calendar-entry.virtflow-at-done[data-key^="weekly "]', 'done · admin had it run');
    await editor.says(first('noon', '.virtflow-at-held'), 'a window will hold it · The blackout “office” lasts');
    await editor.says('.virtflow-calendar-entry.virtflow-at-blackout', 'office.*blackout · until .* · people work');
    await editor.says('.virtflow-calendar-conflicts', 'Clashes \\(1\\).*Whenever “noon” is due, a window holds it');
    await editor.says(own, 'Retention of metrics.*virtflow itself');
    await picture('list-light');
    await editor.run("document.querySelector('.virtflow-calendar-only input').click()");
    await editor.page.waitForFunction('!document.querySelector(\'[data-key^="ticker "]\')');
  });

  it('shows what ran of a schedule that is no more, and claims it for nobody', async () => {
    await deploy([...flows, schedule('old', { z: 'other', y: 300 })]);
    const begun = async () => (await house.virtflow.rest('POST', '/schedules/old/run', {})).run !== undefined;
    for (; !(await begun()); ) await turn();
    await deploy(flows);
    await open();
    const row = '.virtflow-calendar-entry[data-key^="old "]';
    await editor.says(row, 'a schedule that is no more');
    const text = String(await editor.run(`document.querySelector('${row}').textContent`));
    assert.doesNotMatch(text, /old|virtflow itself/);
  });

  it('shows a run that was, in the tab of runs', async () => {
    await house.virtflow.rest('POST', '/schedules/weekly/run', {});
    await open();
    await chosen('.virtflow-calendar-entry.virtflow-at-done[data-key^="weekly "]');
    await press('showRun');
    await editor.page.waitForSelector('.virtflow-runs .virtflow-run > *', { visible: true });
  });

  it('puts a window out of force with a reason and for a while, and in force again, by keyboard alone', async () => {
    await open({ width: 900, height: 700 });
    await chosen('.virtflow-calendar-entry.virtflow-at-blackout[data-key^="window office "]');
    await editor.page.focus('.virtflow-calendar-details summary');
    await editor.page.keyboard.press('Space');
    await editor.page.keyboard.press('Tab');
    await editor.page.keyboard.press('Enter');
    const stands = async () =>
      (await house.virtflow.rest('GET', '/calendar/windows')).items.find(
        ({ window }: { window: Drawn }) => window.id === 'office',
      ).override;
    assert.equal(await stands(), null);
    await editor.page.keyboard.type('the storage burns');
    await editor.page.keyboard.press('Tab');
    await editor.page.keyboard.type('15');
    await picture('override-light');
    await editor.page.keyboard.press('Enter');
    await says('It is out of force');
    const { by, reason, from, until } = await stands();
    assert.deepEqual([by, reason, until - from], ['admin', 'the storage burns', 15 * 60_000]);
    await editor.says('.virtflow-calendar-details', 'admin has put it out of force until');
    await press('endOverride');
    await says('It counts again');
    assert.equal(await stands(), null);
  });

  it('runs a schedule now, disables and enables it, and shows its node', async () => {
    await open();
    await chosen(first('ticker', '.virtflow-at-next'));
    await picture('details-light');
    await press('run');
    await says('It runs');
    await press('disable');
    await says('It is disabled');
    const stands = async () =>
      (await house.virtflow.rest('GET', '/schedules')).items.find((one: Drawn) => one.id === 'ticker');
    assert.equal((await stands()).enabled, false);
    await editor.page.waitForSelector(first('ticker', '.virtflow-at-disabled'));
    await editor.page.waitForSelector('.virtflow-calendar-details [data-do="enable"]');
    await press('enable');
    await says('It is enabled');
    assert.equal((await stands()).enabled, true);
    await press('show');
    assert.equal(await editor.run('RED.workspaces.active()'), 'other');
  });

  it('moves a schedule by keyboard: its node is changed, and can be undone', async () => {
    await open();
    await editor.page.waitForSelector(first('noon'));
    await editor.run(`document.querySelector('${first('noon', '.virtflow-at-held')}').focus()`);
    await editor.page.keyboard.down('Alt');
    await editor.page.keyboard.press('ArrowDown');
    await editor.page.keyboard.up('Alt');
    await says('“noon” is moved on the canvas');
    assert.deepEqual([await node('noon', 'time'), await node('noon', 'changed')], ['12:15', true]);
    assert.equal(await editor.run('RED.nodes.dirty()'), true);
    await editor.says(first('noon'), 'Not deployed yet');
    const focused = "document.activeElement.dataset.key?.startsWith('noon ')";
    await editor.page.waitForFunction(focused);
    await editor.run('RED.history.pop()');
    assert.deepEqual([await node('noon', 'time'), await node('noon', 'changed')], ['12:00', false]);
  });

  it('says why something cannot be moved, and leaves it as it is', async () => {
    await open();
    await chosen(first('ticker', '.virtflow-at-next'));
    await editor.run(`(() => {
      const input = document.querySelector('.virtflow-calendar-move input');
      input.value = '2099-01-01T10:00';
    })()`);
    await press('move');
    await says('“ticker” stays where it is: its cron expression follows the clock');
    assert.deepEqual([await node('ticker', 'cron'), await editor.run('RED.nodes.dirty()')], ['*/15 * * * *', false]);
  });

  it('moves a schedule that is dragged to another time of the week', async () => {
    await open({ width: 1500, height: 1100 }, 'week');
    await editor.page.waitForSelector('.virtflow-week-run[data-key^="noon "]');
    await editor.run(
      "document.querySelector('.virtflow-week-run[data-key^=\"noon \"]').scrollIntoView({ block: 'center' })",
    );
    const item = await editor.page.$('.virtflow-week-run[data-key^="noon "]');
    const box = await item?.boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + box.width / 2, box.y + 4];
    await editor.page.mouse.move(x, y);
    await editor.page.mouse.down();
    // Two lines of half an hour.
    await editor.page.mouse.move(x, y - 20, { steps: 4 });
    await editor.page.mouse.move(x, y - 36, { steps: 4 });
    await editor.page.mouse.up();
    await says('“noon” is moved');
    assert.equal(await node('noon', 'time'), '11:00');
    await picture('week-light');
  });

  it('makes a window by a form that shows when it is open, changes, moves and removes it', async () => {
    await open();
    await editor.press('.virtflow-calendar [data-do="add"]');
    const field = (name: string) => `form.virtflow-window-form [data-field="${name}"]`;
    await editor.page.waitForSelector(field('name'), { visible: true });
    await editor.page.type(field('name'), 'Patch night');
    await editor.says('.virtflow-window-form [role="status"]', 'It is open');
    await editor.press('#virtflow-window-save');
    await editor.says('.virtflow-window-form [role="alert"]', 'reason');
    await editor.page.type(field('reason'), 'updates');
    await editor.page.select(field('when'), 'daily');
    await editor.press('#virtflow-window-save');
    await says('“Patch night” is in force');
    await editor.page.waitForFunction("!document.querySelector('form.virtflow-window-form')");
    const stored = async () => {
      const { items } = await house.virtflow.rest('GET', '/calendar/windows');
      return items.map((one: { window: Drawn }) => one.window).find(({ id }: Drawn) => id === 'patch-night');
    };
    assert.deepEqual(await stored(), {
      ...{ id: 'patch-night', kind: 'maintenance', reason: 'updates', name: 'Patch night' },
      when: { type: 'daily', time: '22:00', duration: '4h', zone: 'UTC' },
    });
    await chosen('[data-key^="window patch-night "]');
    await press('editWindow');
    await editor.page.waitForSelector(field('mutesAlerts'));
    await editor.run(`document.querySelector('form.virtflow-window-form details').open = true`);
    await editor.press(field('mutesAlerts'));
    await picture('form-light');
    await editor.press('#virtflow-window-save');
    await editor.page.waitForFunction("!document.querySelector('form.virtflow-window-form')");
    assert.equal((await stored()).mutesAlerts, true);
    const row = '.virtflow-calendar-entry[data-key^="window patch-night "]';
    await editor.press('.virtflow-calendar-details .virtflow-close');
    await editor.run(`document.querySelector('${row}').focus()`);
    await editor.page.keyboard.down('Alt');
    await editor.page.keyboard.press('ArrowUp');
    await editor.page.keyboard.up('Alt');
    await says('“Patch night” is moved, and in force');
    assert.equal((await stored()).when.time, '21:45');
    await editor.press('.virtflow-calendar > .virtflow-banner button');
    await says('It is as it was');
    assert.equal((await stored()).when.time, '22:00');
    await chosen(row);
    await press('remove');
    await press('remove');
    await says('The window is removed');
    assert.equal(await stored(), undefined);
  });

  it('takes a calendar of somebody else for a window', async () => {
    const event = ['BEGIN:VEVENT', 'UID:1', 'DTSTART:20990101T100000Z', 'DTEND:20990101T120000Z', 'END:VEVENT'];
    const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:test', ...event, 'END:VCALENDAR'].join('\r\n');
    await open();
    await editor.press('.virtflow-calendar [data-do="add"]');
    await editor.page.waitForSelector('[data-field="when"]', { visible: true });
    await editor.page.type('[data-field="name"]', 'Holidays');
    await editor.page.type('[data-field="reason"]', 'nobody is here');
    await editor.page.select('[data-field="when"]', 'ical');
    await editor.run(`(() => {
      const file = new File([${JSON.stringify(text)}], 'holidays.ics', { type: 'text/calendar' });
      const files = new DataTransfer();
      files.items.add(file);
      const input = document.querySelector('form.virtflow-window-form input[type=file]');
      input.files = files.files;
      input.dispatchEvent(new Event('change'));
    })()`);
    await editor.says('.virtflow-window-form [role="status"]', 'Thu, Jan 1, 10:00');
    await editor.press('#virtflow-window-save');
    await says('“Holidays” is in force');
  });

  it("tells in a schedule's form what would clash, as it is typed", async () => {
    await open({ width: 900, height: 700 });
    await editor.run("RED.editor.edit(RED.nodes.node('noon'))");
    await editor.says(
      '.virtflow-next-clashes',
      'Whenever “noon” is due, a window holds it. The blackout “office” lasts',
    );
    await picture('clash-in-form-light');
    await editor.page.select('#node-input-windows', 'ignore');
    await editor.page.waitForFunction("document.querySelector('.virtflow-next-clashes').childElementCount === 0");
    await editor.closeForm('cancel');
  });

  it('tells on the node and at the deploy what would clash, before it is deployed', async () => {
    await open();
    const drawn = [schedule('late', { time: '12:02', y: 300, wires: [['again']] }), shutdown('again', 'web-01')];
    await editor.run(`RED.nodes.import(${JSON.stringify(drawn)}, { generateIds: false })`);
    await editor.run("RED.nodes.dirty(true); RED.view.redraw(true); RED.workspaces.show('tab')");
    await editor.page.waitForSelector('[id="late"] .virtflow-calendar-conflict:not(.hide)');
    await editor.page.click('#red-ui-header-button-deploy');
    await editor.says(notice, 'Once deployed, this will clash.*“noon” and “late” work on lab/vm/');
    await picture('deploy-light');
    const button = (text: string) =>
      editor.run(
        `[...document.querySelectorAll('${notice} button')].find((one) => one.textContent === '${text}').click()`,
      );
    await button('Cancel');
    await editor.page.waitForFunction(`!document.querySelector('${notice}')`);
    assert.equal(await editor.run('RED.nodes.dirty()'), true);
    await editor.run("RED.actions.invoke('core:deploy-flows')");
    await editor.says(notice, 'Once deployed');
    await button('Deploy anyway');
    const atRest = "!RED.nodes.dirty() && !$('#red-ui-full-shade').is(':visible')";
    await editor.page.waitForFunction(atRest);
    await editor.says('.virtflow-calendar-conflicts', '“noon” and “late”');
    // What was deployed nevertheless is not asked about again.
    await editor.run(
      "RED.nodes.node('late').name = 'later'; RED.nodes.node('late').changed = true; RED.nodes.dirty(true)",
    );
    await editor.deploy();
    await deploy(flows);
  });

  for (const theme of ['light', 'dark'] as const) {
    it(`gives axe nothing to complain about, ${theme}`, async () => {
      await open({ theme });
      await editor.page.evaluate(axe);
      assert.deepEqual(await complaints('#virtflow-calendar'), []);
      await editor.run("document.querySelector('.virtflow-calendar-conflicts').open = true");
      await chosen(first('ticker', '.virtflow-at-next'));
      assert.deepEqual(await complaints('#virtflow-calendar'), []);
      await editor.press('.virtflow-calendar-details .virtflow-close');
      await editor.run("document.querySelectorAll('.virtflow-calendar-views button')[1].click()");
      await editor.page.waitForSelector('.virtflow-week-run');
      await picture(`week-narrow-${theme}`);
      assert.deepEqual(await complaints('#virtflow-calendar'), []);
      await editor.press('.virtflow-calendar [data-do="add"]');
      await editor.page.waitForSelector('form.virtflow-window-form', { visible: true });
      await editor.run("document.querySelector('form.virtflow-window-form details').open = true");
      await editor.says('.virtflow-window-form [role="status"]', 'It is open');
      await picture(`form-${theme}`);
      assert.deepEqual(await complaints('.virtflow-window-form'), []);
    });
  }

  function complaints(place: string): Promise<unknown> {
    return editor.run(
      `axe.run('${place}').then(({ violations }) => violations
        .filter(({ impact }) => impact !== 'minor')
        .map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary)]))`,
    );
  }

  it('speaks German', async () => {
    await house.virtflow.rest('POST', '/schedules/weekly/run', {});
    await open({ language: 'de', theme: 'dark' });
    await editor.says('.virtflow-calendar-entry.virtflow-at-blackout', 'Sperre · bis');
    await editor.says(own, 'Aufbewahrung der Metriken.*virtflow selbst');
    await editor.says('.virtflow-calendar-entry.virtflow-at-done[data-key^="weekly "]', 'admin hat ihn gestartet');
    await chosen(first('ticker', '.virtflow-at-next'));
    await picture('details-de-dark');
    const text = String(await editor.run("document.querySelector('.virtflow-calendar').textContent"));
    assert.match(text, /Jetzt starten.*Verschieben/s);
    assert.match(text, /Immer wenn „noon“ fällig ist, hält ein Fenster ihn auf\. Die Sperre „office“ dauert an/);
    assert.doesNotMatch(text, /calendar\.|editor:/);
  });
});

describe('five hundred schedules in the calendar', function () {
  this.timeout(240_000);

  it('are shown with a few rows of each day, and a few runs of each half hour', async function () {
    await requireLab(this, 'chromium');
    const built = buildPackage();
    const chromium = await openBrowser();
    const many = Array.from({ length: 500 }, (_, index) =>
      schedule(`s${index}`, { time: `0${index % 6}:30`, y: 40 * index }),
    );
    const virtflow = await VirtflowWithEditor.start({ packagePath: built.path, flows: [...tabs, lab, ...many] });
    try {
      const editor = await virtflow.open(chromium.browser, { storage: { 'virtflow-calendar-view': 'list' } });
      await editor.page.waitForFunction("RED.nodes.workspace('tab') !== undefined");
      await editor.run("RED.actions.invoke('virtflow:show-calendar')");
      await editor.page.waitForSelector('.virtflow-calendar[aria-busy="false"] .virtflow-calendar-entry');
      const rows = async (selector: string) =>
        Number(await editor.run(`document.querySelectorAll('${selector}').length`));
      assert.ok((await rows('.virtflow-calendar-entry')) <= 7 * 60);
      await editor.says('.virtflow-calendar-list .virtflow-link', '[0-9]+ more');
      await editor.run("document.querySelectorAll('.virtflow-calendar-views button')[1].click()");
      // Of today it may be too late for any of them.
      await editor.press('.virtflow-calendar-bar [aria-label="Later"]');
      await editor.page.waitForSelector('.virtflow-week-more');
      assert.ok((await rows('.virtflow-week-day button')) < 400);
      const measured = `(async () => {
        const grid = document.querySelector('.virtflow-week-grid');
        const frames = [];
        for (let step = 0; step < 60; step += 1) {
          const before = performance.now();
          grid.scrollTop = step * 10;
          await new Promise((resolve) => requestAnimationFrame(resolve));
          frames.push(performance.now() - before);
        }
        return Math.max(...frames);
      })()`;
      if (process.env.VIRTFLOW_PICTURES)
        console.log('slowest frame of 60 while scrolling, ms:', await editor.run(measured));
    } finally {
      await virtflow.stop();
      await chromium.close();
      built.remove();
    }
  });
});
