import Type from 'typebox';
import { catalogue, type ErrorCode } from '../../../model/catalogue.ts';
import { VirtflowError } from '../../../model/errors.ts';
import { isErrorCode, statusOf, titleOf } from '../problem.ts';
import { type Route, route } from '../route.ts';

const kindOfProblem = Type.Object(
  {
    code: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    message: Type.String({ description: 'What happened; the facts stand in braces.' }),
    advice: Type.String({ description: 'What to do.' }),
  },
  { title: 'Kind of problem' },
);

/** The catalogue of errors, where the `type` of a problem leads. */
export function problemRoutes(): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/problems',
      id: 'listProblems',
      tag: 'service',
      summary: 'Every error that there is',
      isOpen: true,
      answers: { 200: { description: 'Them.', schema: Type.Object({ items: Type.Array(kindOfProblem) }) } },
      handle: () => ({ status: 200, body: { items: Object.keys(catalogue).filter(isErrorCode).map(viewOf) } }),
    }),
    route({
      method: 'GET',
      path: '/problems/{code}',
      id: 'getProblem',
      tag: 'service',
      summary: 'What an error means and what to do',
      isOpen: true,
      pathParameters: { code: 'The code of the error.' },
      answers: { 200: { description: 'It.', schema: kindOfProblem } },
      handle: ({ path: { code = '' } }) => {
        if (isErrorCode(code)) return { status: 200, body: viewOf(code) };
        throw new VirtflowError('ROUTE_UNKNOWN', { path: `/problems/${code}` });
      },
    }),
  ];
}

function viewOf(code: ErrorCode) {
  return { code, title: titleOf(code), status: statusOf(code), ...catalogue[code] };
}
