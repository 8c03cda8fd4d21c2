import assert from 'node:assert/strict';
import { create } from 'xmlbuilder2';
import { readXml, type XmlElement, XmlError } from '../../../../plugins/libvirt/xml/xml-reader.ts';
import { realLifeDomains } from '../real-life-domains.ts';

describe('the XML reader', () => {
  it('reads elements, attributes, text, CDATA and entities', () => {
    const root = readXml(`<?xml version='1.0'?><!-- < -->
<a b="1 &lt; 2" c='"'>x &amp; &#65;&#x1F600;<![CDATA[<&>]]><d/> y<n:e n:f=""></n:e></a>\n`);
    assert.deepEqual({ ...root.attributes }, { b: '1 < 2', c: '"' });
    assert.equal(root.text, 'x & A😀<&> y');
    assert.deepEqual(
      root.children.map(({ name }) => name),
      ['d', 'n:e'],
    );
  });

  it('knows where each element stands in the text', () => {
    const xml = '<a> <b x="1">t</b><c /></a>';
    const [b, c] = readXml(xml).children;
    assert.equal(xml.slice(b?.start, b?.end), '<b x="1">t</b>');
    assert.equal(xml.slice(b?.contentEnd, b?.end), '</b>');
    assert.equal(xml.slice(c?.start, c?.end), '<c />');
    assert.equal(c?.contentEnd, c?.end);
  });

  it('reads real-life domains as xmlbuilder2 does', () => {
    for (const [name, xml] of Object.entries(realLifeDomains)) {
      const theirs = create({ skipWhitespaceOnlyText: false }, xml).root().node as unknown as DomElement;
      assert.deepEqual(plain(readXml(xml)), plainDom(theirs), name);
    }
  });

  it('reads 100,000 nested elements', () => {
    const depth = 100_000;
    assert.equal(readXml('<a>'.repeat(depth) + '</a>'.repeat(depth)).name, 'a');
  });

  for (const [what, xml] of [
    ['nothing', ''],
    ['text alone', 'hello'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['a bare ampersand', '<a>b & c</a>'],
    ['a character that cannot be', '<a>&#x110000;</a>'],
    ['an element that is not closed', '<a><b></b>'],
    ['elements that cross', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text after the root', '<a/>b'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['a stray <', '<a>1 < 2</a>'],
    ['a comment without end', '<a><!-- </a>'],
    ['CDATA without end', '<a><![CDATA[ </a>'],
    ['CDATA outside the root', '<a/><![CDATA[b]]>'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readXml(xml), XmlError);
    });
  }

  it('meets garbage with an XmlError and nothing else', () => {
    const xml = Object.values(realLifeDomains)[0] ?? '';
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 5000; round++) {
      const at = random(xml.length);
      const mutant = xml.slice(0, at) + '<>&"\'/=!-[ ;#x'.charAt(random(15)) + xml.slice(at + random(4));
      try {
        readXml(mutant);
      } catch (error) {
        assert.ok(error instanceof XmlError, String(error));
      }
    }
  });
});

interface DomElement {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<DomElement>;
}

function plain({ name, attributes, text, children }: XmlElement): unknown {
  return { name, attributes: { ...attributes }, text, children: children.map(plain) };
}

function plainDom(element: DomElement): unknown {
  const nodes = [...element.childNodes];
  return {
    name: element.nodeName,
    attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
    text: nodes.flatMap((node) => (node.nodeType === 3 || node.nodeType === 4 ? [node.nodeValue] : [])).join(''),
    children: nodes.filter((node) => node.nodeType === 1).map(plainDom),
  };
}
