import type { RunningVirtflow } from '../server/virtflow-process.ts';
import type { FlowNode } from './flow-file.ts';

/** Changes the flows of a running virtflow as the editor does: read, edit, add what is imported, deploy. */
export async function redeploy(
  virtflow: RunningVirtflow,
  token: string,
  edit: (node: FlowNode) => FlowNode,
  imported: readonly FlowNode[] = [],
): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'node-red-api-version': 'v2',
  };
  const url = `${virtflow.url}flows`;
  const { flows, rev } = (await (await fetch(url, { headers })).json()) as { flows: FlowNode[]; rev: string };
  const ids = new Set(flows.map(({ id }) => id));
  const all = [...flows, ...imported.filter(({ id }) => !ids.has(id))];
  const body = JSON.stringify({ flows: all.map(edit), rev });
  const answer = await fetch(url, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`the deploy was refused: ${answer.status} ${await answer.text()}`);
}
