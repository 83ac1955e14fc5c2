"""Many machines on one input, by Ray Data: blocks of posts stream through workers, and one actor owns the ledger, so that quotas hold for all.

Every node needs the same mianjing, installed with the extra `ray`. Ray is not imported before the first call.
"""

from agent.cluster.blocks import Written
from agent.cluster.datasets import extract, extract_to
from agent.cluster.run import run


__all__ = ["Written", "extract", "extract_to", "run"]
