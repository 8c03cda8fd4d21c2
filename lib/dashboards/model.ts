import Type, { type Static } from 'typebox';

/**
 * The parts of Grafana's dashboard model that are drawn here. Names and shapes follow `kinds/dashboard/dashboard_kind.cue`
 * in Grafana's source; what stands in a file beside them is kept as it is.
 */
const Text = Type.String({ maxLength: 20_000 });
const OptionalText = Type.Optional(Type.Union([Text, Type.Null()]));
const Unknown = Type.Record(Type.String(), Type.Unknown());

export const GridPos = Type.Object({
  h: Type.Integer({ minimum: 1, maximum: 200 }),
  w: Type.Integer({ minimum: 1, maximum: 24 }),
  x: Type.Integer({ minimum: 0, maximum: 23 }),
  y: Type.Integer({ minimum: 0, maximum: 100_000 }),
});

const Thresholds = Type.Object({
  mode: Type.Union([Type.Literal('absolute'), Type.Literal('percentage')]),
  steps: Type.Array(
    Type.Object({ value: Type.Optional(Type.Union([Type.Number(), Type.Null()])), color: Type.String() }),
    { maxItems: 50 },
  ),
});
export type Thresholds = Static<typeof Thresholds>;

const MappingResult = Type.Object({
  text: Type.Optional(Type.String()),
  color: Type.Optional(Type.String()),
  index: Type.Optional(Type.Integer()),
});
const Bound = Type.Optional(Type.Union([Type.Number(), Type.Null()]));
const Mapping = Type.Union([
  Type.Object({ type: Type.Literal('value'), options: Type.Record(Type.String(), MappingResult) }),
  Type.Object({ type: Type.Literal('range'), options: Type.Object({ from: Bound, to: Bound, result: MappingResult }) }),
  Type.Object({
    type: Type.Literal('regex'),
    options: Type.Object({ pattern: Type.String({ maxLength: 1_000 }), result: MappingResult }),
  }),
  Type.Object({ type: Type.Literal('special'), options: Type.Object({ match: Type.String(), result: MappingResult }) }),
]);

export const DataLink = Type.Object({
  title: Type.Optional(Text),
  url: Type.Optional(Text),
  targetBlank: Type.Optional(Type.Boolean()),
});

export const FieldConfig = Type.Object({
  displayName: OptionalText,
  description: OptionalText,
  unit: OptionalText,
  decimals: Type.Optional(Type.Union([Type.Number({ minimum: 0, maximum: 10 }), Type.Null()])),
  min: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  max: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  mappings: Type.Optional(Type.Array(Mapping, { maxItems: 200 })),
  thresholds: Type.Optional(Thresholds),
  color: Type.Optional(Type.Object({ mode: Type.String(), fixedColor: Type.Optional(Type.String()) })),
  links: Type.Optional(Type.Array(DataLink, { maxItems: 20 })),
  noValue: OptionalText,
  custom: Type.Optional(Unknown),
});
export type FieldConfig = Static<typeof FieldConfig>;

const Override = Type.Object({
  matcher: Type.Object({ id: Type.String(), options: Type.Optional(Type.Unknown()) }),
  properties: Type.Array(Type.Object({ id: Type.String(), value: Type.Optional(Type.Unknown()) }), { maxItems: 50 }),
});
export type Override = Static<typeof Override>;

export const Target = Type.Object({
  refId: Type.Optional(Type.String({ maxLength: 100 })),
  hide: Type.Optional(Type.Boolean()),
  resultFormat: Type.Optional(Type.String()),
});
export type Target = Static<typeof Target>;

const Transformation = Type.Object({
  id: Type.String(),
  disabled: Type.Optional(Type.Boolean()),
  options: Type.Optional(Type.Unknown()),
});
export type Transformation = Static<typeof Transformation>;

