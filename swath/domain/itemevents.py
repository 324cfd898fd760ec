"""What subscribers are told about Items: CloudEvents, as `schemas/events/item.json` describes them.

Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from swath.domain.item import Item, timestamp
from swath.domain.naming import mission_of

SPECIFICATION = "1.0"
SOURCE = "/stac"
PREFIX = "swath.item."
# Properties that subscribers filter by or show; the Item itself says the rest.
FACTS = (
    "datetime",
    "start_datetime",
    "end_datetime",
    "platform",
    "constellation",
    "product:type",
    "product:timeliness_category",
    "swath:name",
    "swath:size",
)


class ItemEventType(StrEnum):
    """What happened to an Item."""

    CREATED = "created"
    MODIFIED = "modified"
    DELETED = "deleted"
    EVICTED = "evicted"


def cloud_event(
    event_id: UUID, kind: str, subject: str, at: datetime, data: dict[str, Any]
) -> dict[str, Any]:
    """An event as subscribers get it. `href` is a path on the hub; whoever publishes it knows the
    address.
    """
    return {
        "specversion": SPECIFICATION,
        "id": str(event_id),
        "source": SOURCE,
        "type": kind,
        "subject": subject,
        "time": timestamp(at),
        "datacontenttype": "application/json",
        "data": {"href": f"{SOURCE}/{subject}", **data},
    }


@dataclass(frozen=True)
class ItemEvent:
    """Something that happened to one revision of an Item. The same event always has the same id."""

    type: ItemEventType
    item: Item
    uuid: UUID
    revision: int
    at: datetime

    @property
    def collection(self) -> str:
        """The Item's collection."""
        return str(self.item["collection"])

    @property
    def item_id(self) -> str:
        """The Item's id."""
        return str(self.item["id"])

    @cached_property
    def id(self) -> UUID:
        """Made of what the event says: subscribers tell by it what they have seen."""
        name = f"{self.collection}/{self.item_id}/{self.revision}/{self.type}"
        return uuid5(NAMESPACE_URL, name)

    def as_json(self) -> dict[str, Any]:
        """The CloudEvent."""
        return cloud_event(
            self.id,
            PREFIX + self.type,
            f"collections/{self.collection}/items/{self.item_id}",
            self.at,
            {
                "collection": self.collection,
                "revision": self.revision,
                "item": self.item_id,
                "uuid": str(self.uuid),
                "mission": self._mission(),
                "bbox": self.item.get("bbox"),
                "properties": self._facts(),
            },
        )

    def _mission(self) -> str | None:
        known = mission_of(self.item_id)
        return str(known) if known else self.item["properties"].get("constellation")

    def _facts(self) -> dict[str, Any]:
        known = self.item["properties"].get
        return {name: value for name in FACTS if (value := known(name)) is not None}
