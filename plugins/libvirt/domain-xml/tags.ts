import { fragment } from 'xmlbuilder2';
import { child, isNamed } from '../xml/xml-query.ts';
import { readXml, type XmlElement } from '../xml/xml-reader.ts';

/** The namespace of what virtflow keeps in a domain's metadata. */
export const virtflowNamespace = 'https://virtflow.dev/libvirt/1';

/** The tags in a domain's metadata, in their order. */
export function readTags(domain: XmlElement): string[] {
  const tags = tagsElement(domain)?.children.filter((c) => isNamed(c, virtflowNamespace, 'tag')) ?? [];
  return [...new Set(tags.map((tag) => tag.text.trim()).filter(Boolean))];
}

/**
 * Gives a domain's definition other tags. Every other byte stays as it was: a round trip through a DOM would not keep
 * them, for xmlbuilder2 writes a line feed in an attribute (&#10;) as it is, and the next parser reads a space.
 * @throws XmlError
 */
export function withTags(xml: string, tags: readonly string[]): string {
  const domain = readXml(xml);
  const present = tagsElement(domain);
  const written = tags.length === 0 ? '' : writeTags(tags);
  if (present) return splice(xml, present.start, present.end, written);
  if (written === '') return xml;
  const metadata = child(domain, 'metadata');
  if (!metadata) return insertInto(xml, domain, `<metadata>${written}</metadata>`);
  return insertInto(xml, metadata, written);
}

function tagsElement(domain: XmlElement): XmlElement | undefined {
  return child(domain, 'metadata')?.children.find((c) => isNamed(c, virtflowNamespace, 'tags'));
}

function writeTags(tags: readonly string[]): string {
  const element = fragment().ele(virtflowNamespace, 'virtflow:tags');
  for (const tag of tags) element.ele(virtflowNamespace, 'virtflow:tag').txt(tag);
  return element.toString();
}

function insertInto(xml: string, element: XmlElement, inner: string): string {
  if (element.contentEnd < element.end) return splice(xml, element.contentEnd, element.contentEnd, inner);
  const opened = xml.slice(element.start, element.end).replace(/\s*\/>$/, '>');
  return splice(xml, element.start, element.end, `${opened}${inner}</${element.name}>`);
}

function splice(text: string, start: number, end: number, inserted: string): string {
  return text.slice(0, start) + inserted + text.slice(end);
}
