"""Turns each dropped product into a STAC Item in pgSTAC.

Trigger: IngestQueue (S3 ObjectCreated).
Writes:  Item and ledger row, in one transaction; before it, the Item's thumbnail in the store.
Failure: only records that could not be settled return to the queue, each time later; after ten
         receives they rest in IngestDlq.
"""

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from swath import runtime
from swath.observability import logger
from swath.services.ingest import ingest_messages

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

FIRST_DELAY_S = 5
LONGEST_DELAY_S = 300

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> Any:
    """Settles the batch as a whole (one transaction), then answers for each record."""
    failures = ingest_messages(
        {record["messageId"]: record["body"] for record in event["Records"]},
        inbox=runtime.inbox(),
        catalogue=runtime.catalogue(),
        gallery=runtime.gallery(),
        transfer=runtime.transfer(),
    )
    failed = [record for record in event["Records"] if record["messageId"] in failures]
    if failed and (queue := runtime.queue()):
        queue.postpone({record["receiptHandle"]: delay_s(record) for record in failed})

    def answer_for(record: "SQSRecord") -> None:
        if error := failures.get(record.message_id):
            raise error

    return process_partial_response(
        event=event, record_handler=answer_for, processor=processor, context=context
    )


def delay_s(record: dict[str, Any]) -> int:
    """Seconds until a record that failed is tried again: twice as long each time but the first, so
    that nobody waits much longer than what failed was away.
    """
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    return min(FIRST_DELAY_S << max(0, receives - 2), LONGEST_DELAY_S)
