import { VirtflowError } from '../../model/errors.ts';
import type { Route } from './route.ts';

interface Place {
  readonly parts: readonly string[];
  readonly routes: Map<string, Route>;
}

export interface Found {
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

/** Finds the route of a request. What is written out wins over what stands in braces. */
export class Router {
  readonly #places: Place[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#placeOf(route.path).routes.set(route.method, route);
    const unknowns = ({ parts }: Place) => parts.filter((part) => part.startsWith('{')).length;
    this.#places.sort((a, b) => unknowns(a) - unknowns(b));
  }

  /** @throws ROUTE_UNKNOWN, METHOD_NOT_ALLOWED, REQUEST_INVALID */
  find(method: string, path: string): Found {
    const parts = partsOf(path);
    const allowed = new Set<string>();
    for (const place of this.#places) {
      if (!fits(place, parts)) continue;
      const route = place.routes.get(method === 'HEAD' ? 'GET' : method);
      if (route) return { route, path: valuesOf(place, parts) };
      for (const other of place.routes.keys()) allowed.add(other);
    }
    if (allowed.size === 0) throw new VirtflowError('ROUTE_UNKNOWN', { path: path.slice(0, 200) });
    throw new VirtflowError('METHOD_NOT_ALLOWED', { method, allowed: withImplied(allowed) });
  }

  #placeOf(path: string): Place {
    const parts = path.split('/');
    const known = this.#places.find((place) => place.parts.join('/') === path);
    if (known) return known;
    const made: Place = { parts, routes: new Map() };
    this.#places.push(made);
    return made;
  }
}

/** What every route answers as well. */
function withImplied(methods: ReadonlySet<string>): string[] {
  return [...methods, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'];
}

/** An id may hold a slash, written as `%2F`. */
function partsOf(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    throw new VirtflowError('REQUEST_INVALID', { reason: 'its path is not encoded as a URL' });
  }
}

function fits({ parts }: Place, given: readonly string[]): boolean {
  if (parts.length !== given.length) return false;
  return parts.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]));
}

function valuesOf({ parts }: Place, given: readonly string[]): Record<string, string> {
  const named = parts.flatMap((part, index) => (part.startsWith('{') ? [[part.slice(1, -1), given[index] ?? '']] : []));
  return Object.fromEntries(named);
}
