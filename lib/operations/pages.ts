import type { HistoryFilter, Operation } from './operation.ts';

const pageSize = 1000;

/** All of a history that is read page by page, newest first. */
export function everyPage(read: (page: HistoryFilter) => readonly Operation[]): Operation[] {
  const found: Operation[] = [];
  for (let page = read({ limit: pageSize }); page.length > 0; ) {
    found.push(...page);
    const after = page.length < pageSize ? undefined : page.at(-1);
    page = after ? read({ limit: pageSize, after }) : [];
  }
  return found;
}
