import { createHash } from 'node:crypto';

export interface FilePart {
  readonly name: string;
  readonly fileName: string;
  readonly type: string;
  readonly text: string;
}

/**
 * A form of fields and one file, by RFC 7578. Written here since the client sends texts, and Node.js's own FormData gives none that
 * could be measured and sent again byte for byte. Names are ours, and need no escaping.
 */
export function multipart(
  fields: Readonly<Record<string, string>>,
  file: FilePart,
): { readonly type: string; readonly text: string } {
  const parts = Object.entries(fields).map(
    ([name, value]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`,
  );
  parts.push(
    `Content-Disposition: form-data; name="${file.name}"; filename="${file.fileName}"\r\nContent-Type: ${file.type}\r\n\r\n${file.text}`,
  );
  // Of the content, so that it does not stand in it.
  const boundary = createHash('sha256').update(parts.join()).digest('hex').slice(0, 40);
  const text = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
  return { type: `multipart/form-data; boundary=${boundary}`, text };
}
