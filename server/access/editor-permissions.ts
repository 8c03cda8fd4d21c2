import { decide, type Principal } from '../../lib/access/decision.ts';
import { type Permission, standingPermissions } from '../../lib/access/permission.ts';

const { readInventory, readFlows, operate, kill, govern, overrideWindows, writeFlows } = standingPermissions;

/**
 * What somebody may do in the editor, in Node-RED's words: `*`; `read`, which covers whatever ends in `.read`;
 * `virtflow.read`; `virtflow.operate`; `virtflow.kill`; `virtflow.govern`; `virtflow.override`. The editor knows no scopes, so a right counts here when it is had everywhere.
 */
export async function editorPermissions(who: Principal): Promise<readonly string[]> {
  const may = async (permission: Permission) => (await decide(who, permission, null)).allowed;
  if (await may(writeFlows)) return ['*'];
  const inventory = await may(readInventory);
  return [
    // Node-RED's `read` brings the inventory with it.
    ...(inventory && (await may(readFlows)) ? ['read'] : []),
    ...(inventory ? ['virtflow.read'] : []),
    ...((await may(operate)) ? ['virtflow.operate'] : []),
    ...((await may(kill)) ? ['virtflow.kill'] : []),
    ...((await may(govern)) ? ['virtflow.govern'] : []),
    ...((await may(overrideWindows)) ? ['virtflow.override'] : []),
  ];
}
