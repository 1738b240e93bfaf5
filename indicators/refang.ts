/** What writers put in the place of a character so that nobody follows it: one in brackets, a word in brackets, an escaped dot. */
const TOKEN =
  /[ \u00a0]?(?:\[ ?(?:\.|dot|:\/\/|:|\/\/|\/|@|at) ?\]|\( ?(?:\.|dot|:\/\/|:|@|at) ?\)|\{ ?(?:\.|dot|:\/\/|:|@|at) ?\}|< ?(?:\.|dot) ?>)[ \u00a0]?|\\{1,2}\./gi;
const MAY_BE_DEFANGED = /[[({<\\]/;
const WORDS: Readonly<Record<string, string>> = { dot: '.', at: '@' };

/** The text as meant: `1[.]2(dot)3\.4` is `1.2.3.4`, `a[@]b` is `a@b`. Other brackets (`[email]`) stay. */
export function refang(text: string): string {
  if (!MAY_BE_DEFANGED.test(text)) return text;
  return text.replace(TOKEN, (token) => {
    if (token.startsWith('\\')) return '.';
    const inside = token.trim().slice(1, -1).trim().toLowerCase();
    return WORDS[inside] ?? inside;
  });
}

/** As `refang`, of a text that can be nothing but a host or an e-mail address: also `evil[.example` and `evil dot example`. */
export function refangHost(text: string): string {
  return refang(text)
    .replace(/[[(]\.|\.[\])]/g, '.')
    .replace(/ dot /gi, '.')
    .replace(/ at /gi, '@');
}

/** `hxxps[:]//`, `http[://]`, `[https]://`, `h**p:[//]`, `https:\/\/`: the name of a scheme, an `s` apart, and what ends it. */
const SCHEME =
  /^[[({<]?([a-z][a-z0-9+.*_-]*)(?:\[(s)\]|\((s)\))?[\])}>]?(?:[[({]:\/\/[\])}](?:\/\/)?|(?:\[:\]|\(:\)|\{:\}|[:\uff1a])(?:\/\/|\[\/\/\]|\(\/\/\)|\{\/\/\}|\[\/\]\[\/\]|(\\\/\\\/)))/i;
const HTTP = /^(?:h(?:xx|xxx|tx|xt|\*\*|__)p|meow)(s?)$/;
const FTP = /^fxp(s?)$/;

export interface Refanged {
  readonly text: string;
  /** Something was written so that nobody follows it: then that is so of the rest, too. */
  readonly defanged: boolean;
}

/** A URL with its scheme as meant: `hxxps[:]//` is `https://`, `fxp://` is `ftp://`. The rest is left alone. */
export function refangScheme(text: string): Refanged {
  const match = SCHEME.exec(text);
  if (match === null) return { text, defanged: false };
  const [whole, name = '', square = '', round = '', escaped] = match;
  const scheme = `${name}${square}${round}`.toLowerCase().replace(HTTP, 'http$1').replace(FTP, 'ftp$1');
  const rest = text.slice(whole.length);
  const plain = `${scheme}://`;
  // As JSON writes it, and then its other slashes, too.
  if (escaped !== undefined) return { text: `${plain}${rest.replaceAll('\\/', '/')}`, defanged: false };
  return { text: `${plain}${rest}`, defanged: whole.toLowerCase() !== plain };
}

/** What follows the host of a defanged URL: also the URLs in it. */
export function refangRest(text: string): string {
  return refang(text).replace(/hxxp(?=s?(?::\/\/|%3a%2f%2f))/gi, 'http');
}
