import { byId, element, prose } from './dom.js';
import { base, startLogin } from './login.js';
import { tryIt } from './try.js';

/**
 * @typedef {import('./try.js').Operation} Operation
 *
 * @typedef {object} Document
 * @property {{ description: string }} info
 * @property {{ name: string, description: string }[]} tags
 * @property {Record<string, Record<string, Operation>>} paths
 *
 * @typedef {{ method: string, path: string, operation: Operation }} Route
 */

/** @param {Document} description */
function show({ info, tags, paths }) {
  byId('about').append(...prose(info.description));
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  for (const { name, description } of tags) {
    const own = routes.filter(({ operation }) => operation.tags.includes(name));
    if (own.length === 0) continue;
    byId('contents').append(element('section', {}, element('h2', {}, name), ...own.map(linkTo)));
    byId('routes').append(
      element('section', {}, element('h2', {}, name), element('p', {}, ...prose(description)), ...own.map(routeOf)),
    );
  }
  openLinked();
}

/** @param {Route} route */
function idOf({ method, path }) {
  return `${method}${path}`;
}

/** @param {Route} route */
function linkTo(route) {
  const { method, path } = route;
  const badge = element('span', { class: `method ${method}` }, method.toUpperCase());
  return element('a', { href: `#${idOf(route)}`, title: path, 'data-words': wordsOf(route) }, badge, path);
}

/** @param {Route} route */
function wordsOf({ method, path, operation }) {
  return `${method} ${path} ${operation.summary}`.toLowerCase();
}

/** @param {Route} route */
function routeOf(route) {
  const { method, path, operation } = route;
  const summary = element(
    'summary',
    {},
    element('span', { class: `method ${method}` }, method.toUpperCase()),
    element('code', { class: 'path' }, path),
    element('span', { class: 'what' }, operation.summary),
  );
  const details = element('details', { class: 'route', id: idOf(route), 'data-words': wordsOf(route) }, summary);
  // Made when it is first opened: a page of a hundred forms is slow to begin with.
  details.addEventListener('toggle', () => details.append(insideOf(route)), { once: true });
  return details;
}

/** @param {Route} route */
function insideOf({ method, path, operation }) {
  const about = operation.description ? element('p', { class: 'more' }, ...prose(operation.description)) : undefined;
  const answers = Object.entries(operation.responses).map(([status, { description }]) =>
    element('tr', {}, element('td', {}, status), element('td', {}, ...prose(description))),
  );
  return element(
    'div',
    { class: 'inside' },
    about,
    element('h3', {}, 'Try it'),
    tryIt(method, path, operation),
    element('h3', {}, 'Answers'),
    element('table', {}, element('tbody', {}, ...answers)),
  );
}

function openLinked() {
  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(linked instanceof HTMLDetailsElement)) return;
  linked.open = true;
  linked.scrollIntoView();
}

/** @param {string} text */
function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const one of document.querySelectorAll('[data-words]')) {
    if (!(one instanceof HTMLElement)) continue;
    one.hidden = !words.every((word) => one.dataset.words?.includes(word));
  }
  for (const section of document.querySelectorAll('section')) {
    section.hidden = section.querySelector('[data-words]:not([hidden])') === null;
  }
}

byId('base').textContent = base;
byId('search').addEventListener('input', ({ target }) => find(target instanceof HTMLInputElement ? target.value : ''));
addEventListener('hashchange', openLinked);
startLogin();
fetch(`${base}/openapi.json`)
  .then((response) => response.json())
  .then(show)
  .catch((error) => byId('about').append(`The description cannot be read: ${error}`));
