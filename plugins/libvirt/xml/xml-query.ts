import type { XmlElement } from './xml-reader.ts';

/** The first child of that name, or of a path of names. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let found = element;
  for (const name of path) found = found?.children.find((c) => c.name === name);
  return found;
}

export function children(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((c) => c.name === name) ?? [];
}

/** The text of a child, trimmed; empty when there is none. */
export function textOf(element: XmlElement | undefined, ...path: readonly string[]): string {
  return child(element, ...path)?.text.trim() ?? '';
}

export function attribute(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attributes[name];
}

/** Whether an element has this local name in this namespace, however the prefix is called. */
export function isNamed(element: XmlElement, namespace: string, localName: string): boolean {
  const [first = '', second] = element.name.split(':');
  return (second ?? first) === localName && namespaceFor(element, second === undefined ? '' : first) === namespace;
}

function namespaceFor(element: XmlElement, prefix: string): string | undefined {
  const key = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
  for (let at: XmlElement | undefined = element; at; at = at.parent) {
    const namespace = at.attributes[key];
    if (namespace !== undefined) return namespace;
  }
  return undefined;
}
