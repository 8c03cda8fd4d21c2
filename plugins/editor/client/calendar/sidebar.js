import { make } from '../dom.js';
import { words } from '../words.js';
import { checkDeploys, offerBadge } from './deploy-check.js';
import { calendarView } from './view.js';

const id = 'virtflow-calendar';
const action = 'virtflow:show-calendar';

/** The calendar in Node-RED's sidebar, the action that opens it and its keys, and the check before a deploy. */
export function registerCalendar() {
  RED.plugins.registerPlugin(id, { onadd: addTab });
}

function addTab() {
  const content = make('div', { class: 'virtflow-place' });
  /** @type {ReturnType<typeof calendarView> | undefined} */
  let view;

  /** Made when it is opened the first time: until then it costs nobody anything. */
  function open() {
    if (view) return view;
    view = calendarView();
    content.append(view.element);
    view.start();
    return view;
  }

  function show() {
    RED.sidebar.show(id);
    open().focus();
  }

  RED.actions.add(action, show, { label: words('calendar.show') });
  RED.keyboard.add('*', 'ctrl-g k', action);
  RED.sidebar.addTab({
    id,
    label: words('calendar.label'),
    name: words('calendar.title'),
    iconClass: 'fa fa-calendar',
    content,
    action,
    enableOnEdit: true,
    onchange: open,
  });
  offerBadge();
  RED.events.on('flows:loaded', () => checkDeploys(show));
}
