export interface FormFile {
  /** As it was given by the sender. */
  readonly name: string;
  /** Lower case, without parameters; empty when the part does not say. */
  readonly type: string;
  readonly text: string;
}

/** Of fields, and of files, the last of a name counts. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, FormFile>;
}

/** A form, urlencoded or multipart. Null when the content type is neither, as for JSON, or when a multipart body does not end. */
export function readForm(contentType: string, body: string): Form | null {
  const type = plainType(contentType);
  if (type === 'application/x-www-form-urlencoded') {
    return { fields: new Map(new URLSearchParams(body)), files: new Map() };
  }
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const delimiter = boundary?.[1] ?? boundary?.[2];
  return type === 'multipart/form-data' && delimiter !== undefined ? multipart(`--${delimiter}`, body) : null;
}

/**
 * A part is all that stands between its empty line and the line break before the next delimiter, to the byte. (Source: RFC 2046, 5.1.1;
 * RFC 7578.)
 */
function multipart(delimiter: string, body: string): Form | null {
  const fields = new Map<string, string>();
  const files = new Map<string, FormFile>();
  const whole = `\r\n${body}`;
  const between = `\r\n${delimiter}`;
  let at = whole.indexOf(between);
  while (at >= 0) {
    const begin = at + between.length;
    if (whole.startsWith('--', begin)) return { fields, files };
    const lineEnd = whole.indexOf('\r\n', begin);
    const end = whole.indexOf(between, Math.max(begin, lineEnd));
    if (lineEnd < 0 || end < 0 || whole.slice(begin, lineEnd).trim() !== '') return null;
    readPart(whole.slice(lineEnd, end), fields, files);
    at = end;
  }
  return null;
}

function readPart(part: string, fields: Map<string, string>, files: Map<string, FormFile>): void {
  const headersEnd = part.indexOf('\r\n\r\n');
  if (headersEnd < 0) return;
  const headers = new Map(
    part
      .slice(0, headersEnd)
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const disposition = headers.get('content-disposition') ?? '';
  const text = part.slice(headersEnd + 4);
  const name = quoted('name', disposition);
  const fileName = quoted('filename', disposition);
  if (name === null) return;
  if (fileName === null) fields.set(name, text);
  else files.set(name, { name: fileName, type: plainType(headers.get('content-type') ?? ''), text });
}

const NAMED = {
  name: /;\s?name=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i,
  filename: /;\s?filename=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i,
} as const;

/** In quotation marks, in which clients write a quotation mark as `%22` or as `\"`. (Source: HTML, multipart form data; RFC 7578.) */
function quoted(name: keyof typeof NAMED, disposition: string): string | null {
  const found = NAMED[name].exec(disposition);
  const text = found?.[1] ?? found?.[2];
  if (text === undefined) return null;
  return text
    .replace(/\\(["\\])/g, '$1')
    .replace(/%(22|0D|0A)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function plainType(contentType: string): string {
  return contentType.split(';')[0]?.trim().toLowerCase() ?? '';
}
