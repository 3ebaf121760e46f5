"""Bodies that a command's JSON schema describes, and some that it nearly does."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

type Schema = Mapping[str, Any]
type Json = Any

PHONES = [
    "+84389801371",
    "+84773543888",
    "+79777777777",
    "0389801371",
    "+84000000001",
    "+12025550123",
]
# What somebody writes who has read nothing; numbers at which something ends.
ODD: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["", " ", "0", "-1", "null", "\x00", "ế", "é", "😀", "{opens_at}", "{", "#"]),
    st.sampled_from([0, -1, 2**31, 2**53, 2**63, 10**38, 10**40, 1.5, 1e300, -0.0]),
    st.sampled_from([[], [[]], {}, {"": None}, [None]]),
)


def bodies(model: type[BaseModel], usual: Mapping[str, Json]) -> st.SearchStrategy[Json]:
    """Bodies of a command, as its schema describes them, and with something odd at one place.

    Args:
        model: The command.
        usual: A body that is taken: some are this one with a field or two of another one's.
    """
    schema = model.model_json_schema()
    described = _values(schema, schema.get("$defs", {}))
    variants = st.builds(
        _changed, st.just(usual), described, st.sets(st.integers(0, 9), max_size=2)
    )
    whole = described | variants
    return whole | st.builds(_with_one_odd, whole, st.randoms(use_true_random=False), ODD)


def _changed(usual: Mapping[str, Json], other: Mapping[str, Json], places: set[int]) -> Json:
    return {**usual, **{name: other[name] for at, name in enumerate(other) if at in places}}


def _with_one_odd(body: Json, chance: Any, odd: Json) -> Json:  # noqa: ANN401 - random.Random
    body = copy.deepcopy(body)
    places = list(_places(body))
    if not places:
        return odd
    holder, place = chance.choice(places)
    holder[place] = odd
    return body


def _places(holder: Json) -> Iterator[tuple[Json, Any]]:
    """Every place in a document where something stands."""
    members = holder.items() if isinstance(holder, dict) else enumerate(holder)
    for place, value in list(members):
        if isinstance(value, dict | list):
            yield from _places(value)
        yield holder, place


def _values(schema: Schema, defs: Mapping[str, Schema]) -> st.SearchStrategy[Json]:
    match schema:
        case {"$ref": ref}:
            return st.deferred(lambda: _values(defs[ref.rsplit("/", 1)[1]], defs))
        case {"anyOf": some}:
            return st.one_of([_values(one, defs) for one in some])
        case {"enum": some}:
            return st.sampled_from(some)
        case {"type": "object"}:
            return _objects(schema, defs)
        case {"type": "array"}:
            most = min(schema.get("maxItems", 3), 3)
            items = _values(schema["items"], defs)
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=most)
    return _plain(schema)


def _plain(schema: Schema) -> st.SearchStrategy[Json]:
    if "const" in schema:
        return st.just(schema["const"])
    plain: Mapping[str, Callable[[], st.SearchStrategy[Json]]] = {
        "string": lambda: _texts(schema),
        "integer": lambda: st.integers(schema.get("minimum", -3), schema.get("maximum", 10**40)),
        "number": lambda: st.floats(schema.get("minimum", -3), schema.get("maximum", 10**9)),
        "boolean": st.booleans,
        "null": st.none,
    }
    return plain[schema["type"]]() if "type" in schema else ODD


def _objects(schema: Schema, defs: Mapping[str, Schema]) -> st.SearchStrategy[Json]:
    if "properties" in schema:
        fields = {name: _values(one, defs) for name, one in schema["properties"].items()}
        needed = {name: fields.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional=fields)
    if "patternProperties" in schema:
        [(pattern, values)] = schema["patternProperties"].items()
        names = _texts({"pattern": pattern})
    else:
        names = _texts(schema.get("propertyNames", {}), defs)
        values = schema["additionalProperties"]
    return st.dictionaries(names, _values(values, defs), max_size=3)


def _texts(schema: Schema, defs: Mapping[str, Schema] | None = None) -> st.SearchStrategy[str]:
    if "enum" in schema or "$ref" in schema or "anyOf" in schema:
        return _values(schema, defs or {})
    if "E.164" in schema.get("description", ""):
        return st.sampled_from(PHONES)
    if schema.get("format") == "date-time":
        return st.sampled_from(["2026-11-21T08:30:00Z", "2026-11-21T08:30:00.123+07:00"])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], alphabet=st.characters(codec="utf-8"))
    least, most = schema.get("minLength", 0), schema.get("maxLength", 100)
    return st.text(st.characters(codec="utf-8"), min_size=least, max_size=min(most, least + 10))
