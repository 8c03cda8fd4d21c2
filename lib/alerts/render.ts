import type { AlertNote, Notification } from './notification.ts';
import type { Contact } from './settings.ts';
import { fillHtml, fillText } from './template.ts';
import { type Language, languages } from './words.ts';

/** A notification, ready for a channel. */
export interface Rendered {
  readonly id: string;
  readonly kind: Notification['kind'];
  /** `firing` as long as something goes on. */
  readonly status: 'firing' | 'resolved' | 'info';
  readonly severity: AlertNote['severity'];
  readonly title: string;
  readonly text: string;
  readonly html: string;
  readonly link: string | null;
  readonly at: number;
  /** The same for programs. */
  readonly data: Readonly<Record<string, unknown>>;
}

const affectedShown = 30;

const defaultTitle =
  '{{mark}} {{head}}{{#first}}: {{first.ruleName}}, {{first.name}}{{/first}}{{#others}} (+{{others}}){{/others}}';

const defaultText = `{{#text}}{{text}}

{{/text}}{{#firing}}{{severityWord}}: {{ruleName}}, {{name}}{{#connection}} ({{connection}}){{/connection}}
  {{stateWord}} {{words.since}} {{sinceText}}{{#acknowledgedBy}}, {{words.acknowledgedBy}} {{acknowledgedBy}}{{/acknowledgedBy}}
  {{says}}
{{#affectedText}}  {{words.affected}}: {{affectedText}}
{{/affectedText}}{{/firing}}{{#hasContent}}

{{words.content}}:
{{/hasContent}}{{#content}}- {{name}}: {{ruleName}}, {{stateWord}}. {{says}}
{{/content}}{{#hasEnded}}

{{words.over}}:
{{/hasEnded}}{{#ended}}- {{name}}: {{ruleName}}, {{stateWord}}. {{says}}
{{/ended}}{{#link}}

{{link}}
{{/link}}`;

const defaultHtml = `<!doctype html>
<html lang="{{language}}"><body style="margin:0;padding:16px;font:15px/1.45 sans-serif;color:#222;background:#fff">
<h1 style="margin:0 0 12px;font-size:19px">{{title}}</h1>
{{#text}}<p style="white-space:pre-wrap">{{text}}</p>{{/text}}
{{#firing}}<div style="margin:0 0 12px;padding:8px 12px;border-left:5px solid {{colour}};background:#f6f6f6">
<strong>{{ruleName}}, {{name}}</strong>{{#connection}} ({{connection}}){{/connection}}<br>
{{severityWord}}, {{stateWord}} {{words.since}} {{sinceText}}{{#acknowledgedBy}}, {{words.acknowledgedBy}} {{acknowledgedBy}}{{/acknowledgedBy}}<br>
{{says}}{{#affectedText}}<br>{{words.affected}}: {{affectedText}}{{/affectedText}}</div>
{{/firing}}
{{#hasContent}}<h2 style="font-size:16px;margin:16px 0 6px">{{words.content}}</h2><ul>{{/hasContent}}
{{#content}}<li>{{name}}: {{ruleName}}, {{stateWord}}. {{says}}</li>{{/content}}
{{#hasContent}}</ul>{{/hasContent}}
{{#hasEnded}}<h2 style="font-size:16px;margin:16px 0 6px">{{words.over}}</h2><ul>{{/hasEnded}}
{{#ended}}<li>{{name}}: {{ruleName}}, {{stateWord}}. {{says}}</li>{{/ended}}
{{#hasEnded}}</ul>{{/hasEnded}}
{{#link}}<p><a href="{{link}}">{{words.open}}</a></p>{{/link}}
</body></html>`;

const colours = { info: '#1565c0', warning: '#b26a00', critical: '#b71c1c' } as const;
const marks = { info: '[i]', warning: '[!]', critical: '[!!]' } as const;

/**
 * What a contact is told, by its own templates or ours, in its language.
 * @param editor the address of the editor, which the page of alerts stands beside; null where nobody has said it
 */
export function render(notification: Notification, contact: Contact, editor: string | null): Rendered {
  const language: Language = contact.language ?? 'en';
  const link = editor === null ? null : pageOf(notification, editor);
  const view = viewOf(notification, language, link);
  const {
    title: ownTitle = defaultTitle,
    text: ownText = defaultText,
    html: ownHtml = defaultHtml,
  } = contact.template ?? {};
  const title = fillText(ownTitle, view).replace(/\s+/g, ' ');
  const { id, kind, at, firing, ended, content, contact: to, text } = notification;
  const data = {
    id,
    kind,
    at,
    contact: to,
    status: view.status,
    severity: view.severity,
    title,
    text,
    firing,
    ended,
    content,
    link,
  };
  return {
    id,
    kind,
    at,
    link,
    title,
    status: view.status,
    severity: view.severity,
    text: fillText(ownText, { ...view, title }),
    html: notification.html ?? fillHtml(ownHtml, { ...view, title }),
    data,
  };
}

function viewOf(notification: Notification, language: Language, link: string | null) {
  const words = languages[language];
  const { kind, firing, ended, content, text } = notification;
  const worst = worstOf(firing.length > 0 ? firing : ended);
  const isOver = firing.length === 0 && ended.length > 0;
  const first = firing.at(0) ?? ended.at(0);
  const others = firing.length + ended.length - 1;
  return {
    language,
    words,
    link,
    status: status(notification),
    severity: worst,
    mark: isOver ? '[ok]' : firing.length === 0 ? '' : marks[worst],
    head: notification.title ?? (isOver ? words.over : words[kind]),
    first: first && noteView(first, language),
    others: others > 0 ? others : null,
    text: textOf(kind, text, words),
    firing: firing.map((note) => noteView(note, language)),
    ended: ended.map((note) => noteView(note, language)),
    content: content.map((note) => noteView(note, language)),
    hasContent: content.length > 0,
    hasEnded: ended.length > 0,
    count: firing.length,
  };
}

/** The one alert that it tells of, or else all of them. */
function pageOf({ firing, ended }: Notification, editor: string): string {
  const page = `${editor.replace(/\/+$/, '')}/alerts`;
  const [one, ...others] = [...firing, ...ended];
  return one && others.length === 0 ? `${page}/${encodeURIComponent(one.id)}` : page;
}

function status({ firing, ended }: Notification): Rendered['status'] {
  if (firing.length > 0) return 'firing';
  return ended.length > 0 ? 'resolved' : 'info';
}

function textOf(kind: Notification['kind'], text: string | null, words: (typeof languages)[Language]): string | null {
  if (kind === 'test') return words.testText;
  return kind === 'storm' ? `${words.stormText} (${text})` : text;
}

function noteView(note: AlertNote, language: Language) {
  const words = languages[language];
  const rest = note.affected.length - affectedShown;
  const names = note.affected.slice(0, affectedShown).join(', ');
  return {
    ...note,
    says: note.state === 'gone' ? words.goneSays : note.says,
    colour: colours[note.severity],
    severityWord: words[note.severity],
    stateWord: words[note.state],
    sinceText: timeText(note.since, language),
    affectedText: rest > 0 ? `${names}, ${rest} ${words.more}` : names,
  };
}

function timeText(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'long',
  }).format(at);
}

function worstOf(notes: readonly AlertNote[]): AlertNote['severity'] {
  if (notes.some(({ severity }) => severity === 'critical')) return 'critical';
  return notes.some(({ severity }) => severity === 'warning') ? 'warning' : 'info';
}
