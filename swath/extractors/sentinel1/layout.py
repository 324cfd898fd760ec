"""Where a product's files are: as the manifest says, or renamed as in the open data on AWS."""

import json
from collections.abc import Iterable
from dataclasses import replace

from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.formats.productfiles import ProductFiles
from swath.formats.safe import DataObject

# Only copies from AWS's open data have it: it maps the manifest's paths to those of the copy.
# Source: https://roda.sentinel-hub.com/sentinel-s1-l1c/GRD/readme.html
PRODUCT_INFO = "productInfo.json"


def renamed(files: ProductFiles, objects: Iterable[DataObject]) -> list[tuple[str, DataObject]]:
    """Each object of the manifest at its true path, after the path that the manifest gives it.

    Raises:
        ProductError: `metadata-invalid` for a list of names that is not JSON of the known shape.
    """
    names = _new_names(files)
    if not names:
        return [(o.path, o) for o in objects]
    return [(o.path, replace(o, path=names.get(o.path, o.path))) for o in objects]


def _new_names(files: ProductFiles) -> dict[str, str]:
    if PRODUCT_INFO not in files.sizes:
        return {}
    try:
        names = json.loads(files.read(PRODUCT_INFO)).get("filenameMap", {})
        return {str(old): str(new) for old, new in names.items()}
    except (ValueError, AttributeError) as error:
        detail = f"{PRODUCT_INFO} is not the product info of an AWS copy"
        raise ProductError(Reason.METADATA_INVALID, detail) from error
