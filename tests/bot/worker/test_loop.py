"""The worker's loop: what it does when leases run out and when it must stop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import Database, DatabaseUnavailable
from bot.db.claims import Claim, Claims
from bot.inbox.table import analysis, conversation, message
from bot.reading.reader import Reading, ReadingRequest
from bot.reading.rules.reader import RulesReader
from bot.runtime import Runtime
from bot.worker.loop import Worker
from tests.house import House, open_house

LONG_AGO = datetime(2026, 1, 1, tzinfo=RulesReader.__module__ and None)
