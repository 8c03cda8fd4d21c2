import assert from 'node:assert/strict';
import { until } from '../lab/condition.ts';
import { type MailServer, startMailServer } from '../lab/mail.ts';
import { ShippedFlow } from './shipped.ts';

const intervals = { state: 1, cpu: 1, memory: 1, disk: 1, network: 1, host: 1, storage: 1 };

/** How many VMs a part of the report tells of, each with three figures. */
function linesOf(text: string, part: string): number {
  const [, lines = ''] = new RegExp(`${part}, 95th percentile[^\\n]*\\n([\\s\\S]*?)\\n\\r?\\n`).exec(text) ?? [];
  return lines.match(/^ {2}\S+: \d+ % \(\d+ %, \d+ %\)/gm)?.length ?? 0;
}

describe('the flow of a weekly report', function () {
  this.timeout(90_000);
  let mail: MailServer;
  let flow: ShippedFlow;

  before(async () => {
    mail = await startMailServer();
    const z = 'virtflow-weekly-report';
    const target = { mode: 'list', names: ['demo/dev-02'], selector: '', property: 'target' };
    flow = new ShippedFlow('weekly-report', {
      nodes: [
        {
          ...{ id: 'demo-node', type: 'virtflow-connection', version: 1, name: 'demo', driver: 'simulator' },
          uri: 'simulator:///demo?hosts=3&vms=12',
        },
        // What is off cannot be paused: an operation that does not succeed.
        { id: 'refused', type: 'inject', z, name: '', props: [], repeat: '', once: false, wires: [['pause']] },
        { id: 'pause', type: 'virtflow-vm-pause', z, version: 1, name: '', target, timeoutSeconds: null, wires: [[]] },
      ],
      files: { 'metrics.json': { intervals } },
      env: { MAIL_SERVER: '127.0.0.1', MOST: 3 },
      changes: { mail: { port: mail.port, tls: 'none' } },
    });
    await flow.start();
  });

  after(async () => {
    await flow?.remove();
    mail?.stop();
  });

  it('tells by mail who used most, what failed, which alerts there were, and when storage is full', async () => {
    await flow.press('refused');
    // Until figures are in the store there is nothing to tell, or no store to ask.
    const { text } = await until('a report of what was measured', async () => {
      await flow.press('virtflow-weekly-report-now');
      return mail.find(
        ({ text }) => /vm\.pause of dev-02/.test(text) && linesOf(text, 'CPU') > 0 && linesOf(text, 'Memory') > 0,
      );
    });
    assert.deepEqual([linesOf(text, 'CPU'), linesOf(text, 'Memory')], [3, 3], text);
    assert.match(text, /vm\.pause of dev-02: refused, 1 x/);
    assert.match(text, /Subject: virtflow: weekly report/);
    for (const part of ['Memory, 95th', 'Storage that is full', 'Alerts:']) assert.ok(text.includes(part), part);
  });
});
