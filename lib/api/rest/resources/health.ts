import Type from 'typebox';
import { type Route, route } from '../route.ts';

/** For whatever watches over the process; without a login it tells nothing but that it answers. */
export function healthRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/health',
      id: 'health',
      tag: 'service',
      summary: 'Whether virtflow answers',
      isOpen: true,
      answers: { 200: { description: 'It does.', schema: Type.Object({ status: Type.Literal('ok') }) } },
      handle: () => ({ status: 200, body: { status: 'ok' } }),
    }),
  ];
}
