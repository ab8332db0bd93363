"""`@record`: frozen, slotted classes with named fields, for everything that crosses a boundary.

Type checkers see an ordinary frozen dataclass. At run time the decorator is these few lines, because importing
`dataclasses` (with `inspect` behind it) costs more time than all the rest of `aigate run` does before it starts bwrap.
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
        """Rebuild `cls` with slots for its annotated fields; class attributes of the same name are defaults."""
        fields = tuple(cls.__annotations__)
        namespace = dict(cls.__dict__)
        defaults = {name: namespace.pop(name) for name in fields if name in namespace}
        for name in ("__dict__", "__weakref__"):
            namespace.pop(name, None)
        namespace.update(_METHODS, __slots__=fields, __match_args__=fields, _defaults=defaults)
        return type(cls.__name__, (), namespace)

    def replace(instance, **changes):
        """Return a copy of a record with some fields changed."""
        values = {name: getattr(instance, name) for name in instance.__slots__}
        values.update(changes)
        return type(instance)(**values)

    _set = object.__setattr__

    def _init(self, *args, **kwargs):
        fields = self.__slots__
        if not kwargs and len(args) == len(fields):  # most of them, on the way to a sandbox
            for name, value in zip(fields, args, strict=True):
                _set(self, name, value)
            return
        if len(args) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} fields, got {len(args)}")
        values = dict(self._defaults)
        values.update(zip(fields, args, strict=False))
        if kwargs:
            doubled = [name for name in kwargs if name not in fields or name in fields[: len(args)]]
            if doubled:
                raise TypeError(f"{type(self).__name__}: unexpected or repeated field {doubled[0]!r}")
            values.update(kwargs)
        for name in fields:
            if name not in values:
                raise TypeError(f"{type(self).__name__}: missing field {name!r}")
            _set(self, name, values[name])

    def _values(self):
        return tuple(getattr(self, name) for name in self.__slots__)

    def _eq(self, other):
        return _values(self) == _values(other) if type(other) is type(self) else NotImplemented

    def _hash(self):
        return hash((type(self), _values(self)))

    def _repr(self):
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self.__slots__)})"

    def _frozen(self, name, *_):
        raise AttributeError(f"{type(self).__name__}.{name} is read-only")

    _METHODS = {
        "__init__": _init,
        "__eq__": _eq,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _frozen,
        "__delattr__": _frozen,
    }
