/**
 * What is shown of a dashboard, in order: rows with the panels in them, each repeated for the values of the variable
 * that it names. `valuesOf` tells those.
 */
export function layout({ panels }, valuesOf) {
  return rowsOf(panels).flatMap(({ row, own }) => {
    const copies = row?.repeat ? scopesFor(row.repeat, valuesOf) : [{}];
    return copies.map((scoped) => ({ row, scoped, panels: own.flatMap((panel) => copiesOf(panel, scoped, valuesOf)) }));
  });
}

/** The variables that something is repeated for. */
export function repeatedFor({ panels }) {
  const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return [...new Set(all.flatMap(({ repeat }) => repeat || []))];
}

/** A row that is closed has its panels inside; one that is open has those that come after it. */
function rowsOf(panels) {
  const sorted = [...panels].sort(
    (a, b) => (a.gridPos?.y ?? 0) - (b.gridPos?.y ?? 0) || (a.gridPos?.x ?? 0) - (b.gridPos?.x ?? 0),
  );
  const rows = [{ row: undefined, own: [] }];
  for (const panel of sorted) {
    if (panel.type === 'row') rows.push({ row: panel, own: [...(panel.panels ?? [])] });
    else rows.at(-1).own.push(panel);
  }
  return rows;
}

function copiesOf(panel, scoped, valuesOf) {
  const { repeat, repeatDirection, maxPerRow } = panel;
  const { w = 12, h = 8, x = 0 } = panel.gridPos ?? {};
  if (!repeat || scoped[repeat] !== undefined) return [{ panel, scoped, place: { w, h, x } }];
  const copies = scopesFor(repeat, valuesOf);
  const perRow = Math.min(copies.length, maxPerRow ?? 4);
  return copies.map((own, index) => {
    const wide = Math.floor(24 / perRow);
    const place = repeatDirection === 'v' ? { w, h, x } : { w: wide, h, x: (index % perRow) * wide };
    return { panel, scoped: { ...scoped, ...own }, place };
  });
}

/** Where nothing can be chosen, the panel stands once. */
function scopesFor(variable, valuesOf) {
  const values = valuesOf(variable) ?? [];
  return values.length === 0 ? [{}] : values.map((value) => ({ [variable]: value }));
}
