import { make } from '../dom.js';
import { words } from '../words.js';
import { operationsView } from './view.js';

const id = 'virtflow-operations';
const action = 'virtflow:show-operations';

/** The tab of Node-RED's sidebar, the action that opens it, and its keys. */
export function registerOperations() {
  RED.plugins.registerPlugin(id, { onadd: addTab });
}

function addTab() {
  const content = make('div', { class: 'virtflow-place' });
  /** @type {ReturnType<typeof operationsView> | undefined} */
  let view;

  /** Made when it is opened the first time: until then it costs nobody anything. */
  function open() {
    if (view) return view;
    view = operationsView();
    content.append(view.element);
    view.start();
    return view;
  }

  function show() {
    RED.sidebar.show(id);
    open().focus();
  }

  RED.actions.add(action, show, { label: words('operations.show') });
  RED.keyboard.add('*', 'ctrl-g o', action);
  RED.sidebar.addTab({
    id,
    label: words('operations.label'),
    name: words('operations.title'),
    iconClass: 'fa fa-tasks',
    content,
    action,
    enableOnEdit: true,
    onchange: open,
  });
}
