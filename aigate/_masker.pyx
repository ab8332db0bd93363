# distutils: language = c++
# cython: language_level=3, auto_pickle=False, autotestdict=False
"""Rules compiled by RE2, and the streams that apply them. Owns the border between Python and the C++ beside it.

The documentation of the classes is in _masker.pyi.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_FillInfo, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from cython.operator cimport dereference as at
from libcpp.memory cimport make_unique, unique_ptr
from libc.stdint cimport int32_t, int64_t
from posix.unistd cimport close as c_close

import os

cimport cython

from aigate.errors import RuleError

cdef str BUILT_IN = "aigate's own rules"  # as aigate.masking.rule has it
VALUE = "value"  # what the counts call known values
cdef const char* NOTHING = ""
cdef size_t DEFAULT_MAX_LINE = 1 << 20
cdef size_t TERMINAL_LINE = 1 << 17  # what is undecided is looked at again whenever more comes


@cython.final
cdef class Masker:
    cdef SharedRules rules
    cdef size_t max_line
    cdef readonly tuple names

    def __cinit__(self, rules=(), *, values=(), max_line=DEFAULT_MAX_LINE):
        if not isinstance(max_line, int) or isinstance(max_line, bool) or max_line < 1:
            raise ValueError("max_line must be a positive number of bytes")
        cdef RuleSet* compiled = new RuleSet()
        self.rules = SharedRules(compiled)
        self.max_line = max_line
        names = []
        for rule in rules:
            _check_types(rule)
            _add(at(compiled), rule)
            names.append(rule.name)
        if _know(at(compiled), values):
            names.append(VALUE)
        self.names = tuple(names)

    def scan_by(self, str path):
        cdef const RuleSet* rules = self.rules.get()
        if not (<RuleSet*> rules).scan_by(path.encode()):
            raise ValueError(f"this processor has no way of scanning called {path!r}")

    def mask(self, data):
        stream = self.stream()
        return (<Stream>stream).run(data, True)

    def stream(self, *, bint terminal=False):
        return Stream(self, terminal=terminal)

    def search(self):
        return Search(self)

    def display(self, size_t rows, size_t columns):
        return Display(self, rows, columns)

    def column(self, data, offsets, *, size_t first=0, count=None, int width=4):
        cdef Py_buffer text, places
        _view(data, &text)
        try:
            _view(offsets, &places)
            try:
                return _masked_column(self, &text, &places, first, count, width)
            finally:
                PyBuffer_Release(&places)
        finally:
            PyBuffer_Release(&text)

    def pump(self, int fd_in, int fd_out):
        return _pumped(Pumping(self, fd_in, fd_out, -1))

    def pumping(self, int source, int target, int done):
        return Pumping(self, source, target, done)


@cython.final
cdef class Pumping:
    cdef unique_ptr[CppPump] pump
    cdef tuple names
    cdef int source, target, done
    cdef readonly dict counts
    cdef readonly object failure

    def __cinit__(self, Masker masker not None, int source, int target, int done):
        self.pump = make_unique[CppPump](masker.rules, masker.max_line, source, target)
        self.names = masker.names
        self.source, self.target, self.done = source, target, done
        self.counts = {}

    def run(self):
        try:
            self.counts = _pumped(self)
        except BaseException as error:
            self.failure = error
        finally:
            c_close(self.source)
            c_close(self.done)


@cython.final
cdef class Stream:
    cdef unique_ptr[CppStream] stream
    cdef unique_ptr[CppStreamOutput] output
    cdef unique_ptr[CppCarrier] carrier
    cdef tuple names
    cdef bint busy

    def __cinit__(self, Masker masker not None, *, bint terminal=False):
        self.stream = make_unique[CppStream](masker.rules, TERMINAL_LINE if terminal else masker.max_line, terminal)
        self.names = masker.names
        self.busy = False

    def feed(self, data):
        return self.run(data, False)

    def flush(self):
        return self.run(b"", True)

    def release(self):
        self.claim()
        try:
            at(self.stream).release()
            return _taken(at(self.stream))
        finally:
            self.busy = False

    def carry(self, int source, int target, int alert, int timeout, int grace):
        cdef CarrierEnd end
        self.claim()
        try:
            if not self.carrier:
                self.output = make_unique[CppStreamOutput](at(self.stream))
                self.carrier = make_unique[CppCarrier](at(self.output))
            with nogil:
                end = at(self.carrier).run(source, target, alert, timeout, grace)
            return at(self.carrier).rest(), end != CarrierEnd.Closed
        finally:
            self.busy = False

    @property
    def held(self):
        return at(self.stream).held()

    @property
    def counts(self):
        return _named(self.names, at(self.stream).counts())

    cdef bytes run(self, data, bint final):
        cdef Py_buffer view
        self.claim()
        try:
            _view(data, &view)
            try:
                return _masked(at(self.stream), <const char*> view.buf, view.len, final)
            finally:
                PyBuffer_Release(&view)
        finally:
            self.busy = False

    cdef int claim(self) except -1:
        if self.busy:
            raise RuntimeError("a stream belongs to one thread at a time")
        self.busy = True
        return 0


@cython.final
cdef class Texts:
    cdef unique_ptr[CppColumn] column

    def __getbuffer__(self, Py_buffer* view, int flags):
        cdef size_t size = at(self.column).text().size()
        cdef const char* begin = at(self.column).text().data()
        if size == 0:
            begin = NOTHING  # never NULL, which some refuse
        PyBuffer_FillInfo(view, self, <void*> begin, size, 1, flags)


@cython.final
cdef class Search:
    cdef unique_ptr[CppSearch] search
    cdef tuple names
    cdef bint busy

    def __cinit__(self, Masker masker not None):
        self.search = make_unique[CppSearch](masker.rules, masker.max_line)
        self.names = masker.names
        self.busy = False

    def feed(self, data, *, bint final=False):
        cdef Py_buffer view
        cdef const Hidden* hidden
        cdef size_t index
        if self.busy:
            raise RuntimeError("a search belongs to one thread at a time")
        _view(data, &view)
        self.busy = True
        try:
            with nogil:
                at(self.search).feed(<const char*> view.buf, view.len, final)
        finally:
            self.busy = False
            PyBuffer_Release(&view)
        found = []
        for index in range(at(self.search).found().size()):
            hidden = &at(self.search).found()[index]
            found.append((hidden.first, hidden.begin.offset, hidden.end.offset, hidden.begin.line,
                          hidden.begin.column, hidden.end.line, hidden.end.column))
        at(self.search).forget()
        return found

    @property
    def decided(self):
        return at(self.search).decided()

    @property
    def counts(self):
        return _named(self.names, at(self.search).counts())


@cython.final
cdef class Display:
    cdef unique_ptr[CppDisplay] display
    cdef unique_ptr[CppCarrier] carrier
    cdef tuple names
    cdef bint busy

    def __cinit__(self, Masker masker not None, size_t rows, size_t columns):
        self.display = make_unique[CppDisplay](masker.rules, rows, columns)
        self.carrier = make_unique[CppCarrier](at(self.display))
        self.names = masker.names
        self.busy = False

    def feed(self, data):
        return self.run(data, False)

    def flush(self):
        return self.run(b"", True)

    def release(self):
        cdef string out
        self.claim()
        try:
            at(self.display).release(out)
            return out
        finally:
            self.busy = False

    def resize(self, size_t rows, size_t columns):
        self.claim()
        try:
            at(self.display).resize(rows, columns)
        finally:
            self.busy = False

    def carry(self, int source, int target, int alert, int timeout, int grace):
        cdef CarrierEnd end
        self.claim()
        try:
            with nogil:
                end = at(self.carrier).run(source, target, alert, timeout, grace)
            return at(self.carrier).rest(), end != CarrierEnd.Closed
        finally:
            self.busy = False

    def cells(self):
        rows = [row.decode() for row in at(self.display).rows()]
        return rows, (at(self.display).row(), at(self.display).column())

    @property
    def held(self):
        return at(self.display).held()

    @property
    def counts(self):
        return _named(self.names, at(self.display).counts())

    cdef bytes run(self, data, bint final):
        cdef Py_buffer view
        cdef string out
        self.claim()
        try:
            _view(data, &view)
            try:
                with nogil:
                    at(self.display).feed(<const char*> view.buf, view.len, final, False, out)
                return out
            finally:
                PyBuffer_Release(&view)
        finally:
            self.busy = False

    cdef int claim(self) except -1:
        if self.busy:
            raise RuntimeError("a display belongs to one thread at a time")
        self.busy = True
        return 0


def spellings(value):
    return _spellings(_value(value, 0))


def scan_paths():
    return [path.decode() for path in CppScanner.paths()]


cdef tuple _masked_column(Masker masker, Py_buffer* text, Py_buffer* places, size_t first, count, int width):
    """Mask a column. Whatever the offsets say, nothing outside of the text is read."""
    cdef size_t many, index
    cdef const char* data = <const char*> text.buf
    if width != 4 and width != 8:
        raise ValueError("offsets have 4 or 8 bytes")
    if <size_t> places.len < (first + 1) * <size_t> width:
        raise ValueError("there are fewer offsets than that")
    many = places.len // width - first - 1 if count is None else count
    if many > places.len // width - first - 1:
        raise ValueError("there are fewer offsets than that")
    cdef const int32_t* narrow = (<const int32_t*> places.buf) + first if width == 4 else NULL
    cdef const int64_t* wide = (<const int64_t*> places.buf) + first if width == 8 else NULL
    cdef int64_t before, now
    cdef Texts texts = Texts.__new__(Texts)
    texts.column = make_unique[CppColumn](masker.rules, masker.max_line)
    cdef CppColumn* column = texts.column.get()
    cdef bint good
    with nogil:
        before = narrow[0] if narrow != NULL else wide[0]
        good = before >= 0
        for index in range(many):
            now = narrow[index + 1] if narrow != NULL else wide[index + 1]
            good = good and now >= before
            before = now
        good = good and before <= text.len
        if good and narrow != NULL:
            column.run[int32_t](data, narrow, many)
        elif good:
            column.run[int64_t](data, wide, many)
    if not good:
        raise ValueError("offsets must not go back, nor lead out of the data")
    cdef size_t size = column.text().size()
    if width == 4 and size > 0x7fffffff:
        raise OverflowError("the masked texts are too long for offsets of 4 bytes")
    cdef bytes made = PyBytes_FromStringAndSize(NULL, (many + 1) * width)
    cdef char* out = PyBytes_AS_STRING(made)
    with nogil:
        for index in range(many + 1):
            now = 0 if index == 0 else column.ends()[index - 1]
            if width == 4:
                (<int32_t*> out)[index] = <int32_t> now
            else:
                (<int64_t*> out)[index] = now
    return texts, made, _named(masker.names, column.counts())


cdef bytes _masked(CppStream& stream, const char* data, size_t size, bint final):
    with nogil:
        stream.feed(data, size, final)
    return _taken(stream)


cdef bytes _taken(CppStream& stream):
    """Copy out what the stream has to say."""
    cdef bytes masked = PyBytes_FromStringAndSize(NULL, stream.sink().size())
    stream.sink().copy_to(PyBytes_AS_STRING(masked))
    stream.settle()
    return masked


cdef int _view(data, Py_buffer* view) except -1:
    """Take a view of any buffer; one that is not contiguous is copied first."""
    cdef object whole = data
    if isinstance(data, memoryview) and not data.c_contiguous:
        whole = data.tobytes()
    return PyObject_GetBuffer(whole, view, PyBUF_SIMPLE)


cdef dict _pumped(Pumping work):
    cdef PumpStatus status = PumpStatus.Interrupted
    cdef int error = 0
    while status == PumpStatus.Interrupted:
        with nogil:
            status = at(work.pump).run(&error)
        PyErr_CheckSignals()
    if status == PumpStatus.Done:
        return _named(work.names, at(work.pump).counts())
    raise OSError(error, os.strerror(error), work.source if status == PumpStatus.ReadFailed else work.target)


cdef dict _named(tuple names, const vector[uint64_t]& counts):
    """Return counts by rule name; rules of one name (a preset may have several) add up."""
    cdef dict named = {}
    cdef size_t index
    for index in range(counts.size()):
        name = names[index]
        named[name] = named.get(name, 0) + counts[index]
    return named


cdef int _check_types(rule) except -1:
    for field, wanted in _FIELDS.items():
        value = getattr(rule, field)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise _refused(rule, f"{field} must be {_KINDS[wanted]}, not {value!r}")
    if rule.check not in _CHECKS:
        raise _refused(rule, f"there is no check {rule.check!r}")
    if rule.show_prefix < 0:
        raise _refused(rule, f"show_prefix must not be negative, it is {rule.show_prefix}")
    return 0


cdef dict _FIELDS = {
    "name": str, "regex": str, "show_prefix": int, "case_insensitive": bool, "token": bool, "armored": bool}
cdef dict _CHECKS = {None: 0, "placeholder": 1, "literal": 2, "random": 3}
cdef dict _KINDS = {str: "text", int: "a whole number", bool: "true or false"}


cdef int _add(RuleSet& compiled, rule) except -1:
    cdef CppRule* added = new CppRule(
        _encoded(rule, rule.regex), min(rule.show_prefix, 1 << 62), rule.case_insensitive, rule.token, rule.armored,
        <Check> <int> _CHECKS[rule.check])
    cdef unique_ptr[CppRule] owner = unique_ptr[CppRule](added)
    if rule.source != BUILT_IN:  # the tests have compiled those; a rule that slips through raises when it is used
        _check_pattern(rule, added.pattern, rule.regex)
    cdef Verdict verdict = compiled.add(owner.release())
    if verdict == Verdict.MatchesNothing:
        raise _refused(rule, f"the pattern {rule.regex!r} can match the empty string")
    if verdict == Verdict.BeginsWithNoWord:
        raise _refused(rule, f"a token begins with a letter, a digit or _, {rule.regex!r} may not")
    return 0


cdef int _check_pattern(rule, CppPattern& pattern, regex) except -1:
    cdef long position = -1
    reason = pattern.refusal(&position).decode("utf-8", "backslashreplace")
    if reason:
        where = f" at byte {position}" if position >= 0 else ""
        raise _refused(rule, f"{reason}{where} of the pattern {regex!r}")
    if not rule.armored and only_across_lines(_encoded(rule, regex), rule.case_insensitive):
        raise _refused(rule, f"the pattern {regex!r} can only match across lines, and each line is matched by itself")
    return 0


cdef bint _know(RuleSet& compiled, values) except -1:
    """Hide values as well. Returns whether there are any."""
    cdef vector[string] known
    if isinstance(values, (str, bytes)):
        raise TypeError("values must be several texts, not one")
    for number, value in enumerate(values):
        known.push_back(_value(value, number))
    compiled.know(known)
    return not known.empty()


cdef bytes _value(value, number):
    """Return a value's bytes. It is never told, for it is secret."""
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"value {number} must be text or bytes, it is {type(value).__name__}")
    cdef bytes raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    if not SHORTEST <= len(raw) <= LONGEST:
        raise RuleError(f"value {number} has {len(raw)} bytes: it must have from {SHORTEST} to {LONGEST}")
    if b"\n" in raw or b"\r" in raw:
        raise RuleError(f"value {number} holds a line end, and each line is matched by itself",
                        hint="give its lines one by one")
    return raw


cdef bytes _encoded(rule, text):
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _refused(rule, "the pattern is not valid Unicode") from None


cdef object _refused(rule, reason):
    where = f"{rule.source}: " if rule.source else ""
    return RuleError(f"{where}masking rule {rule.name!r}: {reason}")
