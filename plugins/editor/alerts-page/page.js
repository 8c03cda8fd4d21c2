import { ruleView } from './alerts/rule-view.js';
import { alertsView } from './alerts/view.js';
import { make } from './dom.js';
import { problemFrom, rest } from './operations/rest.js';
import { editor, useToken } from './shell.js';
import { words } from './words.js';

const base = `${editor}/alerts`;
/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const token = /** @type {HTMLInputElement} */ (byId('token'));
const dialog = /** @type {HTMLDialogElement} */ (byId('dialog'));

/** The list stands here once somebody was let in. @type {ReturnType<typeof alertsView> | undefined} */
let view;

/** The alert that the address names. */
function named() {
  return decodeURIComponent(location.pathname.slice(base.length + 1));
}

/** What is open stands in the address, so that it can be sent to somebody. @param {string} id */
function opened(id) {
  const path = id === '' ? base : `${base}/${encodeURIComponent(id)}`;
  if (location.pathname !== path) history.replaceState(null, '', path);
}

/** @param {string} id */
async function showRule(id) {
  const { element } = await ruleView(id);
  const close = make('button', { type: 'button', class: 'virtflow-button' }, words('alerts.close'));
  close.addEventListener('click', () => dialog.close());
  dialog.setAttribute('aria-label', words('alerts.rule.title'));
  const frame = make('div', { class: 'virtflow-operations virtflow-alerts' }, element, close);
  dialog.replaceChildren(make('h2', {}, words('alerts.rule.title')), frame);
  dialog.showModal();
}

/** Asks who this is, and shows the list, or how to be let in. */
async function enter() {
  try {
    await rest('GET', '/whoami');
  } catch (thrown) {
    const { status, message, advice } = problemFrom(thrown);
    if (status !== 401)
      byId('main').replaceChildren(make('p', { class: 'wrong', role: 'alert' }, `${message} ${advice}`));
    return;
  }
  const login = byId('login');
  login.hidden = true;
  if (view) return;
  view = alertsView({ showRule: (id) => void showRule(id), opened });
  byId('main').replaceChildren(view.element);
  const id = named();
  view.start();
  if (id === '') view.focus();
  else view.open(id);
}

function changeTheme() {
  const { dataset } = document.documentElement;
  const isDark = document.documentElement.classList.contains('nr-theme-dark');
  dataset.theme = isDark ? 'light' : 'dark';
  paint();
}

/** As chosen here, or as the system has it. */
function paint() {
  const { dataset, classList } = document.documentElement;
  const isDark = dataset.theme ? dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  classList.toggle('nr-theme-dark', isDark);
}

document.title = `${words('alerts.title')} · virtflow`;
byId('title').textContent = words('alerts.title');
byId('theme').title = words('page.theme');
byId('theme').setAttribute('aria-label', words('page.theme'));
byId('token-label').textContent = words('page.token');
byId('use').textContent = words('page.use');
byId('says').textContent = words('page.logIn');
byId('links').setAttribute('aria-label', words('page.links'));
byId('links').replaceChildren(
  make('a', { href: `${editor}/dashboards` }, words('page.dashboards')),
  make('a', { href: `${editor}/` }, words('page.editor')),
);
byId('theme').addEventListener('click', changeTheme);
byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  useToken(token.value.trim());
  token.value = '';
  void enter();
});
document.addEventListener('virtflow-denied', () => {
  byId('login').hidden = false;
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
paint();
void enter();
