import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import Value from 'typebox/value';
import { shippedNames } from './page-house.ts';

/**
 * What Grafana's own schema of a dashboard allows, as strict as it: `kinds/dashboard/dashboard_kind.cue` in its source,
 * with what later versions write beside it.
 */
const closed = { additionalProperties: false };
const open = Type.Record(Type.String(), Type.Unknown());
const optional = { text: Type.Optional(Type.String()), flag: Type.Optional(Type.Boolean()) };
const Ref = Type.Object({ type: Type.String(), uid: Type.String() }, closed);
const GridPos = Type.Object(
  {
    h: Type.Integer({ minimum: 1 }),
    w: Type.Integer({ minimum: 1, maximum: 24 }),
    x: Type.Integer({ minimum: 0, maximum: 23 }),
    y: Type.Integer({ minimum: 0 }),
  },
  closed,
);
const Link = Type.Object({ title: Type.String(), url: Type.String(), targetBlank: optional.flag }, closed);
const Result = Type.Object(
  { text: optional.text, color: optional.text, icon: optional.text, index: Type.Optional(Type.Integer()) },
  closed,
);
const Mapping = Type.Union([
  Type.Object({ type: Type.Literal('value'), options: Type.Record(Type.String(), Result) }, closed),
  Type.Object({
    type: Type.Literal('range'),
    options: Type.Object({ from: Type.Number(), to: Type.Number(), result: Result }),
  }),
  Type.Object({ type: Type.Literal('special'), options: Type.Object({ match: Type.String(), result: Result }) }),
]);
const Thresholds = Type.Object(
  {
    mode: Type.Enum(['absolute', 'percentage']),
    steps: Type.Array(Type.Object({ value: Type.Union([Type.Number(), Type.Null()]), color: Type.String() }, closed)),
  },
  closed,
);
const Defaults = Type.Object(
  {
    displayName: optional.text,
    unit: optional.text,
    decimals: Type.Optional(Type.Integer()),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    mappings: Type.Optional(Type.Array(Mapping)),
    thresholds: Type.Optional(Thresholds),
    color: Type.Optional(Type.Object({ mode: Type.String(), fixedColor: optional.text }, closed)),
    links: Type.Optional(Type.Array(Link)),
    noValue: optional.text,
    custom: Type.Optional(open),
  },
  closed,
);
const Override = Type.Object(
  {
    matcher: Type.Object({ id: Type.String(), options: Type.Unknown() }, closed),
    properties: Type.Array(Type.Object({ id: Type.String(), value: Type.Unknown() }, closed)),
  },
  closed,
);
const Panel = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    type: Type.String(),
    title: optional.text,
    description: optional.text,
    datasource: Type.Optional(Ref),
    gridPos: GridPos,
    targets: Type.Optional(Type.Array(open)),
    transformations: Type.Optional(
      Type.Array(Type.Object({ id: Type.String(), disabled: optional.flag, options: open }, closed)),
    ),
    fieldConfig: Type.Optional(Type.Object({ defaults: Defaults, overrides: Type.Array(Override) }, closed)),
    options: Type.Optional(open),
    links: Type.Optional(Type.Array(Link)),
    transparent: optional.flag,
    repeat: optional.text,
    repeatDirection: Type.Optional(Type.Enum(['h', 'v'])),
    maxPerRow: Type.Optional(Type.Integer()),
    maxDataPoints: Type.Optional(Type.Integer()),
    interval: optional.text,
    collapsed: optional.flag,
    panels: Type.Optional(Type.Array(open)),
  },
  closed,
);
const Variable = Type.Object({
  name: Type.String(),
  type: Type.Enum(['query', 'adhoc', 'constant', 'datasource', 'interval', 'textbox', 'custom', 'system']),
  hide: Type.Integer({ minimum: 0, maximum: 2 }),
});
const Annotation = Type.Object({
  name: Type.String(),
  enable: Type.Boolean(),
  iconColor: Type.String(),
  datasource: Ref,
});
const DashboardLink = Type.Object(
  {
    title: Type.String(),
    type: Type.Enum(['link', 'dashboards']),
    icon: Type.String(),
    tooltip: Type.String(),
    url: Type.String(),
    tags: Type.Array(Type.String()),
    asDropdown: Type.Boolean(),
    targetBlank: Type.Boolean(),
    includeVars: Type.Boolean(),
    keepTime: Type.Boolean(),
  },
  closed,
);
const Dashboard = Type.Object(
  {
    uid: Type.String({ minLength: 8, maxLength: 40 }),
    title: Type.String(),
    description: Type.String(),
    tags: Type.Array(Type.String()),
    style: Type.Optional(Type.Enum(['light', 'dark'])),
    timezone: Type.String(),
    editable: Type.Boolean(),
    graphTooltip: Type.Integer({ minimum: 0, maximum: 2 }),
    time: Type.Object({ from: Type.String(), to: Type.String() }, closed),
    timepicker: open,
    fiscalYearStartMonth: Type.Integer({ minimum: 0, maximum: 11 }),
    weekStart: Type.String(),
    refresh: Type.Union([Type.String(), Type.Literal(false)]),
    schemaVersion: Type.Integer({ minimum: 36 }),
    version: Type.Integer(),
    panels: Type.Array(Panel),
    templating: Type.Object({ list: Type.Array(Variable) }, closed),
    annotations: Type.Object({ list: Type.Array(Annotation) }, closed),
    links: Type.Array(DashboardLink),
  },
  closed,
);

interface Placed {
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: {
    readonly defaults: { readonly thresholds?: { readonly steps: { readonly value: number | null }[] } };
  };
}

function read(name: string) {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'dashboards', `${name}.json`), 'utf8'));
}

describe('the dashboards that come with virtflow', () => {
  for (const name of shippedNames) {
    it(`are what Grafana's schema allows: ${name}.json`, () => {
      const problems = Value.Errors(Dashboard, read(name)).map(
        ({ instancePath, message }) => `${instancePath} ${message}`,
      );
      assert.deepEqual(problems, []);
    });

    it(`lie beside one another, with thresholds from the least on: ${name}.json`, () => {
      const panels: readonly Placed[] = read(name).panels;
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
      for (const [index, { gridPos: a, fieldConfig, id }] of panels.entries()) {
        assert.ok(a.x + a.w <= 24, `panel ${id} is too wide`);
        for (const { gridPos: b, id: other } of panels.slice(index + 1)) {
          const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
          assert.ok(apart, `panels ${id} and ${other} overlap`);
        }
        const [first, ...steps] = fieldConfig?.defaults.thresholds?.steps.map(({ value }) => value) ?? [];
        assert.ok(first === null || first === undefined, `the first step of panel ${id} is of all that is less`);
        assert.deepEqual(
          steps,
          steps.toSorted((one, next) => Number(one) - Number(next)),
        );
      }
    });
  }

  it('are found wrong where they are', () => {
    const file = read('fleet');
    assert.ok(Value.Check(Dashboard, file));
    assert.equal(Value.Check(Dashboard, { ...file, panel: [] }), false);
    assert.equal(Value.Check(Dashboard, { ...file, panels: [{ ...file.panels[0], gridpos: {} }] }), false);
  });
});
