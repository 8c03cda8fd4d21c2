import { showOnCanvas } from '../operations/canvas.js';
import { registerSidebarTab } from '../sidebar-tab.js';
import { words } from '../words.js';
import { ruleView } from './rule-view.js';
import { alertsView } from './view.js';

export function registerAlerts() {
  registerSidebarTab({ name: 'alerts', icon: 'fa-bell', keys: 'ctrl-g a', makeView: () => alertsView({ showRule }) });
}

/** The node on the canvas that has it, or else how it stands. @param {string} id */
function showRule(id) {
  if (RED.nodes.node(id)) showOnCanvas(id);
  else void openTray(id);
}

/** @param {string} id */
async function openTray(id) {
  const { element, focused } = await ruleView(id);
  RED.tray.show({
    title: words('alerts.rule.title'),
    width: 560,
    buttons: [
      { id: 'virtflow-rule-close', class: 'primary', text: words('alerts.close'), click: () => RED.tray.close() },
    ],
    open: (tray) => {
      tray.find('.red-ui-tray-body').get(0)?.append(element);
      focused.focus();
    },
    close: () => undefined,
  });
}
