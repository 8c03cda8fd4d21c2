import { registerSidebarTab } from '../sidebar-tab.js';
import { operationsView } from './view.js';

export function registerOperations() {
  registerSidebarTab({ name: 'operations', icon: 'fa-tasks', keys: 'ctrl-g o', makeView: operationsView });
}
