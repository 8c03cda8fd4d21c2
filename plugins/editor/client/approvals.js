import { ask } from './api.js';
import { approvalCard, problemText, titleOf } from './approval-card.js';
import { make } from './dom.js';
import { words } from './words.js';

const tabId = 'virtflow-approvals';
const lookEveryMs = 60_000;

/** The sidebar with what is to be approved; whoever may answer is told when something new comes. */
export function openApprovals() {
  const list = make('div', { class: 'virtflow-approvals-list' });
  const status = make('p', { class: 'virtflow-hint', role: 'status' });
  const filter = make(
    'select',
    { 'aria-label': words('approvals.show') },
    make('option', { value: 'pending' }, words('approvals.open')),
    make('option', { value: '' }, words('approvals.all')),
  );
  const content = make(
    'div',
    { class: 'virtflow-approvals' },
    make('div', { class: 'virtflow-approvals-bar' }, filter),
    status,
    list,
  );
  /** @type {Map<string, { signature: string, element: HTMLElement }>} */
  let cards = new Map();
  /** @type {Set<string>} */
  let known = new Set();
  let latest = 0;
  /** @type {{ close(): void } | undefined} */
  let notice;

  const look = async () => {
    latest += 1;
    const own = latest;
    try {
      const items = approvalsIn(await ask('GET', 'v1/approvals', filter.value ? { state: filter.value } : {}));
      if (own === latest) show(items);
    } catch (error) {
      if (own === latest) status.textContent = problemText(error);
    }
  };

  /** @param {Approval[]} items */
  const show = (items) => {
    status.textContent = items.length === 0 ? words('approvals.none') : '';
    const before = cards;
    cards = new Map(items.map((item) => [item.id, cardOf(item, before.get(item.id))]));
    // What somebody is typing into is left where it is.
    for (const { element } of before.values()) {
      if (![...cards.values()].some((card) => card.element === element)) element.remove();
    }
    [...cards.values()].forEach(({ element }, index) => {
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
    });
    tell(items.filter(({ mayAnswer }) => mayAnswer));
  };

  /**
   * @param {Approval} item
   * @param {{ signature: string, element: HTMLElement } | undefined} before
   */
  const cardOf = (item, before) => {
    const signature = JSON.stringify([item.round, item.state, item.answers.length, item.mayAnswer]);
    if (before?.signature === signature) return before;
    const isOpen = before?.element.hasAttribute('open') ?? false;
    const element = approvalCard(item, isOpen, async (decision, form, comment) => {
      await ask('POST', `v1/approvals/${encodeURIComponent(item.id)}/answer`, {
        decision,
        round: item.round,
        form,
        comment,
      });
      await look();
    });
    return { signature, element };
  };

  /** @param {Approval[]} mine */
  const tell = (mine) => {
    showBadge(mine.length);
    const fresh = mine.filter(({ id, round }) => !known.has(`${id} ${round}`));
    known = new Set(mine.map(({ id, round }) => `${id} ${round}`));
    const isShown = content.offsetParent !== null;
    if (mine.length === 0 || isShown) notice?.close();
    if (fresh.length === 0 || isShown) return;
    const [first] = fresh;
    const text = words('approvals.waiting', { count: mine.length, title: first ? titleOf(first) : '' });
    notice = RED.notify(make('span', {}, text).outerHTML, {
      type: 'warning',
      id: tabId,
      timeout: 15_000,
      buttons: [
        {
          text: words('approvals.look'),
          class: 'primary',
          click: () => {
            RED.sidebar.show(tabId);
            notice?.close();
          },
        },
      ],
    });
  };

  RED.sidebar.addTab({
    id: tabId,
    label: words('approvals.tab'),
    name: words('approvals.tab'),
    iconClass: 'fa fa-gavel',
    content,
    enableOnEdit: true,
    onchange: look,
  });
  filter.addEventListener('change', look);
  RED.comms.subscribe('virtflow/approvals', look);
  window.setInterval(look, lookEveryMs);
  void look();
}

/** @param {number} count */
function showBadge(count) {
  const link = document.querySelector(`button[data-tab-id="${tabId}"]`);
  link?.querySelector('.virtflow-badge')?.remove();
  if (count === 0 || !link) return;
  link.append(make('span', { class: 'virtflow-badge', title: words('approvals.mine', { count }) }, String(count)));
}

/**
 * @param {unknown} answer
 * @returns {Approval[]}
 */
function approvalsIn(answer) {
  if (typeof answer !== 'object' || answer === null || !('items' in answer) || !Array.isArray(answer.items)) return [];
  return answer.items;
}
