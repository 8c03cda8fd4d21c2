import { make } from '../dom.js';
import { rest } from '../operations/rest.js';
import { words } from '../words.js';
import { judgeDrawn } from './book.js';
import { clashSentence } from './clash-words.js';
import { hasSchedules } from './drawn.js';

const badge = 'virtflow-calendar-conflict';
const typedMs = 1_000;
/** So long a deploy waits for the judgement; then it goes its way. */
const patienceMs = 4_000;
const deployButton = '#red-ui-header-button-deploy';
const dayMs = 86_400_000;

/** @type {CalendarConflict[]} */
let conflicts = [];
/** What clashed when it was deployed, or was deployed nevertheless. @type {Set<string>} */
let known = new Set();
/** What clashed when the deploy began that is under way: while flows start anew, little is known of what they work on. @type {Set<string>} */
let deploying = new Set();
let isStale = false;
/** Counts what was asked, so that an answer that was overtaken is dropped. */
let asked = 0;

/** Marks schedules that clash on the canvas; before there are nodes on it. */
export function offerBadge() {
  RED.view.annotations.register(badge, {
    type: 'badge',
    class: badge,
    element: badgeElement,
    filter: (node) => node.type === 'virtflow-schedule',
    show: (node) => conflictsOf(node.id).length > 0,
    tooltip: (node) => conflictsOf(node.id).map(clashSentence).join('\n'),
  });
}

/**
 * Has the server judge schedules as they are drawn, before they are deployed: what clashes is shown on the nodes, and
 * whoever deploys what clashes newly is asked.
 * @param {() => void} showCalendar
 */
export function checkDeploys(showCalendar) {
  let timer = 0;
  const later = () => {
    isStale = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void judge(), typedMs);
  };
  for (const event of ['nodes:add', 'nodes:change', 'nodes:remove', 'links:add', 'links:remove', 'flows:change']) {
    RED.events.on(event, later);
  }
  RED.events.on('deploy', () => {
    known = deploying;
    later();
  });
  RED.events.on('runtime-state', later);
  guardDeploys(showCalendar);
  void judge().then(() => {
    known = new Set(conflicts.map(keyOf));
  });
}

/** The clashes that a schedule is part of, as it is drawn. @param {string} id */
export function conflictsOf(id) {
  return conflicts.filter(({ schedules }) => schedules.includes(id));
}

async function judge() {
  asked += 1;
  const own = asked;
  const found = hasSchedules() ? await judgement() : [];
  if (own !== asked || found === undefined) return;
  isStale = false;
  conflicts = found;
  for (const node of RED.nodes.filterNodes({ type: 'virtflow-schedule' })) node.dirty = true;
  RED.view.redraw();
}

/** Undefined where nobody answers: nothing is known then. */
async function judgement() {
  const now = Date.now();
  try {
    const { items } = /** @type {{ items: CalendarSchedule[] }} */ (await rest('GET', '/schedules'));
    return (await judgeDrawn(items, now, now + dayMs)).conflicts;
  } catch {
    return undefined;
  }
}

/** @param {CalendarConflict} conflict */
function keyOf({ kind, schedules, window: id }) {
  return JSON.stringify([kind, schedules.toSorted(), id]);
}

function begin() {
  deploying = new Set(conflicts.map(keyOf));
}

function newConflicts() {
  return conflicts.filter((conflict) => !known.has(keyOf(conflict)));
}

function badgeElement() {
  const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
  text.setAttribute('class', 'virtflow-calendar-badge');
  text.setAttribute('x', '0');
  text.setAttribute('y', '10');
  text.textContent = '\uf071';
  return text;
}

/** Stands before the button and the action that deploy. @param {() => void} showCalendar */
function guardDeploys(showCalendar) {
  const action = 'core:deploy-flows';
  const deploy = RED.actions.get(action);
  RED.actions.remove(action);
  RED.actions.add(action, (...args) => void unlessClashing(() => deploy(...args), showCalendar));
  document.addEventListener(
    'click',
    (event) => {
      const isDeploy = event.target instanceof Element && event.target.closest(deployButton);
      if (!isDeploy) return;
      if (!isStale && newConflicts().length === 0) return begin();
      event.stopImmediatePropagation();
      event.preventDefault();
      void unlessClashing(deploy, showCalendar);
    },
    true,
  );
}

/** @param {() => void} deploy @param {() => void} showCalendar */
async function unlessClashing(deploy, showCalendar) {
  if (isStale) await Promise.race([judge(), new Promise((resolve) => window.setTimeout(resolve, patienceMs))]);
  const found = newConflicts();
  const proceed = () => {
    begin();
    deploy();
  };
  if (found.length === 0) return proceed();
  const list = make('ul', {}, ...found.slice(0, 10).map((conflict) => make('li', {}, clashSentence(conflict))));
  const more = found.length > 10 ? [make('p', {}, words('calendar.more', { count: found.length - 10 }))] : [];
  const notice = RED.notify(make('div', {}, make('p', {}, words('calendar.deploy.found')), list, ...more), {
    type: 'warning',
    modal: true,
    fixed: true,
    buttons: [
      { text: words('calendar.deploy.cancel'), click: () => notice.close() },
      {
        text: words('calendar.deploy.show'),
        click: () => {
          notice.close();
          showCalendar();
        },
      },
      {
        text: words('calendar.deploy.anyway'),
        class: 'primary',
        click: () => {
          notice.close();
          proceed();
        },
      },
    ],
  });
}
