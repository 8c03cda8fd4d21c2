import { buildPackage } from '../editor/package.ts';

let built: ReturnType<typeof buildPackage> | undefined;

/** The package, built once in a process and removed when that ends. */
export function packagePath(): string {
  if (!built) {
    built = buildPackage();
    process.once('exit', built.remove);
  }
  return built.path;
}
