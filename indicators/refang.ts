const WRITTEN_AROUND = /[[({]/;

/** The text of a host, an address or an e-mail address as meant: `1[.]2(dot)3` is `1.2.3`, `a[@]b` is `a@b`. */
export function refang(text: string): string {
  if (!WRITTEN_AROUND.test(text)) return text;
  return text
    .replace(/\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}/gi, '.')
    .replace(/\[:\]|\(:\)/g, ':')
    .replace(/\[@\]|\(@\)|\[at\]|\(at\)/gi, '@');
}

/** The scheme of a URL as meant: `hxxps[:]//` is `https://`, `fxp://` is `ftp://`. The rest is left alone. */
export function refangScheme(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*)(?:\[:\]|\(:\)|\[:\/\/\]|\(:\/\/\)|:\[\/\/\])(?:\/\/)?/i, '$1://')
    .replace(/^hxxp(s?):\/\//i, 'http$1://')
    .replace(/^fxp(s?):\/\//i, 'ftp$1://');
}
