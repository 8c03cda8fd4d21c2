import ICAL from 'ical.js';

/**
 * Has whoever reckons with the rules of a calendar be told of each step, so that it can be stopped: a rule may name a day
 * that never comes (the 30th of February), and the library would look for it for ever.
 * @param spend throws when it is enough
 */
export function watchRules(calendar: ICAL.Component, spend: (steps: number) => void): void {
  class WatchedIterator extends ICAL.RecurIterator {
    override check_contracting_rules(): boolean {
      spend(1);
      return super.check_contracting_rules();
    }

    /** It goes day by day, whatever the INTERVAL is. */
    override increment_monthday(days: number): void {
      spend(days);
      super.increment_monthday(days);
    }

    override expand_year_days(year: number): number {
      spend(4);
      return super.expand_year_days(year);
    }
  }
  for (const rule of rulesOf(calendar)) rule.iterator = (dtstart) => new WatchedIterator({ rule, dtstart });
}

/** Those of its entries, and of the time zones that it defines. */
function rulesOf(calendar: ICAL.Component): ICAL.Recur[] {
  const zones = calendar.getAllSubcomponents('vtimezone').flatMap((zone) => zone.getAllSubcomponents());
  const rules = [...calendar.getAllSubcomponents('vevent'), ...zones].flatMap((one) => one.getAllProperties('rrule'));
  return rules.map((rule) => rule.getFirstValue()).filter((rule) => rule instanceof ICAL.Recur);
}
