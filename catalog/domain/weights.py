"""What the features of an entry are worth, as fitted.

By `python -m catalog.fitting --texts 2000` on the six catalogs that `bench.matching`
measures with, from names only: the texts were written by `catalog.noise`.
"""

import numpy as np

from catalog.domain.scoring import FEATURES, Feature

FITTED = {
    Feature.ALWAYS: -1.023,
    Feature.CODE: 0.387,
    Feature.NAMED: 1.971,
    Feature.SPELT: 1.345,
    Feature.WEAKEST: 1.833,
    Feature.TITLE: 0.998,
    Feature.WHOLE: 0.377,
    Feature.EVIDENCE: 1.483,
    Feature.FOREIGN: -1.041,
    Feature.NUMBER: -1.808,
    Feature.RIVAL: -1.604,
    Feature.LONE: -1.050,
    Feature.SORTED: 1.363,
    Feature.ORDERED: 0.943,
    Feature.INSIDE: 0.885,
    Feature.MATCHED: 0.641,
    Feature.MISSED: -1.103,
    Feature.MISSES: -0.696,
    Feature.UNSAID: -0.455,
    Feature.UNSAYS: -1.026,
    Feature.SIZE: -1.427,
    Feature.CONTRARY: -0.293,
}
#: What makes scores probabilities: by how much they are sharpened, and what being asked
#: for speaks for being there: most of what customers ask for is. Fitted with
#: `--texts 500` on the five smaller catalogs.
SHARPENED, PRESENT = 1.22, 1.56
WEIGHTS = np.array([FITTED[feature] for feature in range(FEATURES)])
