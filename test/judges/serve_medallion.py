"""medallion over HTTPS on a port of this machine, which it writes on its first line. Its argument is a file, see taxii-servers.ts."""

import json
import logging
import sys

from medallion import load_app
from werkzeug.serving import make_server

asked = json.load(open(sys.argv[1]))
logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = load_app(asked["config_file"])

server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=(asked["cert"], asked["key"]))
said = {"port": server.port, "root": asked["root"], "collection": asked["collection"]}
print(json.dumps(said), flush=True)
server.serve_forever()
