import Type, { type TProperties, type TSchema } from 'typebox';

export const errorRecord = Type.Object(
  {
    code: Type.String({ description: 'Stable, of the catalogue of errors.' }),
    message: Type.String({ description: 'What happened.' }),
    advice: Type.String({ description: 'What to do.' }),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { title: 'Error' },
);

export const problem = Type.Object(
  {
    type: Type.String({ format: 'uri-reference' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened.' }),
    code: Type.String({ description: 'Stable, of the catalogue of errors.' }),
    advice: Type.String({ description: 'What to do.' }),
    details: Type.Record(Type.String(), Type.Unknown(), { description: 'The facts it was raised on.' }),
  },
  { title: 'Problem', description: 'RFC 9457, with what every error of virtflow carries beside.' },
);

/** Milliseconds since the epoch. */
export const time = (description: string) =>
  Type.Integer({ description: `${description} Milliseconds since the epoch.` });

export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A page of a list. */
export const pageOf = <T extends TSchema>(item: T, title: string) =>
  Type.Object(
    {
      items: Type.Array(item),
      next: orNull(Type.String({ description: 'The cursor of the next page; null at the end.' })),
    },
    { title },
  );

/** What every list takes. */
export const paging = {
  limit: Type.Integer({ description: 'How many at most.', minimum: 1, maximum: 1000, default: 100 }),
  cursor: Type.Optional(
    Type.String({ description: 'Where the last page ended: `next` of its answer.', maxLength: 1000 }),
  ),
} satisfies TProperties;