const panelParts = {
  id: Type.Optional(Type.Integer({ minimum: 0 })),
  type: Type.String({ minLength: 1, maxLength: 200 }),
  title: OptionalText,
  description: OptionalText,
  gridPos: Type.Optional(GridPos),
  transparent: Type.Optional(Type.Boolean()),
  datasource: Type.Optional(Type.Unknown()),
  targets: Type.Optional(Type.Array(Target, { maxItems: 50 })),
  transformations: Type.Optional(Type.Array(Transformation, { maxItems: 50 })),
  options: Type.Optional(Unknown),
  fieldConfig: Type.Optional(
    Type.Object({ defaults: FieldConfig, overrides: Type.Optional(Type.Array(Override, { maxItems: 200 })) }),
  ),
  links: Type.Optional(Type.Array(DataLink, { maxItems: 50 })),
  interval: OptionalText,
  maxDataPoints: Type.Optional(Type.Union([Type.Number({ minimum: 1 }), Type.Null()])),
  timeFrom: OptionalText,
  timeShift: OptionalText,
  repeat: OptionalText,
  repeatDirection: OptionalText,
  maxPerRow: Type.Optional(Type.Union([Type.Number({ minimum: 1, maximum: 24 }), Type.Null()])),
  collapsed: Type.Optional(Type.Boolean()),
};
const InnerPanel = Type.Object(panelParts);
export const Panel = Type.Object({
  ...panelParts,
  /** Those of a row that is closed. */
  panels: Type.Optional(Type.Array(InnerPanel, { maxItems: 500 })),
});
export type Panel = Static<typeof Panel>;

const Choice = Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 1_000 }), Type.Null()]);
export const Variable = Type.Object({
  name: Type.String({ pattern: '^\\w+$', maxLength: 100 }),
  type: Type.String(),
  label: OptionalText,
  hide: Type.Optional(Type.Integer()),
  multi: Type.Optional(Type.Boolean()),
  includeAll: Type.Optional(Type.Boolean()),
  allValue: OptionalText,
  regex: OptionalText,
  sort: Type.Optional(Type.Integer()),
  query: Type.Optional(Type.Union([Text, Unknown])),
  current: Type.Optional(Type.Union([Type.Object({ value: Type.Optional(Choice) }), Type.Null()])),
});
export type Variable = Static<typeof Variable>;

export const Annotation = Type.Object({
  name: Type.String(),
  enable: Type.Optional(Type.Boolean()),
  hide: Type.Optional(Type.Boolean()),
  iconColor: Type.Optional(Type.String()),
  query: OptionalText,
  builtIn: Type.Optional(Type.Integer()),
});
export type Annotation = Static<typeof Annotation>;

export const DashboardLink = Type.Object({
  title: Type.Optional(Text),
  type: Type.Optional(Type.String()),
  url: OptionalText,
  tags: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
  keepTime: Type.Optional(Type.Boolean()),
  includeVars: Type.Optional(Type.Boolean()),
  targetBlank: Type.Optional(Type.Boolean()),
});

export const Dashboard = Type.Object({
  uid: Type.String({ pattern: '^[\\w-]{1,40}$' }),
  title: Type.String({ minLength: 1, maxLength: 500 }),
  description: OptionalText,
  tags: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
  timezone: OptionalText,
  schemaVersion: Type.Integer({ minimum: 1 }),
  graphTooltip: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 })),
  refresh: Type.Optional(Type.Union([Type.String(), Type.Boolean(), Type.Null()])),
  time: Type.Optional(Type.Object({ from: Type.String(), to: Type.String() })),
  panels: Type.Array(Panel, { maxItems: 500 }),
  templating: Type.Optional(Type.Object({ list: Type.Optional(Type.Array(Variable, { maxItems: 50 })) })),
  annotations: Type.Optional(Type.Object({ list: Type.Optional(Type.Array(Annotation, { maxItems: 50 })) })),
  links: Type.Optional(Type.Array(DashboardLink, { maxItems: 50 })),
});
export type Dashboard = Static<typeof Dashboard>;

/** All panels but rows, those of closed rows as well. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}
