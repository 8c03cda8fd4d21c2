import { registerSidebarTab } from '../sidebar-tab.js';
import { alertsView } from './view.js';

export function registerAlerts() {
  registerSidebarTab({ name: 'alerts', icon: 'fa-bell', keys: 'ctrl-g a', makeView: alertsView });
}
