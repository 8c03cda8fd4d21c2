import { buildPackage } from '../editor/package.ts';

export function packagePath(): string {
  return buildPackage().path;
}
