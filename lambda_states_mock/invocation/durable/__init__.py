"""Durable executions: checkpoints, re-invocations, callbacks, chained invocations, pauses."""
