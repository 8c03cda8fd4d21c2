/** By code: what happened, and what to do. Placeholders (`{…}`) name `details`. */
export type ErrorTexts = Readonly<Record<string, { readonly message: string; readonly advice: string }>>;
