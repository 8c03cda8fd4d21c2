import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseCalendar } from '../../lib/calendar/window.ts';
import { RestHouse } from '../api/rest/house.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/calendar.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, of, text = '']) => (of === language ? [text] : []));
const run = promisify(execFile);

describe('the page about the calendar', () => {
  it('shows a calendar.json that can be used', () => {
    const [example = ''] = blocks('json');
    assert.equal(parseCalendar(JSON.parse(example)).windows.length, 2);
  });

  it('shows requests that do what it says', async () => {
    const house = await RestHouse.open();
    try {
      const commands = blocks('console')
        .join('')
        .replaceAll('\\\n', '')
        .split('\n')
        .filter((line) => line.startsWith('$ curl'))
        .map((line) => line.slice(2).replace('curl', 'curl -sS --fail-with-body --noproxy "*"'))
        .map((line) => line.replaceAll('http://localhost:1880/virtflow/v1', house.url));
      assert.ok(commands.length >= 4);
      const env = { ...process.env, VIRTFLOW_TOKEN: house.admin };
      const told: string[] = [];
      for (const command of commands) told.push((await run('bash', ['-c', command], { env })).stdout);
      assert.match(told[0] ?? '', /"id":"office"/);
      assert.ok(told.some((text) => text.startsWith('BEGIN:VCALENDAR')));
      assert.equal(house.platform.calendar.all().length, 0);
    } finally {
      await house.close();
    }
  });
});
