import { asItems } from '../answers.ts';
import { type Command, wordOf } from '../command.ts';
import { minuteOf } from '../views.ts';

const list: Command = {
  name: 'schedules',
  words: '',
  says: 'Schedules of all flows, and when each starts next.',
  options: {},
  run: async ({ client, terminal, json }) => {
    const { items } = asItems(await client.ask('/schedules'));
    if (json) terminal.print(JSON.stringify(items, null, 2));
    else for (const item of items) terminal.print(lineOf({ ...Object(item) }));
    return 0;
  },
};

function order(name: string, path: 'run' | 'enable' | 'disable', says: string, done: string): Command {
  return {
    name: `schedule ${name}`,
    words: '<schedule>',
    says,
    options: {},
    run: async (call) => {
      const schedule = wordOf(call, 'schedule');
      const told = await call.client.ask(`/schedules/${encodeURIComponent(schedule)}/${path}`, {
        method: 'POST',
        body: {},
      });
      call.terminal.print(call.json ? JSON.stringify(told, null, 2) : `${schedule} ${done}`);
      return 0;
    },
  };
}

export const scheduleCommands: readonly Command[] = [
  list,
  order('run', 'run', 'Have a schedule run now, enabled or not.', 'runs'),
  order('enable', 'enable', 'Have a schedule start again when it is due.', 'is enabled'),
  order('disable', 'disable', 'Have a schedule start no more; what runs is left alone.', 'is disabled'),
];

function lineOf({ id, name, enabled, next, running }: Record<string, unknown>): string {
  const stands = enabled === false ? 'disabled' : Number(running) > 0 ? 'running' : '';
  return `${minuteOf(next).padEnd(17)}  ${String(id)}  ${String(name)}  ${stands}`.trimEnd();
}
