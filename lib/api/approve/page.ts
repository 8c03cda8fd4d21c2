import { createHash } from 'node:crypto';
import type { FormField } from '../../approvals/form.ts';
import type { VirtflowError } from '../../model/errors.ts';
import type { ApprovalView } from '../approval-view.ts';
import { fill, type Language, wordsOf } from './words.ts';

const style = `
:root{color-scheme:light dark;--back:#f4f5f7;--card:#fff;--ink:#1c2733;--soft:#556270;--line:#d5dbe1;--good:#1a7f37;--bad:#b3261e;--focus:#0b63c5}
@media (prefers-color-scheme:dark){:root{--back:#12161b;--card:#1b2128;--ink:#e6ebf0;--soft:#9aa7b4;--line:#323b45;--good:#2c8f4a;--bad:#cf4a41;--focus:#7db4ff}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.25rem}h1{font-size:1.35rem;margin:.2rem 0 1rem;overflow-wrap:anywhere}h2{font-size:1rem;margin:0 0 .4rem}
section,form{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 1rem}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:.9rem/1.5 ui-monospace,monospace}ul{margin:0;padding-left:1.2rem}li{overflow-wrap:anywhere}
p{margin:0 0 .6rem;overflow-wrap:anywhere}.soft{color:var(--soft)}label{display:block;font-weight:600;margin:0 0 .9rem}label small{display:block;font-weight:400;color:var(--soft)}
label.tick{font-weight:400}label.tick input{width:1.15rem;height:1.15rem;vertical-align:-.2rem;margin-right:.5rem}
input[type=text],textarea,select{display:block;width:100%;margin-top:.25rem;padding:.55rem;font:inherit;color:inherit;background:var(--back);border:1px solid var(--soft);border-radius:.35rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem}button{flex:1 1 9rem;min-height:2.9rem;font:inherit;font-weight:600;color:#fff;border:0;border-radius:.35rem;cursor:pointer}
.grant{background:var(--good)}.deny{background:var(--bad)}:focus-visible{outline:3px solid var(--focus);outline-offset:2px}.problem{border-left:.35rem solid var(--bad)}.done{border-left:.35rem solid var(--good)}
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing is loaded, nothing runs, and the form goes nowhere else. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** The page that asks; it decides nothing until its form is sent. */
export function askingPage(view: ApprovalView, addressee: string, language: Language, problem?: VirtflowError): string {
  const words = wordsOf(language);
  const { subject, text, plan, blast, reason, lends, quorum, expiresAt, asker, answers } = view;
  const title = subject.type === 'operation' ? `${subject.action} · ${subject.targetName}` : subject.nodeName;
  const by = fill(words.askedBy, { asker: asker.principal, through: asker.through, policy: view.policy });
  const facts = [
    fill(words.open, { until: new Date(expiresAt).toISOString().replace('T', ' ').slice(0, 16) }),
    ...(quorum > 1 ? [fill(words.quorum, { granted: view.granted.length, quorum })] : []),
    ...(lends ? [fill(words.lends, { permission: lends })] : []),
  ];
  return page(language, title, [
    `<p class="soft">${escaped(by)}</p>`,
    `<h1>${escaped(title)}</h1>`,
    problem ? box('problem', [problem.message, problem.advice]) : '',
    reason ? box('problem', [fill(words.anew, { reason })]) : '',
    text ? section(words.consider, `<p>${escaped(text)}</p>`) : '',
    plan ? section(words.plan, `<pre>${escaped(plan.text)}</pre>`) : '',
    blast ? section(words.blast, list(blast.lines)) : '',
    answers.length > 0 ? section(words.answers, list(answers.map((one) => answerLine(one, words)))) : '',
    section(words.terms, list(facts)),
    formHtml(view, addressee, words),
  ]);
}

export function donePage(state: string, decision: 'grant' | 'deny', language: Language): string {
  const words = wordsOf(language);
  const text = decision === 'deny' ? words.denied : state === 'granted' ? words.granted : words.grantedInPart;
  return page(language, words.title, [`<h1>${escaped(words.thanks)}</h1>`, box('done', [text])]);
}

export function problemPage(
  { message, advice }: Pick<VirtflowError, 'message' | 'advice'>,
  language: Language,
): string {
  const words = wordsOf(language);
  return page(language, words.title, [`<h1>${escaped(words.cannot)}</h1>`, box('problem', [message, advice])]);
}

function formHtml({ form }: ApprovalView, addressee: string, words: Words): string {
  const fields = Object.entries(form?.properties ?? {}).map(([name, field]) =>
    fieldHtml(name, field, form?.required ?? []),
  );
  return `<form method="post"><p class="soft">${escaped(fill(words.answeringAs, { addressee }))}</p>${fields.join('')}
<label>${escaped(words.comment)}<textarea name="comment" rows="2" maxlength="1000"></textarea></label>
<div class="buttons"><button class="grant" name="decision" value="grant">${escaped(words.approve)}</button>
<button class="deny" name="decision" value="deny" formnovalidate>${escaped(words.deny)}</button></div></form>`;
}

function fieldHtml(name: string, field: FormField, required: readonly string[]): string {
  const key = `name="form.${escaped(name)}"`;
  const hint = field.description === undefined ? '' : `<small>${escaped(field.description)}</small>`;
  const needs = required.includes(name) ? ' required' : '';
  if (field.type === 'boolean') {
    const must = field.const ? ' required' : '';
    return `<label class="tick"><input type="checkbox" ${key} value="true"${must}>${escaped(field.title)}${hint}</label>`;
  }
  if ('enum' in field) {
    const options = field.enum.map((value) => `<option>${escaped(value)}</option>`).join('');
    return `<label>${escaped(field.title)}${hint}<select ${key}${needs}><option value=""></option>${options}</select></label>`;
  }
  const limits = `${field.minLength ? ` minlength="${field.minLength}"` : ''} maxlength="${field.maxLength ?? 2_000}"`;
  return `<label>${escaped(field.title)}${hint}<input type="text" ${key}${limits}${needs} autocomplete="off"></label>`;
}

type Words = ReturnType<typeof wordsOf>;

function answerLine({ by, decision, comment, round }: ApprovalView['answers'][number], words: Words): string {
  const text = fill(decision === 'grant' ? words.answerGrant : words.answerDeny, { by, round });
  return comment === '' ? text : `${text} ${comment}`;
}

function section(title: string, html: string): string {
  return `<section><h2>${escaped(title)}</h2>${html}</section>`;
}

function box(kind: 'problem' | 'done', lines: readonly string[]): string {
  const role = kind === 'problem' ? 'alert' : 'status';
  return `<section class="${kind}" role="${role}">${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}</section>`;
}

function list(lines: readonly string[]): string {
  return `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`;
}

function page(language: Language, title: string, body: readonly string[]): string {
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escaped(title)} · virtflow</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<style>${style}</style></head><body><main>${body.join('\n')}</main></body></html>\n`;
}

function escaped(text: string): string {
  const signs: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}
