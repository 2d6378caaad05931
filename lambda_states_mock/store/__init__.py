"""What exists: tables of frozen records, partitioned by account and region, as writers and as late readers see them."""

from lambda_states_mock.store.past import Delay
from lambda_states_mock.store.store import Partition, Store, Table, key_of, marker_of

__all__ = ["Delay", "Partition", "Store", "Table", "key_of", "marker_of"]
