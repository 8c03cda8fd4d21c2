import { registerSidebarTab } from '../sidebar-tab.js';
import { checkDeploys, offerBadge } from './deploy-check.js';
import { calendarView } from './view.js';

/** The calendar in Node-RED's sidebar, and the check before a deploy. */
export function registerCalendar() {
  registerSidebarTab({
    name: 'calendar',
    icon: 'fa-calendar',
    keys: 'ctrl-g k',
    makeView: calendarView,
    added: (show) => {
      offerBadge();
      RED.events.on('flows:loaded', () => checkDeploys(show));
    },
  });
}
