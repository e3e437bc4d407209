"""What an error tracker would list of an exception: the variables of every frame it went through, one level deep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

HERE = str(Path(__file__).parent)


def listed(error: BaseException) -> Iterator[str]:
    """The repr of every variable and of the attributes of each, in all frames but those of the tests themselves."""
    for one in chained(error):
        place = one.__traceback__
        while place is not None:
            code = place.tb_frame.f_code
            if not code.co_filename.startswith(HERE):
                for name, value in place.tb_frame.f_locals.items():
                    where = f"{code.co_filename}:{place.tb_lineno} {code.co_name} {name}"
                    yield f"{where} = {value!r}"
                    yield from (f"{where}.{attribute} = {inner!r}" for attribute, inner in attributes(value))
            place = place.tb_next
        yield f"{one!r} {one} {vars(one)!r}"


def chained(error: BaseException) -> list[BaseException]:
    """The exception and all behind it, also what was raised `from None`."""
    found: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is not None and one not in found:
            found.append(one)
            left += [one.__cause__, one.__context__]
    return found


def attributes(value: object) -> Iterator[tuple[str, object]]:
    yield from getattr(value, "__dict__", {}).items()
    for slots in (getattr(kind, "__slots__", ()) for kind in type(value).__mro__):
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name) and name not in ("__dict__", "__weakref__"):
                yield name, getattr(value, name)


def tells(error: BaseException, *secrets: str) -> list[str]:
    """Where a secret stands; [] is what a test wants."""
    return [text for text in listed(error) if any(secret in text for secret in secrets)]
