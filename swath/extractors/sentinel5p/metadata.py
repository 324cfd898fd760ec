"""The header of the NetCDF file that a product is."""

from dataclasses import dataclass

from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.formats.cube import DESCRIBING, text
from swath.formats.hdf5 import Header, Wanted, read_header
from swath.formats.productfiles import ProductFiles
from swath.formats.values import utc

ROOT = "/"
EOP = "/METADATA/EOP_METADATA"
PROPERTY = f"{EOP}/eop:metaDataProperty"
PROCESSING = f"{PROPERTY}/eop:processing"
FOOTPRINT = f"{EOP}/om:featureOfInterest/eop:multiExtentOf/gml:surfaceMembers/gml:exterior"
FIXED_HEADER = "/METADATA/ESA_METADATA/earth_explorer_header/fixed_header"

# Hundreds of groups that nothing is read from: inputs, settings, keywords.
SKIPPED = (
    "/METADATA/ALGORITHM_SETTINGS",
    f"{EOP}/om:observedProperty",
    f"{EOP}/om:phenomenonTime",
    f"{EOP}/om:procedure",
    f"{FIXED_HEADER}/source",
    f"{FIXED_HEADER}/validity_period",
    "/METADATA/ESA_METADATA/earth_explorer_header/variable_header",
    "/METADATA/GRANULE_DESCRIPTION",
    "/METADATA/ISO_METADATA",
)


# All that is read of the groups; of variables there are ten times as many.
NAMES = frozenset(
    {
        "date_created",
        "eop:acquisitionType",
        "eop:parentIdentifier",
        "eop:processingCenter",
        "eop:processingDate",
        "eop:processorName",
        "eop:processorVersion",
        "File_Class",
        "gml:posList",
        "orbit",
        "processor_version",
        "time_coverage_end",
        "time_coverage_start",
        "time_reference",
    }
)
WANTED = Wanted(skip=SKIPPED, names=NAMES | DESCRIBING)


@dataclass(frozen=True)
class Metadata:
    """The header, and where it was read: `path` below the product's top folder."""

    path: str
    header: Header

    def text(self, group: str, attribute: str) -> str | None:
        """An attribute as text; None when absent or empty."""
        return text(self.header, group, attribute)

    def moment(self, group: str, attribute: str) -> str | None:
        """A time as the catalogue writes it.

        Raises:
            ProductError: `metadata-invalid` for what is not a time.
        """
        value = self.text(group, attribute)
        try:
            return None if value is None else utc(value)
        except ValueError as error:
            detail = f"{attribute} of {self.path} is {value[:60]!r}" if value else attribute
            raise ProductError(Reason.METADATA_INVALID, detail) from error

    def integer(self, group: str, attribute: str) -> int | None:
        """A whole number; None for anything else."""
        value = self.header.attributes.get(group, {}).get(attribute)
        return value if isinstance(value, int) else None


def read_metadata(files: ProductFiles) -> Metadata:
    """The header of the product's one NetCDF file.

    Raises:
        ProductError: `metadata-missing` without such a file, `ambiguous` with several, and what
            `read_header` raises.
    """
    path = _netcdf(files)
    with files.open(path) as file:
        return Metadata(path, read_header(file, files.sizes[path], files.name, WANTED))


def _netcdf(files: ProductFiles) -> str:
    found = [path for path in files.sizes if path.lower().endswith(".nc")]
    own = [path for path in found if path.rpartition("/")[2] == f"{files.name}.nc"]
    paths = own if len(own) == 1 else found
    if not paths:
        raise ProductError(Reason.METADATA_MISSING, f"{files.name} has no NetCDF file")
    if len(paths) > 1:
        raise ProductError(Reason.AMBIGUOUS, f"{files.name} has {len(paths)} NetCDF files")
    return paths[0]
