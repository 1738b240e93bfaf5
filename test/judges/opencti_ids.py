"""The ids that OpenCTI's own client gives to indicators with the patterns of a list, in its order."""

import json
import sys

from pycti import Indicator

json.dump([Indicator.generate_id(pattern) for pattern in json.load(sys.stdin)], sys.stdout)
