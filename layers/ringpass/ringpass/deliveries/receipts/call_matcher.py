"""Which row tells of which delivery, where no id says so: by the time, and only without doubt.

A row that says when its call began may belong to a delivery that was made up to a minute before
that, or a few seconds after it by another clock; one that does not, to those of the five minutes
before it came. Where these leave a choice, a row is given to a delivery only if it must be its own:
if it is in every way of giving each row a delivery of its own. (A row's being the other's only
candidate is the simplest such case.) Otherwise it is given to none.

This needs each row to be a call of ours. Where there are more rows than deliveries that could be
theirs, one of them is not, nobody knows which, and all of them are left.

Which row came first makes no difference, as long as each tells of a delivery that was made by then:
what is given early is in every such way later, too. A test says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from ringpass.deliveries.call_reports import Called, CallReport, ReportSource

# How long after its request a call may begin, and how far the provider's clock may be behind ours.
CALLED_WITHIN: Final = timedelta(seconds=60)
CLOCK_MARGIN: Final = timedelta(seconds=5)
# How long a call and the message about it may take together, where only its coming is known.
TOLD_WITHIN: Final = timedelta(minutes=5)
_OUR_ID: Final = "dlv_"


@dataclass(frozen=True, slots=True)
class Matching:
    """What a look at a callee's deliveries and rows gives.

    Attributes:
        found: Rows that belong to a delivery from now on, as ``(witness, key)``, with its id.
        doubtful: Deliveries that a row without one could belong to.
    """

    found: Mapping[tuple[ReportSource, str], str] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()


type _Candidates = Mapping[str, frozenset[str]]
"""The deliveries that each row may belong to, by ids and keys."""


def match(called: Sequence[Called], rows: Sequence[CallReport]) -> Matching:
    """Give rows to deliveries: never two of one witness to one delivery, never one to two.

    Rows that have a delivery keep it. Each witness is matched alone, also with deliveries that the
    other one has told of: they need no id in common. Where they have one, that decides.
    """
    found: dict[tuple[ReportSource, str], str] = {}
    while True:
        known = len(found)
        doubtful: set[str] = set()
        for witness in ReportSource:
            given = {
                (row.witness, row.key): row.delivery_id for row in rows if row.delivery_id
            } | found
            own = [
                replace(row, delivery_id=given.get((witness, row.key)))
                for row in rows
                if row.witness is witness
            ]
            others = {key: id_ for (each, key), id_ in given.items() if each is not witness}
            new, left = _match(called, own, others)
            found |= {(witness, key): delivery_id for key, delivery_id in new.items()}
            doubtful |= left
        # What one witness has just found out may be what the other one needs.
        if len(found) == known:
            return Matching(found, frozenset(doubtful))


def _match(
    called: Sequence[Called], rows: Sequence[CallReport], others: Mapping[str, str]
) -> tuple[dict[str, str], set[str]]:
    """Match one witness's rows; ``others`` are deliveries of the other one's, by their keys."""
    taken = {row.delivery_id for row in rows if row.delivery_id}
    free = [each for each in called if each.id not in taken]
    found: dict[str, str] = {}
    unnamed: list[CallReport] = []
    for row in rows:
        if row.delivery_id:
            continue
        named = _named(row, others)
        if named is None:
            unnamed.append(row)
        elif any(each.id == named for each in free):
            found[row.key] = named
            free = [each for each in free if each.id != named]
    candidates = {row.key: frozenset(_candidates(row, free)) for row in unnamed}
    doubtful: set[str] = set()
    for group in _groups({key: ids for key, ids in candidates.items() if ids}):
        sure = _sure(group)
        found |= sure
        left = frozenset[str]().union(*(group[key] for key in group.keys() - sure.keys()))
        doubtful |= left - set(sure.values())
    return found, doubtful


def _named(row: CallReport, others: Mapping[str, str]) -> str | None:
    """The delivery that a row names, be it another stack's; None if it names none."""
    if (row.request_id or "").startswith(_OUR_ID):
        return row.request_id
    return others.get(row.key)


def _candidates(row: CallReport, called: Sequence[Called]) -> Iterator[str]:
    """The deliveries that may be the row's call, by the time."""
    if row.started_at is not None:
        first, last = row.started_at - CALLED_WITHIN, row.started_at + CLOCK_MARGIN
    else:
        first, last = row.came_at - TOLD_WITHIN, row.came_at
    return (each.id for each in called if first <= each.created_at <= last)


def _groups(candidates: _Candidates) -> Iterator[_Candidates]:
    """Rows that compete for deliveries, directly or through others, with their candidates."""
    left = dict(candidates)
    while left:
        key, ids = left.popitem()
        group, reached = {key: ids}, set(ids)
        while near := [key for key, ids in left.items() if ids & reached]:
            for key in near:
                group[key] = left.pop(key)
                reached |= group[key]
        yield group


def _sure(group: _Candidates) -> dict[str, str]:
    """The rows of a group whose delivery is the same in every way of giving each row its own."""
    whole = _give(group)
    if len(whole) < len(group):
        return {}
    return {
        key: delivery_id
        for key, delivery_id in whole.items()
        if len(_give({**group, key: group[key] - {delivery_id}})) < len(group)
    }


def _give(group: _Candidates) -> dict[str, str]:
    """Deliveries for as many rows as possible (a maximum matching, by augmenting paths)."""
    owner: dict[str, str] = {}

    def place(key: str, tried: set[str]) -> bool:
        for delivery_id in sorted(group[key] - tried):
            tried.add(delivery_id)
            if delivery_id not in owner or place(owner[delivery_id], tried):
                owner[delivery_id] = key
                return True
        return False

    for key in sorted(group):
        place(key, set())
    return {key: delivery_id for delivery_id, key in owner.items()}
