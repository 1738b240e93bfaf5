"""What MISP's own client makes of the events and attributes of a list: what is wrong with each, in its order."""

import json
import sys

from pymisp import MISPAttribute, MISPEvent


def attribute_of(body):
    attribute = MISPAttribute(strict=True)
    attribute.from_dict(**body)
    return attribute


def event_of(body):
    event = MISPEvent(strict_validation=True)
    event.from_dict(**body)
    return event


def kept(body, model):
    """The fields that the model knows otherwise than they were sent."""
    there = json.loads(model.to_json())
    wrong = []
    for name, value in body.items():
        if name not in there:
            wrong.append(f"{name} is lost")
        elif name == "Tag":
            if [tag["name"] for tag in there["Tag"]] != [tag["name"] for tag in value]:
                wrong.append("Tag is changed")
        elif name in ("first_seen", "last_seen"):
            if there[name][:19] != value[:19]:
                wrong.append(f"{name} is changed")
        elif str(there[name]).lower() != str(value).lower():
            wrong.append(f"{name} is changed")
    return wrong


def judged(one):
    try:
        body = one["body"]
        return kept(body, (event_of if one["kind"] == "Event" else attribute_of)(body))
    except Exception as error:  # Whatever it is, it is what is wrong.
        return [f"{type(error).__name__}: {error}"]


json.dump([judged(one) for one in json.load(sys.stdin)], sys.stdout)
