import { words } from '../words.js';
import { configOf, dueOf, movedDue } from './moves.js';

const scheduleType = 'virtflow-schedule';
/** Of what the editor hangs on a node, this goes to the server. */
const settings = ['repeat', 'weekdays', 'days', 'time', 'at', 'cron', 'zone', 'windows'];

/** Whether there is any schedule on the canvas. */
export function hasSchedules() {
  return RED.nodes.filterNodes({ type: scheduleType }).length > 0;
}

/**
 * Schedules of all flows as they are drawn, with the nodes that their messages come to.
 * @param {readonly CalendarSchedule[]} deployed
 * @param {{ id: string, config: Record<string, unknown> }} [typed] one whose form is open
 * @returns {{ schedules: DrawnSchedule[], gone: string[] }} `gone`: those that would run no more, were it deployed
 */
export function drawnSchedules(deployed, typed) {
  // Runs of one that is disabled are not among what is due; they are asked for here.
  const ids = new Set(deployed.filter(({ enabled }) => enabled).map(({ id }) => id));
  const nodes = RED.nodes.filterNodes({ type: scheduleType }).filter(runs);
  const drawn = new Set(nodes.map(({ id }) => id));
  // What stands in a subflow runs under ids of its own, which no canvas shows.
  const isOnTab = (/** @type {CalendarSchedule} */ { flow }) => flow !== null && !RED.nodes.node(flow);
  return {
    schedules: nodes.map((node) => {
      const schedule = drawnSchedule(node, ids.has(node.id));
      return node.id === typed?.id ? { ...schedule, config: typed.config, isChanged: true } : schedule;
    }),
    gone: deployed.filter((one) => isOnTab(one) && !drawn.has(one.id)).map(({ id }) => id),
  };
}

/** @param {EditorNode} node @returns {boolean} */
function runs({ d, z }) {
  const tab = RED.nodes.workspace(String(z));
  return d !== true && tab !== undefined && tab.disabled !== true;
}

/** @param {EditorNode} node @param {boolean} isDeployed @returns {DrawnSchedule} */
function drawnSchedule(node, isDeployed) {
  const after = followed(node);
  const isChanged = !isDeployed || node.changed === true;
  const works = after.filter(({ target, d, mode }) => typeof target === 'object' && d !== true && mode !== 'plan');
  return {
    id: node.id,
    name: node.name ?? '',
    flow: String(node.z),
    config: Object.fromEntries(settings.map((name) => [name, node[name]])),
    works: works.map(({ type, action, target }) => ({ type, action, target })),
    isChanged,
  };
}

/** Where a node's messages come to, over wires and links. @param {EditorNode} start */
function followed(start) {
  const seen = new Set([start]);
  for (const node of seen) {
    for (const next of [...RED.nodes.getDownstreamNodes(node), ...linkedFrom(node)]) seen.add(next);
  }
  seen.delete(start);
  return [...seen];
}

/** @param {EditorNode} node @returns {EditorNode[]} */
function linkedFrom({ type, links }) {
  if (type !== 'link out' || !Array.isArray(links)) return [];
  return links.map((id) => RED.nodes.node(id)).filter((node) => node !== null && node !== undefined);
}

/**
 * Has a schedule's node be due at another moment, as if its form had been edited: the flow is changed, and it can be
 * undone. Or tells why that cannot be.
 * @param {string} id
 * @param {number} from
 * @param {number} to
 * @param {string} serverZone
 * @returns {string} empty where it was done
 */
export function moveDrawn(id, from, to, serverZone) {
  const node = RED.nodes.node(id);
  if (!node) return words('calendar.fixed.noNode');
  if (RED.nodes.workspace(String(node.z))?.locked) return words('calendar.fixed.locked');
  if (!RED.user.hasPermission('flows.write')) return words('calendar.fixed.denied');
  const zone = String(node.zone ?? '').trim() || serverZone;
  const moved = movedDue(dueOf(node), zone, from, to);
  if ('reason' in moved) return moved.reason;
  edit(node, configOf(moved.value));
  return '';
}

/** @param {EditorNode} node @param {Record<string, unknown>} values */
function edit(node, values) {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, node[name]]));
  RED.history.push({ t: 'edit', node, changes: before, changed: node.changed === true, dirty: RED.nodes.dirty() });
  Object.assign(node, values, { changed: true, dirty: true });
  RED.nodes.dirty(true);
  RED.editor.validateNode(node);
  RED.events.emit('nodes:change', node);
  RED.view.redraw();
}
