import { element } from './dom.js';

const box = element('div', { class: 'tip', hidden: true });
document.body.append(box);
let isPinned = false;
let returnTo;

/** Shows something beside the pointer; nothing takes it away. */
export function showTip(content) {
  if (isPinned) return;
  box.hidden = !content;
  if (content) box.replaceChildren(content);
}

/** Keeps it where it is, so that its links can be followed; Escape or a click elsewhere ends that. */
export function pinTip(content, from, { x, y }) {
  closeTip();
  box.hidden = false;
  box.replaceChildren(content);
  box.classList.add('pinned');
  isPinned = true;
  returnTo = from;
  place(x, y);
  box.querySelector('a')?.focus();
}

export function closeTip() {
  const hadFocus = box.contains(document.activeElement);
  isPinned = false;
  box.classList.remove('pinned');
  box.hidden = true;
  if (hadFocus) returnTo?.focus();
}

export function movesTip({ clientX, clientY }) {
  if (!box.hidden && !isPinned) place(clientX, clientY);
}

function place(x, y) {
  const isRight = x > innerWidth - 380;
  box.style.left = isRight ? '' : `${x + 16}px`;
  box.style.right = isRight ? `${innerWidth - x + 16}px` : '';
  box.style.top = `${Math.max(0, Math.min(y + 14, innerHeight - box.offsetHeight - 8))}px`;
}

document.addEventListener('mousedown', ({ target }) => {
  if (isPinned && target instanceof Node && !box.contains(target)) closeTip();
});
