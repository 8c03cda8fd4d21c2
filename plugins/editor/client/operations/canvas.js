import { words } from '../words.js';

/** What stands on the canvas right now. @returns {CanvasPlace} */
export function canvasPlace() {
  const flow = RED.workspaces.active();
  const [node] = RED.view.selection().nodes ?? [];
  return {
    flow,
    flowName: RED.nodes.workspace(flow)?.label ?? RED.nodes.subflow(flow)?.name ?? '',
    node: node?.id ?? '',
    nodeName: node ? nameOfNode(node) : '',
  };
}

/**
 * Where the canvas shows what an operation came from: its node, or the place where the subflow is used in
 * which that stands.
 * @param {OperationOrigin} origin
 * @returns {{ id: string, name: string } | { missing: string }}
 */
export function originOnCanvas({ node, flow }) {
  if (node === undefined) return { missing: words('operations.canvas.none') };
  for (const id of [node, flow]) {
    const found = id === undefined ? null : RED.nodes.node(id);
    if (found) return { id: found.id, name: nameOfNode(found) };
  }
  return { missing: words('operations.canvas.gone') };
}

/** @param {string} id */
export function showOnCanvas(id) {
  RED.view.reveal(id);
}

/** @param {EditorNode} node */
function nameOfNode(node) {
  return String(RED.utils.getNodeLabel(node, node.id));
}
