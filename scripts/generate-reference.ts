import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyAction } from '../lib/actions/action.ts';
import { allActions } from '../lib/actions/registry.ts';
import { PoliciesSchema } from '../lib/approvals/policy.ts';
import { rulesSchema } from '../lib/governor/rules.ts';
import { catalogue } from '../lib/model/catalogue.ts';

/** The pages of `docs/reference`, derived from the declarations, by file name. */
export function referencePages(): Map<string, string> {
  return new Map([
    ['actions.md', actionsPage()],
    ['errors.md', errorsPage()],
    ['approvals.schema.json', `${JSON.stringify(approvalsSchema, null, 2)}\n`],
    ['governor.schema.json', `${JSON.stringify(governorSchema, null, 2)}\n`],
  ]);
}

const approvalsSchema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...PoliciesSchema };
const governorSchema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...rulesSchema };

const generated = '<!-- Made from the declarations by scripts/generate-reference.ts; edit those. -->';

function actionsPage(): string {
  const intro = `# Actions\n\n${generated}\n\nEvery action there is. Its node is \`virtflow-<id>\` with a dash for the dot, its MQTT topic \`virtflow/command/<id>\`, its REST route \`POST /virtflow/v1/actions/<id>\`.\n`;
  return [intro, ...allActions.map(actionSection)].join('\n');
}

function actionSection(one: AnyAction): string {
  const facts = [
    `- target: ${one.target}`,
    `- role: ${one.role}`,
    `- danger: ${one.danger}`,
    `- time-out: ${one.timeoutSeconds} s`,
    `- needs: ${one.needs.join(', ')}`,
  ];
  return `## ${one.id}\n\n${one.summary}\n\n${facts.join('\n')}\n${parameterTable(one)}`;
}

interface ParameterSchema {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly { readonly const?: unknown }[];
}

function parameterTable(one: AnyAction): string {
  const parameters = Object.entries(one.parameters.properties) as [string, ParameterSchema][];
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ([name, schema]) =>
      `| \`${name}\` | ${values(schema)} | \`${JSON.stringify(schema.default)}\` | ${schema.description} |`,
  );
  return `\n| parameter | values | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function values(schema: ParameterSchema): string {
  if (schema.anyOf) return schema.anyOf.map((option) => `\`${option.const}\``).join(', ');
  if (schema.minimum !== undefined) return `${schema.type}, ${schema.minimum} to ${schema.maximum}`;
  return schema.type ?? '';
}

function errorsPage(): string {
  const rows = Object.entries(catalogue).map(
    ([code, { message, advice }]) => `| \`${code}\` | ${message} | ${advice} |`,
  );
  const intro = `# Errors\n\n${generated}\n\nEvery error has a stable code; \`{…}\` stands for the facts, which travel with it as \`details\`.\n`;
  return `${intro}\n| code | what happened | what to do |\n|---|---|---|\n${rows.join('\n')}\n`;
}

if (import.meta.main) {
  const directory = join(import.meta.dirname, '../docs/reference');
  for (const [name, page] of referencePages()) writeFileSync(join(directory, name), page);
}
