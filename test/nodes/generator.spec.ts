import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Type from 'typebox';
import { action } from '../../lib/actions/action.ts';
import { allActions } from '../../lib/actions/registry.ts';
import { describeAction, parameterFields } from '../../nodes/forms/action-description.ts';
import { nodeSets } from '../../nodes/sets.ts';
import { clientDescription } from '../../scripts/generate/client-description.ts';
import { generateNodes } from '../../scripts/generate-nodes.ts';

function generated(): Map<string, string> {
  const directory = mkdtempSync(join(tmpdir(), 'virtflow-generated-'));
  try {
    generateNodes(directory);
    const files = globSync('**/*.{html,json}', { cwd: directory }).sort();
    return new Map(files.map((file) => [file, readFileSync(join(directory, file), 'utf8')]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('the generator of nodes', () => {
  it('writes the same each time', () => {
    assert.deepEqual(generated(), generated());
  });

  it('writes a page, a catalogue and help in each language for every set', () => {
    const files = generated();
    for (const { folder } of nodeSets) {
      for (const file of [
        `${folder}.html`,
        ...['en-US', 'de'].flatMap((l) => [`locales/${l}/${folder}.json`, `locales/${l}/${folder}.html`]),
      ]) {
        assert.ok(files.has(`nodes/${folder}/${file}`), `${folder}/${file}`);
      }
    }
  });

  it('makes a node of every action', () => {
    const types = nodeSets.flatMap(({ nodes }) => nodes.map(({ action: id }) => id)).filter(Boolean);
    assert.deepEqual(types.sort(), allActions.map(({ id }) => id).sort());
  });

  it('puts a row into the form for every parameter, with the limits of the declaration', () => {
    const pages = generated();
    for (const one of allActions) {
      const [kind] = one.id.split('.');
      const page = pages.get(`nodes/${kind}-actions/${kind}-actions.html`) ?? '';
      const form = page.split(`data-template-name="${describeAction(one).type}"`)[1]?.split('</script>')[0] ?? '';
      for (const field of parameterFields(one)) {
        assert.ok(form.includes(`id="node-input-${field.name}"`), `${one.id}: ${field.name}`);
        const { fields } = clientDescription(describeAction(one));
        const known: Record<string, unknown> = { ...fields.find(({ name }) => name === field.name) };
        const schema: Record<string, unknown> = { ...one.parameters.properties[field.name] };
        for (const limit of ['minimum', 'maximum', 'maxLength'] as const) {
          assert.equal(known[limit], schema[limit], `${one.id}: ${field.name}`);
        }
      }
    }
  });

  it('draws a text, a choice and a number with its unit', () => {
    const parameters = Type.Object({
      title: Type.String({ title: 'Title', description: 'Any.', default: '', maxLength: 9 }),
      sizeMiB: Type.Integer({ title: 'Size (MiB)', description: 'Of it.', minimum: 1, default: 5 }),
      mode: Type.Union([Type.Literal('a', { title: 'First' }), Type.Literal('b')], { title: 'Mode', default: 'b' }),
    });
    const { id, target, role, danger, label, summary, icon, needs, timeoutSeconds, run } =
      allActions[0] ?? assert.fail();
    const made = action({ id, target, role, danger, label, summary, icon, needs, timeoutSeconds, run, parameters });
    const [title, size, mode] = parameterFields(made);
    assert.deepEqual([title?.kind, title && 'maxLength' in title && title.maxLength], ['text', 9]);
    assert.deepEqual([size?.label, size && 'unit' in size && size.unit], ['Size', 'MiB']);
    assert.deepEqual(mode && 'options' in mode && mode.options, [
      { value: 'a', label: 'First' },
      { value: 'b', label: 'b' },
    ]);
  });

  it('refuses a parameter that no form row exists for', () => {
    const parameters = Type.Object({ odd: Type.Unknown() });
    const odd = { ...(allActions[0] ?? assert.fail()), id: 'vm.odd', parameters };
    assert.throws(() => parameterFields(odd), /vm\.odd: the parameter odd/);
  });
});
