import { make } from '../dom.js';
import { words } from '../words.js';
import { alertsView } from './view.js';

const id = 'virtflow-alerts';
const action = 'virtflow:show-alerts';

/** The tab of Node-RED's sidebar, the action that opens it, and its keys. */
export function registerAlerts() {
  RED.plugins.registerPlugin(id, { onadd: addTab });
}

function addTab() {
  const content = make('div', { class: 'virtflow-place' });
  /** @type {ReturnType<typeof alertsView> | undefined} */
  let view;

  /** Made when it is opened the first time: until then it costs nobody anything. */
  function open() {
    if (view) return view;
    view = alertsView();
    content.append(view.element);
    view.start();
    return view;
  }

  function show() {
    RED.sidebar.show(id);
    open().focus();
  }

  RED.actions.add(action, show, { label: words('alerts.show') });
  RED.keyboard.add('*', 'ctrl-g a', action);
  RED.sidebar.addTab({
    id,
    label: words('alerts.label'),
    name: words('alerts.title'),
    iconClass: 'fa fa-bell',
    content,
    action,
    enableOnEdit: true,
    onchange: open,
  });
}
