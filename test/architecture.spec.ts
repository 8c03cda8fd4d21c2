import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '..');

interface Import {
  readonly from: string;
  /** A path inside the project, or the name of a package. */
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8');
  const specifiers = [...source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return specifiers.map((to) => ({ from: file, to: to.startsWith('.') ? normalize(join(dirname(file), to)) : to }));
}

function imports(pattern: string): Import[] {
  const found = globSync(pattern, { cwd: root }).flatMap(importsOf);
  assert.ok(found.length > 0, `${pattern} matches no file with an import: the rule would hold nothing`);
  return found;
}

/** The first two parts of a path: the room. */
const room = (path: string) => path.split('/').slice(0, 2).join('/');
const isInside = (path: string, ...rooms: string[]) => rooms.some((one) => path.startsWith(`${one}/`));
const isProject = (path: string) => isInside(path, 'lib', 'nodes', 'plugins', 'server', 'bin', 'test', 'scripts');

function refuse(found: Import[], forbidden: (one: Import) => boolean): void {
  assert.deepEqual(found.filter(forbidden), []);
}

describe('the house', () => {
  it('keeps lib/ free of Node-RED', () => {
    refuse(imports('lib/**/*.ts'), ({ to }) => /^(@node-red\/|node-red)/.test(to));
  });

  it('lets lib/ import nothing of the project but lib/', () => {
    refuse(imports('lib/**/*.ts'), ({ to }) => isProject(to) && !isInside(to, 'lib'));
  });

  it('lets the model import nothing outside itself', () => {
    refuse(imports('lib/model/*.ts'), ({ to }) => !isInside(to, 'lib/model'));
  });

  it('lets the driver contract import the model alone', () => {
    refuse(imports('lib/drivers/*.ts'), ({ to }) => !isInside(to, 'lib/model', 'lib/drivers'));
  });

  it('lets the inventory know nothing of what is done with it', () => {
    refuse(imports('lib/inventory/*.ts'), ({ to }) => isInside(to, 'lib/operations', 'lib/actions', 'lib/api'));
  });

  it('lets facts never import intent', () => {
    const facts = ['lib/metrics/**/*.ts', 'lib/rules/**/*.ts'].flatMap(imports);
    refuse(facts, ({ to }) => isInside(to, 'lib/operations', 'lib/actions', 'lib/api'));
  });

  it('lets secrets know the model and the store alone', () => {
    const allowed = ['lib/model', 'lib/store', 'lib/secrets'];
    refuse(imports('lib/secrets/*.ts'), ({ to }) => isProject(to) && !isInside(to, ...allowed));
  });

  it('lets only the platform, the API and their own room import the API', () => {
    refuse(
      imports('lib/**/*.ts'),
      ({ from, to }) => isInside(to, 'lib/api') && !isInside(from, 'lib/api') && from !== 'lib/platform.ts',
    );
  });

  it('lets nodes import lib/ and nodes/ alone', () => {
    refuse(imports('nodes/**/*.ts'), ({ to }) => isProject(to) && !isInside(to, 'lib', 'nodes'));
  });

  it('lets plugins import lib/ and themselves alone', () => {
    refuse(imports('plugins/**/*.ts'), ({ from, to }) => isProject(to) && !isInside(to, 'lib', room(from)));
  });

  it('lets a driver import the model and the driver contract alone', () => {
    const drivers = ['plugins/libvirt/**/*.ts', 'plugins/simulator/**/*.ts'].flatMap(imports);
    refuse(drivers, ({ to }) => isInside(to, 'lib') && !isInside(to, 'lib/model', 'lib/drivers'));
  });
});
