import { make } from './dom.js';
import { words } from './words.js';

/**
 * A tab of Node-RED's sidebar, the action that opens it, and its keys. Its words are `name`.show, .label and .title.
 * @param {object} about
 * @param {string} about.name
 * @param {string} about.icon
 * @param {string} about.keys
 * @param {() => { element: HTMLElement, start(): void, focus(): void }} about.makeView
 * @param {(show: () => void) => void} [about.added] called once the tab is there
 */
export function registerSidebarTab({ name, icon, keys, makeView, added }) {
  const id = `virtflow-${name}`;
  const action = `virtflow:show-${name}`;
  const content = make('div', { class: 'virtflow-place' });
  /** @type {ReturnType<typeof makeView> | undefined} */
  let view;

  /** Made when it is opened the first time: until then it costs nobody anything. */
  function open() {
    if (view) return view;
    view = makeView();
    content.append(view.element);
    view.start();
    return view;
  }

  function show() {
    RED.sidebar.show(id);
    open().focus();
  }

  function onadd() {
    RED.actions.add(action, show, { label: words(`${name}.show`) });
    RED.keyboard.add('*', keys, action);
    RED.sidebar.addTab({
      id,
      label: words(`${name}.label`),
      name: words(`${name}.title`),
      iconClass: `fa ${icon}`,
      content,
      action,
      enableOnEdit: true,
      onchange: open,
    });
    added?.(show);
  }

  RED.plugins.registerPlugin(id, { onadd });
}
