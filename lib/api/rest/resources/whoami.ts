import Type from 'typebox';
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
      handle: ({ caller: { who, record } }) => {
        const { id, label, permissions, scope: where, expiresAt } = record;
        const token = record.kind === 'api' ? { id, label, permissions, scope: where, expiresAt } : null;
        const grants = who.grants.map((grant) => ({ ...grant, role: nameOf(grant.role) }));
        return { status: 200, body: { name: who.name, grants, token } };
      },
    }),
  ];
}
