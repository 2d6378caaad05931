"""Which EC2 instances have accelerators, and of how much memory each device is.

Source: the pages of the accelerated instance types (https://aws.amazon.com/ec2/instance-types/accelerated-computing/).
(I) Which of them Lambda Managed Instances use, AWS does not say; so all of them count.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

MEMORY: Mapping[str, int] = MappingProxyType(
    {
        "g4ad": 8, "g4dn": 16, "g5": 24, "g5g": 16, "g6": 24, "g6e": 48, "g6f": 22, "gr6": 24, "gr6f": 22,
        "inf2": 32, "p3": 16, "p3dn": 32, "p4d": 40, "p4de": 80, "p5": 80, "p5e": 141, "p5en": 141, "p6-b200": 179,
        "p6-b300": 268, "trn1": 32, "trn1n": 32, "trn2": 96,
    }
)  # fmt: skip
"""GB of one device, by the family of instances."""


def is_compatible(accelerator: Mapping[str, Any], requirements: Mapping[str, Any]) -> bool:
    """Tell whether instances with *requirements* (``InstanceRequirements``) can have the *accelerator* asked for.

    Its memory is the least that a device must have; Lambda may take a larger one (``AcceleratorConfig``).
    """
    allowed, excluded = requirements.get("AllowedInstanceTypes"), requirements.get("ExcludedInstanceTypes") or ()
    least = accelerator["AcceleratorMemorySize"]
    return any(
        memory >= least
        and (not allowed or any(_is_in(family, pattern) for pattern in allowed))
        and not any(fnmatchcase(f"{family}.any", pattern) for pattern in excluded)
        for family, memory in MEMORY.items()
    )


def _is_in(family: str, pattern: str) -> bool:
    """Tell whether *pattern*, an instance type or a pattern of them (``g6.*``), can mean instances of *family*."""
    return fnmatchcase(family, pattern.partition(".")[0])
