import type { WireAnswer } from '../wire.ts';

const TITLES: Readonly<Record<number, readonly [title: string, text: string]>> = {
  400: ['Bad Request', 'The browser (or proxy) sent a request that this server could not understand.'],
  404: [
    'Not Found',
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  ],
  405: ['Method Not Allowed', 'The method is not allowed for the requested URL.'],
  500: [
    'Internal Server Error',
    'The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.',
  ],
};

/** What Flask answers by itself, in medallion and in OpenTAXII. (Source: werkzeug, `HTTPException.get_body`.) */
export function htmlPage(status: 400 | 404 | 405 | 500, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  const [title, text] = TITLES[status] ?? ['', ''];
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    body: `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n<p>${text}</p>\n`,
  };
}

/** (Source: werkzeug, `redirect`.) */
export function redirection(location: string): WireAnswer {
  return {
    status: 308,
    headers: { 'content-type': 'text/html; charset=utf-8', location },
    body: `<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: <a href="${location}">${location}</a>. If not, click the link.\n`,
  };
}

/** (Source: nginx, its pages of errors.) */
export function proxyPage(status: 413 | 414): WireAnswer {
  const title = status === 413 ? '413 Request Entity Too Large' : '414 Request-URI Too Large';
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
  };
}
