"""Names of accounts: a person's, and never one that reads as a process in the logs."""

from collections.abc import Callable

import pytest

from publisher.errors import AccountError


@pytest.mark.parametrize("name", ["scheduler", "Pipeline", "cli", "DEMO", "run"])
def test_nobody_is_called_what_the_logs_call_a_process(account: Callable[..., tuple[str, ...]], name: str) -> None:
    with pytest.raises(AccountError, match="choose another name"):
        account(name)
