"""OpenTAXII over HTTPS on a port of this machine, which it writes on its first line. Its argument is a JSON file, see taxii-servers.ts."""

import functools
import json
import sys
import types

import opentaxii.taxii2.http
from opentaxii.config import ServerConfig
from opentaxii.middleware import create_app
from opentaxii.server import TAXIIServer
from opentaxii.utils import configure_logging
from werkzeug.serving import make_server

asked = json.load(open(sys.argv[1]))

# 0.9.3 answers 500 to a list of collections, since json writes no UUID by itself.
opentaxii.taxii2.http.json = types.SimpleNamespace(dumps=functools.partial(json.dumps, default=str))

configure_logging({"": "error"})
app = create_app(TAXIIServer(ServerConfig(extra_configs=[asked["config"]])))
with app.app_context():
    auth = app.taxii_server.auth
    auth.api.create_account(asked["user"], asked["password"], is_admin=True)
    token = auth.authenticate(asked["user"], asked["password"])
    store = app.taxii_server.servers.taxii2.persistence.api
    root = store.add_api_root(title="The root", default=True)
    collection = store.add_collection(api_root_id=root.id, title="The collection")

server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=(asked["cert"], asked["key"]))
said = {"port": server.port, "root": root.id, "collection": collection.id, "token": token}
print(json.dumps(said, default=str), flush=True)
server.serve_forever()
