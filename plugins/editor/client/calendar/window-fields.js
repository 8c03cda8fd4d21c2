/** What the form of a window asks for beside its times; `keep`: left out of the file where it is the first option. */
export const windowFields = /** @type {const} */ ([
  { name: 'actions', kind: 'list' },
  { name: 'connection', kind: 'text', of: 'targets' },
  {
    name: 'kind',
    kind: 'choice',
    of: 'targets',
    options: ['', 'vm', 'host', 'storage-pool', 'volume', 'network', 'connection'],
  },
  { name: 'selector', kind: 'text', of: 'targets' },
  { name: 'onConflict', kind: 'choice', options: ['wait', 'refuse'] },
  { name: 'running', kind: 'choice', options: ['leave', 'warn', 'cancel'] },
  { name: 'schedules', kind: 'list' },
  { name: 'runMissed', kind: 'check', of: 'atEnd' },
  { name: 'run', kind: 'list', of: 'atEnd' },
  { name: 'mutesAlerts', kind: 'check' },
  { name: 'undo', kind: 'check', of: 'except', initial: true },
  { name: 'approved', kind: 'check', of: 'except' },
  { name: 'principals', kind: 'list', of: 'except' },
  { name: 'flows', kind: 'list', of: 'except' },
]);

/** What each kind of time asks for. @type {Readonly<Record<string, readonly string[]>>} */
export const whenFields = {
  once: ['from', 'until', 'zone'],
  daily: ['time', 'duration', 'zone'],
  weekly: ['weekdays', 'time', 'duration', 'zone'],
  monthly: ['days', 'time', 'duration', 'zone'],
  cron: ['expression', 'duration', 'zone'],
  ical: ['text', 'zone'],
};
