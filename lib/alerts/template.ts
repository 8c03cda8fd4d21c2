import mustache from 'mustache';
import { VirtflowError } from '../model/errors.ts';

/**
 * Templates are Mustache: without logic, so that none runs for ever, and with HTML escaped. JSONata, which selectors are
 * written in, makes values rather than texts, and a loop in it would have to be stopped.
 * @throws ALERT_SETTINGS_INVALID
 */
export function checkTemplate(text: string, where: string): void {
  try {
    mustache.parse(text);
  } catch (error) {
    const reason = `${where}: ${error instanceof Error ? error.message : String(error)}`;
    throw new VirtflowError('ALERT_SETTINGS_INVALID', { reason }, { cause: error });
  }
}

/** A text of a template; nothing is escaped. */
export function fillText(template: string, view: object): string {
  return mustache
    .render(template, view, {}, { escape: String })
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** A page of a template; whatever is filled in is escaped, but for what stands in three braces. */
export function fillHtml(template: string, view: object): string {
  return mustache.render(template, view);
}
