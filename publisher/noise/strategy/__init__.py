"""Which totals are measured, and with how much of the budget.  Declared knowledge only: no count is read here.

`groups`: one query group for each area level and marginal of a table.  `error`: what least squares over all of them
will leave, and its gradient.  `split`: the budget that makes it smallest.  `limit`: below what no unbiased Gaussian
strategy can come.
"""

from publisher.noise.strategy.error import cell_weights
from publisher.noise.strategy.groups import QueryGroup, Strategy, squared_sensitivity
from publisher.noise.strategy.limit import Limit, limit_of, limit_weighted
from publisher.noise.strategy.split import least_error, need, plan, plan_weighted, split

__all__ = [
    "Limit", "QueryGroup", "Strategy", "cell_weights", "least_error", "limit_of", "limit_weighted", "need", "plan",
    "plan_weighted", "split", "squared_sensitivity",
]  # fmt: skip
