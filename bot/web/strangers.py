"""Calls that prove nobody are counted, too, by the address that they come from.

Only such calls are: people who share an address with somebody who guesses keys go on.
"""

from aiohttp import web

from bot.domain.rate import Allowance
from bot.web.keys import LIMITER, RUNTIME


async def count_stranger(request: web.Request) -> Allowance:
    """Count a call with no valid key; its allowance says whether to answer it at all.

    Behind a proxy every caller has its address unless CHATORDER_TRUSTED_PROXIES names
    the proxy.
    """
    limit = request.app[RUNTIME].settings.api_refusals_per_address
    name = f"stranger:{{{request.remote or 'nobody'}}}"
    return await request.app[LIMITER].spend({name: limit})
