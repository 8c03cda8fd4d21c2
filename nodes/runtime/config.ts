import {
  defaultTarget,
  type Field,
  type MemberSetting,
  type StepSetting,
  type StepsField,
  type TargetField,
  type TargetMode,
  type TargetSetting,
} from '../forms/field.ts';

type ValueOf<F extends Field> = F extends { kind: 'number'; default: number }
  ? number
  : F extends { kind: 'number' }
    ? number | undefined
    : F extends { kind: 'switch' }
      ? boolean
      : F extends { kind: 'choices' }
        ? readonly string[]
        : F extends { kind: 'target' }
          ? TargetSetting
          : F extends { kind: 'members' }
            ? readonly MemberSetting[]
            : F extends { kind: 'steps' }
              ? readonly StepSetting[]
              : F extends { kind: 'widget' }
                ? undefined
                : string;

/** A node's configuration, parsed: the type follows from its fields. */
export type ConfigOf<F extends readonly Field[]> = { readonly [Each in F[number] as Each['name']]: ValueOf<Each> };

/** Takes a configuration from the version of its place in the list to the next: the first from 1 to 2. */
export type Migration = (config: RawConfig) => RawConfig;
export type RawConfig = Readonly<Record<string, unknown>>;

/** Brings an old configuration up to date; one without a version is of version 1. */
export function migrate(config: RawConfig, migrations: readonly Migration[]): RawConfig {
  const version = typeof config.version === 'number' && config.version >= 1 ? config.version : 1;
  return migrations.slice(version - 1).reduce((older, step) => step(older), config);
}

/**
 * Reads what the editor wrote: forms store numbers as text, and nodes of an older release lack properties. What is
 * missing or cannot be read becomes the default.
 */
export function readConfig<const F extends readonly Field[]>(fields: F, raw: RawConfig): ConfigOf<F> {
  const values = fields.flatMap((field) => entriesOf(field, raw));
  // Each value was read by the kind of its field, which is what the type says.
  return Object.fromEntries(values) as ConfigOf<F>;
}

function entriesOf(field: Field, raw: RawConfig): [string, unknown][] {
  const entry: [string, unknown] = [field.name, readField(field, raw[field.name])];
  if (field.kind !== 'typed') return [entry];
  const type = raw[`${field.name}Type`];
  return [entry, [`${field.name}Type`, typeof type === 'string' ? type : field.types[0]]];
}

function readField(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'number':
      return readNumber(value) ?? field.default ?? undefined;
    case 'switch':
      return readSwitch(value) ?? field.default;
    case 'choice':
      return field.options.some((option) => option.value === value) ? value : field.default;
    case 'choices':
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : field.default;
    case 'target':
      return readTarget(field, value);
    case 'steps':
      return Array.isArray(value) ? value.map((step: unknown) => readStep(field, step)) : [];
    case 'members':
      return Array.isArray(value) ? value.map(readMember) : [];
    case 'widget':
      return undefined;
    case 'node':
      return typeof value === 'string' ? value : '';
    default:
      return typeof value === 'string' ? value : field.default;
  }
}

/** A number, or a text that is one. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export function readSwitch(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

function readTarget(field: TargetField, value: unknown): TargetSetting {
  const fallback = defaultTarget(field);
  if (typeof value !== 'object' || value === null) return fallback;
  const raw: RawConfig = { ...value };
  const names = Array.isArray(raw.names) ? raw.names.filter((one) => typeof one === 'string') : [];
  return {
    mode: isMode(field, raw.mode) ? raw.mode : fallback.mode,
    names,
    selector: typeof raw.selector === 'string' ? raw.selector : '',
    property: typeof raw.property === 'string' && raw.property !== '' ? raw.property : fallback.property,
  };
}

function readStep({ target }: StepsField, value: unknown): StepSetting {
  const raw: RawConfig = typeof value === 'object' && value !== null ? { ...value } : {};
  const text = (found: unknown, fallback: string) => (typeof found === 'string' ? found : fallback);
  return {
    action: text(raw.action, ''),
    target: readTarget(target, raw.target),
    parameters: text(raw.parameters, ''),
    parametersType: text(raw.parametersType, 'json'),
    weight: readNumber(raw.weight),
    timeoutSeconds: readNumber(raw.timeoutSeconds),
  };
}

function readMember(value: unknown): MemberSetting {
  const raw: RawConfig = typeof value === 'object' && value !== null ? { ...value } : {};
  const { rule, fires, atLeast } = raw;
  return {
    rule: typeof rule === 'string' ? rule : '',
    fires: readSwitch(fires) ?? true,
    atLeast: atLeast === 'warning' || atLeast === 'critical' ? atLeast : 'info',
  };
}

function isMode(field: TargetField, mode: unknown): mode is TargetMode {
  return field.modes.some((one) => one === mode);
}
