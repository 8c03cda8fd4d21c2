import assert from 'node:assert/strict';
import { readDomain } from '../../../../plugins/libvirt/domain-xml/domain-definition.ts';
import { withTags } from '../../../../plugins/libvirt/domain-xml/tags.ts';
import { realLifeDomains } from '../real-life-domains.ts';

const tagLists = [['web'], ['a', 'b & c', '<d>', '"e"', 'ü 漢字', ']]>'], [], ['x'.repeat(500)]];

describe('tags in a definition', () => {
  it('are read whatever the prefix is, each once; those of other namespaces are not ours', () => {
    const tags = (name: string) => readDomain(realLifeDomains[name] ?? '').tags;
    assert.deepEqual(tags('with tags already, another prefix'), ['web', 'prod']);
    assert.deepEqual(tags('OpenStack, with foreign metadata'), []);
  });

  for (const [name, xml] of Object.entries(realLifeDomains)) {
    describe(name, () => {
      it('are read back as they were written', () => {
        for (const tags of tagLists) assert.deepEqual(readDomain(withTags(xml, tags)).tags, tags);
      });

      it('replace those that were there', () => {
        for (const tags of tagLists) {
          const expected = withoutEmptyMetadata(withTags(xml, tags));
          assert.equal(withoutEmptyMetadata(withTags(withTags(xml, ['other']), tags)), expected);
        }
      });

      it('leave every byte around them as it was', () => {
        const tagged = withTags(xml, ['web']);
        const ours = /<virtflow:tags .*<\/virtflow:tags>/s;
        assert.match(tagged, ours);
        const rest = tagged.replace(ours, '');
        const before = xml.replace(/<v:tags .*<\/v:tags>/s, '');
        assert.equal(withoutEmptyMetadata(rest), withoutEmptyMetadata(before));
      });
    });
  }

  it('are taken away without a trace but the metadata element', () => {
    const xml = realLifeDomains['virt-manager, running'] ?? '';
    assert.equal(withTags(withTags(xml, ['web']), []), xml);
    assert.equal(withTags(xml, []), xml);
  });
});

function withoutEmptyMetadata(xml: string): string {
  return xml.replace(/<metadata *\/>|<metadata><\/metadata>/, '');
}
