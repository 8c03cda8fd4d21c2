import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { VirtflowError } from '../../lib/model/errors.ts';
import { parseJson } from '../../lib/model/json.ts';
import { type RoleName, roles } from './roles.ts';

const strict = { additionalProperties: false };

const DiskShape = Type.Object(
  {
    target: Type.String({ pattern: '^[a-z][a-z0-9]{1,15}$' }),
    device: Type.Optional(Type.Enum(['disk', 'cdrom', 'floppy', 'lun'])),
    source: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Type.Null()])),
    sizeGiB: Type.Optional(Type.Number({ minimum: 0.001, maximum: 65_536 })),
    readOnly: Type.Optional(Type.Boolean()),
    shareable: Type.Optional(Type.Boolean()),
  },
  strict,
);

const NicShape = Type.Object(
  {
    mac: Type.Optional(Type.String({ pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' })),
    network: Type.Optional(Type.String({ minLength: 1 })),
    model: Type.Optional(Type.String({ minLength: 1 })),
  },
  strict,
);

const roleNames = Object.keys(roles) as RoleName[];

/** The simulator's own definition of a VM, as JSON. Only the name is needed. */
const DefinitionShape = Type.Object(
  {
    name: Type.String({ pattern: '^[^/\\n]{1,128}$' }),
    id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })),
    description: Type.Optional(Type.String()),
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    vcpus: Type.Optional(Type.Integer({ minimum: 1, maximum: 512 })),
    maximumVcpus: Type.Optional(Type.Integer({ minimum: 1, maximum: 512 })),
    memoryMiB: Type.Optional(Type.Integer({ minimum: 16, maximum: 16 * 1024 * 1024 })),
    maximumMemoryMiB: Type.Optional(Type.Integer({ minimum: 16, maximum: 16 * 1024 * 1024 })),
    autostart: Type.Optional(Type.Boolean()),
    template: Type.Optional(Type.Boolean()),
    /** What it does all day: its load. */
    role: Type.Optional(Type.Enum(roleNames)),
    /** Whether a guest agent is installed. */
    agent: Type.Optional(Type.Boolean()),
    disks: Type.Optional(Type.Array(DiskShape)),
    nics: Type.Optional(Type.Array(NicShape)),
  },
  strict,
);

export type VmDefinition = Static<typeof DefinitionShape>;
export type DiskDefinition = Static<typeof DiskShape>;

/** @throws DEFINITION_INVALID */
export function parseDefinition(text: string): VmDefinition {
  const value = readJson(text);
  if (!Value.Check(DefinitionShape, value)) throw invalid(problemOf(value));
  const { vcpus = 1, maximumVcpus = vcpus, memoryMiB = 1024, maximumMemoryMiB = memoryMiB } = value;
  if (maximumVcpus < vcpus) throw invalid('maximumVcpus is below vcpus');
  if (maximumMemoryMiB < memoryMiB) throw invalid('maximumMemoryMiB is below memoryMiB');
  const twice = firstTwice((value.disks ?? []).map((disk) => disk.target));
  if (twice !== undefined) throw invalid(`two disks have the target ${twice}`);
  return value;
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function problemOf(value: unknown): string {
  const [problem] = Value.Errors(DefinitionShape, value);
  if (!problem) return 'it does not fit';
  const where = problem.instancePath.slice(1).replaceAll('/', '.');
  if (problem.keyword === 'boolean') return `${where} is not known here`;
  const choices = problem.keyword === 'enum' ? `: ${problem.params.allowedValues.join(', ')}` : '';
  return `${where === '' ? 'it' : where} ${problem.message}${choices}`;
}

function firstTwice(texts: readonly string[]): string | undefined {
  return texts.find((text, index) => texts.indexOf(text) !== index);
}

function invalid(reason: string): VirtflowError {
  return new VirtflowError('DEFINITION_INVALID', { reason });
}
