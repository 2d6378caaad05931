"""Lifecycles as tables and a pure `Lifecycle.step`. `every_lifecycle` names them all."""
