"""Decode Pulumi's property maps into frozen values, and back.

What arrives in a dynamic provider has lost its types: every number is a float,
``None`` is dropped, tuples are lists, keys of other versions may lie about, and in a
preview a value may be unknown. Each resource declares a frozen dataclass; `decode`
reads it by its type hints, ignores keys that it doesn't know and takes the field's
default for a key that is absent.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar, Union, get_args, get_origin

from pulumi.output import Unknown

from citus.errors import BadProperty

T = TypeVar("T")


class KnownAfterUp(str):
    """Stands in a preview for text that only `up` will know."""

    __slots__ = ()


KNOWN_AFTER_UP = KnownAfterUp("<known after up>")


class UnknownShape(Exception):
    """A whole list, map or number is unknown, so nothing can be computed from it."""


def decode(cls: type[T], props: Mapping[str, Any], path: str = "") -> T:
    """Read *props* as a *cls*; `BadProperty` names the first property that is wrong."""
    hints = typing.get_type_hints(cls)
    values = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        name = f"{path}{field.name}"
        value = props.get(field.name)
        if value is not None:
            values[field.name] = _read(hints[field.name], value, name)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise BadProperty(f"{name} is missing")
    return cls(**values)


def encode(value: Any) -> Any:
    """Write a value as Pulumi stores it; a field that has its default is left out.

    Outputs may stand in the fields: the program builds its inputs in this way too, so that
    what it declares and what a refresh finds are written alike.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [(f, getattr(value, f.name)) for f in dataclasses.fields(value)]
        return {f.name: encode(v) for f, v in fields if v is not None and v != f.default}
    if isinstance(value, Mapping):
        return {k: encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    return value


def _read(hint: Any, value: Any, name: str) -> Any:
    hint = _single(hint)
    if isinstance(value, Unknown):
        if hint is str:
            return KNOWN_AFTER_UP
        raise UnknownShape(name)
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return decode(typing.cast("type[Any]", hint), value, f"{name}.")
    if get_origin(hint) is tuple and isinstance(value, (list, tuple)):
        return tuple(_read(get_args(hint)[0], v, f"{name}[{i}]") for i, v in enumerate(value))
    if get_origin(hint) is Mapping and isinstance(value, Mapping):
        known = {k: v for k, v in value.items() if v is not None}
        return {k: _read(get_args(hint)[1], v, f"{name}.{k}") for k, v in known.items()}
    return _scalar(hint, value, name)


def _scalar(hint: Any, value: Any, name: str) -> str | int | bool:
    if hint is int and isinstance(value, (int, float)) and not isinstance(value, bool):
        if float(value).is_integer():
            return int(value)
    elif hint in (str, bool) and type(value) is hint:
        return typing.cast("str | bool", value)
    wanted = getattr(hint, "__name__", str(hint))
    raise BadProperty(f"{name} is a {type(value).__name__}, not a {wanted}")


def _single(hint: Any) -> Any:
    """Take the first of a union: of an optional its type, of a `pulumi.Input` the plain one."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(a for a in get_args(hint) if a is not type(None))
    return hint
