"""What MISP makes of a bundle: {"attributes": [...], "errors": [...], "warnings": [...]}."""

import json
import sys

import stix2
from misp_stix_converter import ExternalSTIX2toMISPParser

parser = ExternalSTIX2toMISPParser()
parser.load_stix_bundle(stix2.parse(json.load(sys.stdin), allow_custom=True, version="2.1"))
parser.parse_stix_bundle()
event = json.loads(parser.misp_event.to_json())


def said(messages):
    return sorted(str(message) for each in messages.values() for message in each)


json.dump(
    {
        "attributes": [
            {
                "uuid": attribute["uuid"],
                "type": attribute["type"],
                "category": attribute.get("category"),
                "value": attribute["value"],
                "tags": sorted(tag["name"] for tag in attribute.get("Tag", [])),
            }
            for attribute in event.get("Attribute", [])
        ],
        "errors": said(parser.errors),
        "warnings": said(parser.warnings),
    },
    sys.stdout,
)
