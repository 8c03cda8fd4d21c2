import assert from 'node:assert/strict';
import { icalOf, icalTimes } from '../../lib/calendar/ical.ts';
import { spansBetween } from '../../lib/calendar/span.ts';
import type { When } from '../../lib/calendar/when.ts';
import { parseCalendar, timed } from '../../lib/calendar/window.ts';
import { seeded } from '../seeded.ts';

const zone = 'Europe/Berlin';
const iso = (at: number) => new Date(at).toISOString().slice(0, 16);
const window = (when: object, more: object = {}) => ({ id: 'w', kind: 'blackout', reason: 'test', when, ...more });

function times(when: object) {
  const [one] = parseCalendar({ version: 1, windows: [window(when)] }).windows;
  assert.ok(one);
  return timed(one, () => '').times;
}

function spans(when: object, from: string, until: string): string[] {
  const all = spansBetween(times(when), Date.parse(from), Date.parse(until));
  return all.map((span) => `${iso(span.from)}/${iso(span.until)}`);
}

describe('a window', () => {
  it('lasts its time by the clock that never jumps, when clocks are put forward and back', () => {
    const nightly = { type: 'daily', time: '01:30', duration: '2h', zone };
    assert.deepEqual(spans(nightly, '2026-03-28T12:00Z', '2026-03-29T12:00Z'), ['2026-03-29T00:30/2026-03-29T02:30']);
    assert.deepEqual(spans(nightly, '2026-10-24T12:00Z', '2026-10-25T12:00Z'), ['2026-10-24T23:30/2026-10-25T01:30']);
  });

  it('is open once, weekly, monthly and as a cron expression says', () => {
    const year = ['2026-06-01T00:00Z', '2026-07-01T00:00Z'] as const;
    const once = { type: 'once', from: '2026-06-05T22:00', until: '2026-06-06T04:00', zone };
    assert.deepEqual(spans(once, ...year), ['2026-06-05T20:00/2026-06-06T02:00']);
    const weekly = { type: 'weekly', weekdays: [6], time: '22:00', duration: '4h', zone: 'UTC' };
    assert.deepEqual(spans(weekly, ...year).length, 4);
    const monthly = { type: 'monthly', days: ['last'], time: '23:00', duration: '2h', zone: 'UTC' };
    assert.deepEqual(spans(monthly, ...year), [
      '2026-05-31T23:00/2026-06-01T01:00',
      '2026-06-30T23:00/2026-07-01T01:00',
    ]);
    const cron = { type: 'cron', expression: '0 20 * * 2#2', duration: '90m', zone: 'UTC' };
    assert.deepEqual(spans(cron, ...year), ['2026-06-09T20:00/2026-06-09T21:30']);
  });

  it('makes one of stretches that overlap or meet', () => {
    const halves = { type: 'cron', expression: '0 8,10,12 * * *', duration: '2h', zone: 'UTC' };
    assert.deepEqual(spans(halves, '2026-06-01T00:00Z', '2026-06-02T00:00Z'), ['2026-06-01T08:00/2026-06-01T14:00']);
    const within = Date.parse('2026-06-01T09:00Z');
    assert.equal(iso(times(halves).next(within)?.from ?? 0), '2026-06-02T08:00');
    const many = { type: 'cron', expression: '*/10 8-18 * * *', duration: '10m', zone: 'UTC' };
    assert.deepEqual(spans(many, '2026-06-01T00:00Z', '2026-06-02T00:00Z'), ['2026-06-01T08:00/2026-06-01T19:00']);
  });

  const refused: readonly [string, object, RegExp][] = [
    ['never ends', { type: 'daily', time: '01:00', duration: '24h', zone: 'UTC' }, /never end/],
    ['is never due', { type: 'cron', expression: '0 0 31 2 *', duration: '1h', zone: 'UTC' }, /never due/],
    ['ends before it begins', { type: 'once', from: '2026-06-02T00:00', until: '2026-06-01T00:00', zone }, /before/],
    ['has a zone that there is not', { type: 'daily', time: '01:00', duration: '1h', zone: 'Mars/Base' }, /time zone/],
    ['is no calendar', { type: 'ical', text: 'hello' }, /iCalendar/],
    ['has a calendar without entries', { type: 'ical', text: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR' }, /VEVENT/],
  ];
  for (const [what, when, why] of refused)
    it(`is refused when it ${what}`, () => assert.throws(() => times(when), why));

  it('answers the same for a moment as for a stretch of time, for random windows over changes of the clock', () => {
    const random = seeded(20261125);
    const below = (limit: number) => Math.floor(random() * limit);
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
    for (let round = 0; round < 60; round += 1) {
      const hour = below(24);
      const minute = below(60);
      const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
      const when = {
        type: 'weekly',
        weekdays: [below(7)],
        time,
        duration: `${1 + below(40)}h`,
        zone: zones[below(zones.length)] ?? 'UTC',
      } satisfies When;
      const own = times(when);
      const from = Date.UTC(2026, below(12), 1 + below(28));
      const all = spansBetween(own, from, from + 21 * 86_400_000);
      assert.ok(all.length >= 2, JSON.stringify(when));
      for (const [index, span] of all.entries()) {
        const before = all[index - 1];
        assert.ok(!before || before.until < span.from, JSON.stringify({ when, before, span }));
        assert.deepEqual(own.at(span.from), span);
        assert.deepEqual(own.at(span.until - 1), span);
        assert.equal(own.at(span.until), undefined);
        assert.deepEqual(own.next(span.from - 1), span);
      }
    }
  });
});

const berlin = [
  'BEGIN:VTIMEZONE',
  'TZID:Office',
  'BEGIN:DAYLIGHT',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'DTSTART:19700329T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'END:DAYLIGHT',
  'BEGIN:STANDARD',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'DTSTART:19701025T030000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'END:STANDARD',
  'END:VTIMEZONE',
];

function calendar(...lines: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:test', ...lines, 'END:VCALENDAR'].join('\r\n');
}

function event(...lines: readonly string[]): string[] {
  return ['BEGIN:VEVENT', 'UID:1', 'SUMMARY:freeze', ...lines, 'END:VEVENT'];
}

function icalSpans(text: string, from: string, until: string): string[] {
  const all = spansBetween(icalTimes(text, 'Europe/Berlin'), Date.parse(from), Date.parse(until));
  return all.map((span) => `${iso(span.from)}/${iso(span.until)}`);
}

describe('an iCalendar', () => {
  const march = ['2026-03-27T00:00Z', '2026-04-01T00:00Z'] as const;
  const rule = ['DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4'];
  const expected = [
    '2026-03-27T04:00/2026-03-27T05:00',
    '2026-03-29T03:00/2026-03-29T04:00',
    '2026-03-30T03:00/2026-03-30T04:00',
  ];

  it('repeats by its own clock over a change to summer time, without what is left out', () => {
    for (const [tzid, ...definition] of [['Office', ...berlin], ['Europe/Berlin']]) {
      const own = event(`DTSTART;TZID=${tzid}:20260327T050000`, ...rule, `EXDATE;TZID=${tzid}:20260328T050000`);
      assert.deepEqual(icalSpans(calendar(...definition, ...own), ...march), expected);
    }
  });

  it('takes a time that spring leaves out as RFC 5545 has it', () => {
    const own = event('DTSTART;TZID=Europe/Berlin:20260329T023000', 'DURATION:PT1H');
    assert.deepEqual(icalSpans(calendar(...own), ...march), ['2026-03-29T01:30/2026-03-29T02:30']);
  });

  it('takes days as those of the zone that it is given', () => {
    const day = event('DTSTART;VALUE=DATE:20260328', 'DTEND;VALUE=DATE:20260330');
    assert.deepEqual(icalSpans(calendar(...day), ...march), ['2026-03-27T23:00/2026-03-29T22:00']);
  });

  it('moves the occurrence that a calendar moved', () => {
    const moved = event('RECURRENCE-ID:20260328T050000Z', 'DTSTART:20260328T100000Z', 'DURATION:PT2H');
    const own = event('DTSTART:20260327T050000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=2');
    assert.deepEqual(icalSpans(calendar(...own, ...moved), ...march), [
      '2026-03-27T05:00/2026-03-27T06:00',
      '2026-03-28T10:00/2026-03-28T12:00',
    ]);
  });

  it('leaves out what is cancelled or takes no time', () => {
    const own = event('DTSTART:20260327T050000Z', 'DURATION:PT1H');
    const gone = event('DTSTART:20260328T050000Z', 'DURATION:PT1H', 'STATUS:CANCELLED');
    const free = event('DTSTART:20260329T050000Z', 'DURATION:PT1H', 'TRANSP:TRANSPARENT');
    assert.deepEqual(icalSpans(calendar(...own, ...gone, ...free), ...march), ['2026-03-27T05:00/2026-03-27T06:00']);
  });

  it('is asked for what comes next as often as you like, and whatever time goes by', () => {
    const dayMs = 86_400_000;
    const today = Math.floor(Date.now() / dayMs) * dayMs;
    const begin = new Date(today - 1_000 * dayMs).toISOString().slice(0, 10).replaceAll('-', '');
    const times = icalTimes(calendar(...event(`DTSTART:${begin}T100000Z`, 'DURATION:PT1H', 'RRULE:FREQ=DAILY')), 'UTC');
    // So often a window is looked at in three days.
    for (let second = 0; second < 52_000 * 5; second += 5) {
      const next = today + 36_000_000 + Math.floor((second + 50_400) / 86_400) * dayMs;
      if (times.next(today + second * 1000)?.from !== next) assert.fail(`${second} s after midnight`);
    }
    const hours = icalTimes(
      calendar(...event(`DTSTART:${begin}T100000Z`, 'DURATION:PT1M', 'RRULE:FREQ=HOURLY')),
      'UTC',
    );
    for (let month = 0; month < 60; month += 1) {
      const moment = today + month * 30 * dayMs;
      assert.equal(hours.at(moment)?.from, moment);
    }
  });

  it('is refused when its rules would be asked for ever', () => {
    const own = ['DTSTART:20260101T100000Z', 'DURATION:PT1H'];
    const never = ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=SECONDLY;BYMONTH=12', 'FREQ=DAILY;INTERVAL=99999999999'];
    for (const rule of never) {
      const text = calendar(...event(...own, `RRULE:${rule}`));
      assert.throws(() => icalTimes(text, 'UTC'), { code: 'ICAL_INVALID' }, rule);
    }
    const zone = berlin.map((line) => line.replace('FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU', 'FREQ=SECONDLY'));
    const text = calendar(...zone, ...event('DTSTART;TZID=Office:20260101T100000', 'DURATION:PT1H'));
    assert.throws(() => icalTimes(text, 'UTC'), { code: 'ICAL_INVALID' });
    const broken = calendar(...event(...own, 'RRULE:FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1'));
    assert.throws(() => icalTimes(broken, 'UTC'), { code: 'ICAL_INVALID', message: /BYYEARDAY/ });
  });

  it('that is written out reads as the same', () => {
    const from = Date.parse('2026-03-29T00:30Z');
    const entries = [
      { uid: 'a@virtflow', summary: 'Freeze; all, really', description: 'Quarter\nend', from, until: from + 5_400_000 },
    ];
    const text = icalOf(entries, from);
    assert.match(text, /SUMMARY:Freeze\\; all\\, really\r\n/);
    assert.deepEqual(icalSpans(text, ...march), ['2026-03-29T00:30/2026-03-29T02:00']);
  });
});
