"""Every metric that a service counts, in one list. No label names a tenant: that would be one series for each."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

MESSAGES: Final = Counter("sightglass_messages_total", "Messages handled.", ["queue", "outcome"])
MESSAGE_SECONDS: Final = Histogram(
    "sightglass_message_seconds",
    "Time from the receipt of a message to its outcome.",
    ["queue"],
    buckets=(0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800),
)
QUEUE_AGE_SECONDS: Final = Histogram(
    "sightglass_queue_age_seconds",
    "Age of a message when it was received.",
    ["queue"],
    buckets=(0.1, 0.5, 2, 10, 60, 300, 1800, 7200),
)
SLOTS_BUSY: Final = Gauge("sightglass_slots_busy", "Slots with work in them.", ["queue"])
REDELIVERED: Final = Counter("sightglass_redelivered_total", "Messages received more than once.", ["queue"])
DUPLICATES: Final = Counter(
    "sightglass_duplicate_effects_prevented_total", "Messages whose effect stood already.", ["queue"]
)
FENCED: Final = Counter("sightglass_fenced_total", "Results dropped because the lease was lost.", ["queue"])
HEARTBEATS_LATE: Final = Counter("sightglass_heartbeats_late_total", "Heartbeats sent late or refused.", ["queue"])
OUTBOX_SENT: Final = Counter("sightglass_outbox_sent_total", "Messages that the relay sent.", ["queue"])
OUTBOX_REFUSED: Final = Counter("sightglass_outbox_refused_total", "Sends that SQS refused.", ["queue"])
OUTBOX_LAG_SECONDS: Final = Gauge("sightglass_outbox_lag_seconds", "Age of the oldest row that waits to be sent.")
RECONCILED: Final = Counter("sightglass_reconciled_total", "Jobs that were sent again.", ["reason"])
SCHEDULED: Final = Counter("sightglass_schedules_due_total", "Due times of schedules, and what was done.", ["outcome"])
JOBS: Final = Counter("sightglass_jobs_total", "Jobs that ended.", ["kind", "status", "code"])
STAGE_SECONDS: Final = Histogram(
    "sightglass_stage_seconds",
    "Time that a job spent in a stage.",
    ["kind", "stage"],
    buckets=(0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800, 7200),
)
REQUESTS: Final = Counter("sightglass_requests_total", "HTTP answers.", ["method", "route", "status"])
REQUEST_SECONDS: Final = Histogram(
    "sightglass_request_seconds",
    "Time from an HTTP request to its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)
