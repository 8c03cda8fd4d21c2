import Type from 'typebox';
import type { TokenRecord } from '../../../access/account.ts';
import { nameOf } from '../../../access/role.ts';
import { type Route, route } from '../route.ts';
import { orNull, time } from '../schemas/common.ts';

const scope = Type.Object({
  connection: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  selector: Type.Optional(Type.String()),
});

const whoamiSchema = Type.Object(
  {
    name: Type.String(),
    principal: Type.String({ description: 'By this name stand operations that you ask for.' }),
    grants: Type.Array(Type.Object({ effect: Type.Enum(['allow', 'deny']), role: Type.String(), scope })),
    token: orNull(
      Type.Object(
        {
          id: Type.String(),
          label: Type.String(),
          permissions: Type.Array(Type.String()),
          scope,
          expiresAt: orNull(time('Until then.')),
        },
        { description: 'The API token, which narrows; null for a session of the editor.' },
      ),
    ),
  },
  { title: 'Who asks' },
);

/** Whom virtflow takes the caller for. */
export function whoamiRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/whoami',
      id: 'whoami',
      tag: 'access',
      summary: 'Who you are, and what is granted to you',
      answers: { 200: { description: 'You.', schema: whoamiSchema } },
      handle: ({ caller: { who, record, origin } }) => {
        const grants = who.grants.map((grant) => ({ ...grant, role: nameOf(grant.role) }));
        return { status: 200, body: { name: who.name, principal: origin.principal, grants, token: tokenOf(record) } };
      },
    }),
  ];
}

function tokenOf(record: TokenRecord | null) {
  if (record?.kind !== 'api') return null;
  const { id, label, permissions, scope: where, expiresAt } = record;
  return { id, label, permissions, scope: where, expiresAt };
}
