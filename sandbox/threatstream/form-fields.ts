/**
 * The fields of a form, urlencoded or multipart; the last of a name counts. Null when the content type is neither, as for JSON.
 */
export function formFields(contentType: string, body: string): ReadonlyMap<string, string> | null {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return new Map(new URLSearchParams(body));
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  return type === 'multipart/form-data' && boundary !== undefined ? multipart(boundary, body) : null;
}

function multipart(boundary: string, body: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of body.split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const name = /name="([^"]*)"/i.exec(part.slice(0, end))?.[1];
    if (end >= 0 && name !== undefined) fields.set(name, part.slice(end + 4).replace(/\r\n$/, ''));
  }
  return fields;
}
