"""stix2-validator over a list of objects: [{"id", "errors", "warnings"}], in its order, of those that have any."""

import json
import sys

from stix2validator import ValidationOptions, validate_instance

options = ValidationOptions(version="2.1")
found = []
for stix in json.load(sys.stdin):
    result = validate_instance(stix, options)
    errors = [str(error) for error in result.errors]
    warnings = [str(warning) for warning in result.warnings]
    if errors or warnings or not result.is_valid:
        found.append({"id": stix["id"], "errors": errors, "warnings": warnings})
json.dump(found, sys.stdout)
