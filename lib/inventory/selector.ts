import jsonata from 'jsonata';
import { VirtflowError } from '../model/errors.ts';
import type { AnyObject } from '../model/objects.ts';

const stepsAllowed = 100_000;
const cacheSize = 200;
const evaluateEntry = Symbol.for('jsonata.__evaluate_entry');

/** A condition over one object, in JSONata: `power = 'running' and 'web' in tags`. */
export interface Selector {
  readonly text: string;
  matches(object: AnyObject): Promise<boolean>;
}

const compiled = new Map<string, Selector>();

/**
 * Compiles a selector; the latest are kept. An expression that loops is stopped after a number of steps.
 * @throws SELECTOR_INVALID
 */
export function selector(text: string): Selector {
  const known = compiled.get(text);
  if (known) return known;
  const made = compile(text);
  if (compiled.size >= cacheSize) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(text, made);
  return made;
}

/** Whether a selector holds for an object; it does not where it cannot be asked. */
export async function holds(text: string, object: AnyObject): Promise<boolean> {
  try {
    return await selector(text).matches(object);
  } catch {
    return false;
  }
}

function compile(text: string): Selector {
  const expression = parse(text);
  let steps = 0;
  expression.assign(evaluateEntry as unknown as string, () => {
    steps += 1;
    if (steps > stepsAllowed) throw new Error('it does not come to an end');
  });
  return {
    text,
    matches: async (object) => {
      steps = 0;
      try {
        return await isTrue(await expression.evaluate(object));
      } catch (error) {
        throw invalid(text, error);
      }
    },
  };
}

const cast = jsonata('$boolean($)');

/** As JSONata's own predicates see it: a match of a pattern is true, an empty list is not. */
async function isTrue(answer: unknown): Promise<boolean> {
  if (typeof answer === 'boolean' || answer === undefined) return answer === true;
  return (await cast.evaluate(answer)) === true;
}

function parse(text: string): jsonata.Expression {
  try {
    return jsonata(text);
  } catch (error) {
    throw invalid(text, error);
  }
}

function invalid(text: string, error: unknown): VirtflowError {
  const reason =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return new VirtflowError('SELECTOR_INVALID', { selector: text, reason }, { cause: error });
}
