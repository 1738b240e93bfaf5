"""All objects of a collection, as taxii2-client reads them: {"collection", "ca_file", "user", "password"} or {…, "bearer"}, and "match"."""

import json
import sys

from requests.auth import AuthBase
from taxii2client.v21 import Collection, as_pages


class Bearer(AuthBase):
    def __init__(self, token):
        self.token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


asked = json.load(sys.stdin)
who = (
    {"auth": Bearer(asked["bearer"])}
    if "bearer" in asked
    else {"user": asked["user"], "password": asked["password"]}
)
objects = []
with Collection(asked["collection"], verify=asked["ca_file"], **who) as collection:
    for page in as_pages(collection.get_objects, per_request=100, **asked.get("match", {})):
        objects.extend(page.get("objects", []))
json.dump(objects, sys.stdout)
