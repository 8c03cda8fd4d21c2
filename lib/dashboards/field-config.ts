import Value from 'typebox/value';
import type { Field, Frame } from './frame.ts';
import { FieldConfig, type Override, type Panel } from './model.ts';

export interface ShownField extends Field {
  readonly config: FieldConfig;
}

export interface ShownFrame extends Omit<Frame, 'fields'> {
  readonly fields: readonly ShownField[];
}

/** Gives each field how it is shown: the panel's defaults, and the overrides that match it. */
export function shown(frames: readonly Frame[], { fieldConfig }: Panel): ShownFrame[] {
  const { defaults = {}, overrides = [] } = fieldConfig ?? {};
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, config: configOf(field, frame, defaults, overrides) })),
  }));
}

function configOf(field: Field, frame: Frame, defaults: FieldConfig, overrides: readonly Override[]): FieldConfig {
  const fitting = overrides.filter(({ matcher }) => matches(matcher, field, frame));
  const made = fitting.flatMap(({ properties }) => properties).reduce(withProperty, { ...defaults });
  // An override may hold anything; one that is no configuration is left out.
  return Value.Check(FieldConfig, made) ? made : defaults;
}

function matches({ id, options }: Override['matcher'], { name, type }: Field, { refId }: Frame): boolean {
  switch (id) {
    case 'byName':
      return name === options;
    case 'byType':
      return type === options;
    case 'byFrameRefID':
      return refId === options;
    case 'byRegexp':
      return typeof options === 'string' && patternOf(options).test(name);
    default:
      return false;
  }
}

function patternOf(text: string): RegExp {
  const [, pattern = text, flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  try {
    return new RegExp(pattern, flags.replace(/[gy]/g, ''));
  } catch {
    return /(?!)/;
  }
}

function withProperty(config: Record<string, unknown>, { id, value }: Override['properties'][number]) {
  if (!id.startsWith('custom.')) return { ...config, [id]: value };
  const custom = typeof config.custom === 'object' && config.custom !== null ? config.custom : {};
  return { ...config, custom: { ...custom, [id.slice('custom.'.length)]: value } };
}
