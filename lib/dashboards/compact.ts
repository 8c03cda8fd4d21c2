import type { FieldConfig } from './model.ts';
import type { PanelData } from './panel-data.ts';

/** Answers as they travel: times and configurations that series share stand once, and figures have six digits. */
export interface CompactPanels {
  readonly times: readonly (readonly unknown[])[];
  readonly configs: readonly FieldConfig[];
  readonly panels: readonly unknown[];
}

export function compact(panels: readonly PanelData[]): CompactPanels {
  const times = new Shelf<readonly unknown[]>();
  const configs = new Shelf<FieldConfig>();
  const made = panels.map((panel) => ({
    ...panel,
    frames: panel.frames.map((frame) => ({
      ...frame,
      fields: frame.fields.map(({ config, values, ...field }) => ({
        ...field,
        config: configs.place(config),
        ...(field.type === 'time' ? { times: times.place(values) } : { values: values.map(rounded) }),
      })),
    })),
  }));
  return { times: times.items, configs: configs.items, panels: made };
}

function rounded<T>(value: T): T | number {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

class Shelf<T> {
  readonly items: T[] = [];
  readonly #places = new Map<T | string, number>();

  place(item: T): number {
    const same = this.#places.get(item);
    if (same !== undefined) return same;
    const text = JSON.stringify(item);
    const place = this.#places.get(text) ?? this.items.push(item) - 1;
    this.#places.set(text, place).set(item, place);
    return place;
  }
}
