import { readFile, writeFile } from 'node:fs/promises';
import { writtenExample, writtenReference } from './written.ts';

await writeFile('docs/configuration.md', writtenReference());
await writeFile('config/example.yaml', writtenExample(await readFile('config/example.yaml', 'utf8')));
