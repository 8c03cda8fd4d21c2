#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// Loaded only when it can be: an older Node would end in a stack trace about a module that it does not have.
if (major > 22 || (major === 22 && minor >= 13)) {
  const { runCommand } = await import('../server/command-line.ts');
  process.exitCode = await runCommand(process.argv.slice(2));
} else {
  console.error(`virtflow needs Node.js 22.13 or newer; this is ${process.version}.`);
  console.error('Install a newer one, or start a checkout of virtflow with "npm start": it brings its own.');
  process.exitCode = 1;
}
