"""Telling people that a customer waits for them: a number, and a line in the log.

The conversation itself stands among those that need a person (`attention`) since the
commit; this is what an operator's alarms look at.
"""

import structlog

from bot.domain.decision import Decision
from bot.domain.handed import UNANSWERED
from bot.domain.referring import CLOSED
from bot.runtime import Runtime
from bot.worker.judging import Verdict
from bot.worker.loading import Loaded
from bot.worker.saving import Saved

_log = structlog.get_logger(__name__)

#: What customers wait for people for.
WAITING = (UNANSWERED, CLOSED)


def alert(loaded: Loaded, decision: Decision, saved: Saved, runtime: Runtime) -> None:
    """Count and log a customer who was told that nobody is there."""
    why = decision.attention
    if saved.verdict is not Verdict.COMMITTED or why not in WAITING:
        return
    runtime.metrics.unanswered.labels(why).inc()
    _log.error(
        "customer_unanswered",
        conversation=loaded.claim.conversation_id,
        tenant=loaded.claim.tenant_id,
        why=why,
    )
