"""`@record`: frozen classes with named fields, for everything that crosses a boundary.

Type checkers see an ordinary frozen dataclass. At run time the decorator is these few lines, because importing
`dataclasses` (with `inspect` behind it) costs more time than all the rest of `aigate run` does before it starts bwrap.
No slots either: they have to be there when a class is made, so each would be made twice, and a start makes a hundred.
It never does more than dataclasses do: no defaults that are mutable, no inheritance between records.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar, dataclass_transform

    T = TypeVar("T")

    @dataclass_transform(frozen_default=True, eq_default=True)
    def record(cls: type[T]) -> type[T]:
        """See the module's docstring."""
        ...

    def replace(instance: T, **changes: object) -> T:
        """Return a copy of a record with some fields changed."""
        ...

else:

    def record(cls):
        """Give `cls` what a record has; class attributes of its annotated fields' names are defaults."""
        fields = tuple(cls.__annotations__)
        own = cls.__dict__
        cls._defaults = {name: own[name] for name in fields if name in own}
        cls.__match_args__ = fields
        for name, method in _METHODS:
            setattr(cls, name, method)
        return cls

    def replace(instance, **changes):
        """Return a copy of a record with some fields changed."""
        return type(instance)(**{**instance.__dict__, **changes})

    def _init(self, *args, **kwargs):
        fields = self.__match_args__
        values = self.__dict__
        if not kwargs and len(args) == len(fields):  # most of them, on the way to a sandbox
            values.update(zip(fields, args, strict=True))
            return
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} fields, got {len(args)}")
        values.update(self._defaults)
        values.update(zip(fields, args, strict=False))
        if kwargs:
            doubled = [name for name in kwargs if name not in fields or name in fields[: len(args)]]
            if doubled:
                raise TypeError(f"{type(self).__name__}: unexpected or repeated field {doubled[0]!r}")
            values.update(kwargs)
        if len(values) < len(fields):
            missing = next(name for name in fields if name not in values)
            raise TypeError(f"{type(self).__name__}: missing field {missing!r}")

    def _values(self):
        return tuple(getattr(self, name) for name in self.__match_args__)

    def _eq(self, other):
        return _values(self) == _values(other) if type(other) is type(self) else NotImplemented

    def _hash(self):
        return hash((type(self), _values(self)))

    def _repr(self):
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self.__match_args__)})"

    def _frozen(self, name, *_):
        raise AttributeError(f"{type(self).__name__}.{name} is read-only")

    _METHODS = (
        ("__init__", _init),
        ("__eq__", _eq),
        ("__hash__", _hash),
        ("__repr__", _repr),
        ("__setattr__", _frozen),
        ("__delattr__", _frozen),
    )
