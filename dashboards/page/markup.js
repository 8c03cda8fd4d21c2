import { element } from './dom.js';

const inline = /\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** A text panel: the part of Markdown that such texts need, or HTML of which only plain elements are taken. */
export function drawText(body, panel, _data, board) {
  const { content = '', mode = 'markdown' } = panel.options ?? {};
  const text = board.scope.text(content);
  const parts = mode === 'html' ? fromHtml(text, board) : mode === 'code' ? [code(text)] : fromMarkdown(text, board);
  body.append(element('div', { class: 'text', tabindex: 0 }, ...parts));
  return {};
}

function code(text) {
  return element('pre', {}, element('code', {}, text));
}

function fromMarkdown(text, board) {
  return text.split(/(```[^\n]*\n[\s\S]*?```)|\n{2,}/).flatMap((block) => {
    if (!block?.trim()) return [];
    const [, fenced] = /^```[^\n]*\n([\s\S]*?)```$/.exec(block) ?? [];
    return fenced === undefined ? [blockOf(block.trim(), board)] : [code(fenced)];
  });
}

function blockOf(block, board) {
  const [, marks, title] = /^(#{1,6})\s+(.*)$/.exec(block) ?? [];
  if (marks) return element('h3', {}, ...spans(title, board));
  const lines = block.split('\n');
  const bullet = /^\s*(?:[-*+]|\d+[.)])\s+/;
  if (!lines.every((line) => bullet.test(line))) return element('p', {}, ...spans(block, board));
  const items = lines.map((line) => element('li', {}, ...spans(line.replace(bullet, ''), board)));
  return element(/^\s*\d/.test(block) ? 'ol' : 'ul', {}, ...items);
}

function spans(text, board) {
  const made = [];
  let end = 0;
  for (const found of text.matchAll(inline)) {
    const [whole, strong, light, literal, label, url] = found;
    made.push(text.slice(end, found.index));
    end = found.index + whole.length;
    if (strong) made.push(element('strong', {}, strong));
    else if (light) made.push(element('em', {}, light));
    else if (literal) made.push(element('code', {}, literal));
    else made.push(element('a', { href: board.link(url) }, label));
  }
  return [...made, text.slice(end)];
}

const plain = new Set(
  'A B STRONG I EM U S CODE PRE P BR HR H1 H2 H3 H4 H5 H6 UL OL LI DIV SPAN SMALL TABLE THEAD TBODY TR TH TD BLOCKQUOTE'.split(
    ' ',
  ),
);
const unseen = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT']);

/** Parsed and built anew: nothing of it runs, loads or looks like something of the page. */
function fromHtml(text, board) {
  const { body } = new DOMParser().parseFromString(text, 'text/html');
  return [...body.childNodes].flatMap((node) => safe(node, board));
}

function safe(node, board) {
  if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? ''];
  if (!(node instanceof Element) || unseen.has(node.tagName)) return [];
  const children = [...node.childNodes].flatMap((child) => safe(child, board));
  if (!plain.has(node.tagName)) return children;
  // A panel has a heading of the second level.
  const tag = /^H[12]$/.test(node.tagName) ? 'h3' : node.tagName.toLowerCase();
  const about = node.tagName === 'A' ? { href: board.link(node.getAttribute('href') ?? '') } : {};
  return [element(/** @type {any} */ (tag), about, ...children)];
}
