import assert from 'node:assert/strict';
import { type MailServer, startMailServer } from '../lab/mail.ts';
import { ShippedFlow } from './shipped.ts';

describe('the flow of alerts and escalation', function () {
  this.timeout(90_000);
  let mail: MailServer;
  let flow: ShippedFlow;

  before(async () => {
    mail = await startMailServer();
    const server = { port: mail.port, tls: 'none' };
    flow = new ShippedFlow('alert-escalation', {
      nodes: [
        {
          ...{ id: 'demo-node', type: 'virtflow-connection', version: 1, name: 'demo', driver: 'simulator' },
          uri: 'simulator:///demo?hosts=1&vms=3',
        },
      ],
      env: { MAIL_SERVER: '127.0.0.1' },
      changes: {
        figures: { cpuSeconds: 1, hostSeconds: 0, storageSeconds: 0 },
        cpu: { warningThreshold: 0, warningClear: null, criticalThreshold: null, criticalClear: null, forSeconds: 0 },
        late: { minutes: 0.02 },
        ops: server,
        'on-call': server,
      },
    });
    await flow.start();
  });

  after(async () => {
    await flow?.remove();
    mail?.stop();
  });

  it('mails operators when an alert begins, and those on call when nobody takes it up', async () => {
    const first = await mail.next(({ to }) => to.includes('ops@example.org'));
    assert.match(first.text, /CPU busy/);
    const late = await mail.next(({ to }) => to.includes('oncall@example.org'));
    assert.match(late.text, /CPU busy/);
  });
});
