# distutils: language = c++
# cython: language_level=3, auto_pickle=False, autotestdict=False, freethreading_compatible=True
"""Rules compiled by RE2, and the streams that apply them. Owns the border between Python and the C++ beside it.

The documentation of the classes is in _masker.pyi.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_FillInfo, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from cython.operator cimport dereference as at
from libcpp.memory cimport make_unique, unique_ptr
from libc.stdint cimport int32_t, int64_t, uint32_t
from posix.unistd cimport close as c_close

import os

cimport cython

from aigate.errors import RuleError

include "_rules.pxi"

cdef str BUILT_IN = "aigate's own rules"  # as aigate.masking.rule has it
# What Reach in native/screen/reach.h numbers.
cdef tuple REACHES = (
    "", "clipboard", "clipboard_read", "title", "notification", "link", "false_link", "query", "text_query", "window",
    "file", "other")
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
            if rule.source != BUILT_IN:
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

    def display(self, size_t rows, size_t columns, *, without=()):
        return Display(self, rows, columns, without=without)

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


cdef class Output:
    cdef CppOutput* output
    cdef unique_ptr[CppCarrier] carrier
    cdef tuple names
    cdef Flag busy

    def feed(self, data):
        return self.run(data, False)

    def flush(self):
        return self.run(b"", True)

    def release(self):
        cdef string out
        self.claim()
        try:
            self.output.release(out)
            return out
        finally:
            self.busy.store(False)

    def carry(self, int source, int target, int alert, int timeout, int grace):
        cdef CarrierEnd end
        self.claim()
        try:
            if not self.carrier:
                self.carrier = make_unique[CppCarrier](at(self.output))
            with nogil:
                end = at(self.carrier).run(source, target, alert, timeout, grace)
            return at(self.carrier).rest(), end != CarrierEnd.Closed
        finally:
            self.busy.store(False)

    @property
    def held(self):
        self.exist()
        return self.output.held()

    @property
    def counts(self):
        self.exist()
        return _named(self.names, self.output.counts())

    @property
    def hits(self):
        self.exist()
        return _hits(self.names, self.output.counts())

    cdef bytes run(self, data, bint final):
        cdef Py_buffer view
        self.claim()
        try:
            _view(data, &view)
            try:
                return self.masked(<const char*> view.buf, view.len, final)
            finally:
                PyBuffer_Release(&view)
        finally:
            self.busy.store(False)

    cdef bytes masked(self, const char* data, size_t size, bint final):
        cdef string out
        with nogil:
            self.output.feed(data, size, final, False, out)
        return out

    cdef int exist(self) except -1:
        if self.output == NULL:
            raise TypeError("only a Masker makes streams and displays")
        return 0

    cdef int claim(self) except -1:
        self.exist()
        if self.busy.exchange(True):
            raise RuntimeError("a stream belongs to one thread at a time")
        return 0


@cython.final
cdef class Stream(Output):
    cdef unique_ptr[CppStream] stream
    cdef unique_ptr[CppStreamOutput] owned

    def __cinit__(self, Masker masker not None, *, bint terminal=False):
        self.stream = make_unique[CppStream](masker.rules, TERMINAL_LINE if terminal else masker.max_line, terminal)
        self.owned = make_unique[CppStreamOutput](at(self.stream))
        self.output = self.owned.get()
        self.names = masker.names

    cdef bytes masked(self, const char* data, size_t size, bint final):
        """Copy once only: much may come at once where nobody looks at it."""
        with nogil:
            at(self.stream).feed(data, size, final)
        cdef bytes masked = PyBytes_FromStringAndSize(NULL, at(self.stream).sink().size())
        at(self.stream).sink().copy_to(PyBytes_AS_STRING(masked))
        at(self.stream).settle()
        return masked


@cython.final
cdef class Search:
    cdef unique_ptr[CppSearch] search
    cdef tuple names
    cdef Flag busy

    def __cinit__(self, Masker masker not None):
        self.search = make_unique[CppSearch](masker.rules, masker.max_line)
        self.names = masker.names

    def feed(self, data, *, bint final=False):
        if self.busy.exchange(True):
            raise RuntimeError("a search belongs to one thread at a time")
        try:
            return self.fed(data, final)
        finally:
            self.busy.store(False)

    cdef list fed(self, data, bint final):
        cdef Py_buffer view
        cdef const Hidden* hidden
        cdef size_t index
        _view(data, &view)
        try:
            with nogil:
                at(self.search).feed(<const char*> view.buf, view.len, final)
        finally:
            PyBuffer_Release(&view)
        cdef list found = []
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

    @property
    def hits(self):
        return _hits(self.names, at(self.search).counts())


@cython.final
cdef class Display(Output):
    cdef unique_ptr[CppDisplay] display

    def __cinit__(self, Masker masker not None, size_t rows, size_t columns, *, without=()):
        cdef uint32_t bits = 0
        for name in without:
            bits |= 1 << REACHES.index(name)
        self.display = make_unique[CppDisplay](masker.rules, rows, columns, bits)
        self.output = self.display.get()
        self.names = masker.names

    def resize(self, size_t rows, size_t columns):
        self.claim()
        try:
            at(self.display).resize(rows, columns)
        finally:
            self.busy.store(False)

    def reveal(self):
        cdef string out, text
        self.claim()
        try:
            if not at(self.display).reveal(out, text):
                return None
            return out, (<bytes> text).decode("utf-8", "replace")
        finally:
            self.busy.store(False)

    def conceal(self):
        cdef string out
        self.claim()
        try:
            at(self.display).conceal(out)
            return out
        finally:
            self.busy.store(False)

    @property
    def draws(self):
        return at(self.display).draws()

    def asked(self):
        self.claim()
        try:
            return at(self.display).asked()
        finally:
            self.busy.store(False)

    def stood(self, size_t row):
        self.claim()
        try:
            at(self.display).stood(row)
        finally:
            self.busy.store(False)

    @property
    def taken(self):
        counts = {name: at(self.display).taken(index) for index, name in enumerate(REACHES)}
        return {name: count for name, count in counts.items() if count}

    def cells(self):
        rows = [row.decode() for row in at(self.display).rows()]
        return rows, (at(self.display).row(), at(self.display).column())


def spellings(value):
    return _spellings(_value(value, 0))


def needed(str regex not None, bint case_insensitive):
    return cpp_needed(regex.encode(), case_insensitive)


def look_closely_from(size_t few):
    RuleSet.look_closely_from(few)


def scan_paths():
    return [path.decode() for path in CppScanner.paths()]


include "_column.pxi"


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


cdef dict _hits(tuple names, const vector[uint64_t]& counts):
    cdef dict named = {}
    cdef size_t index
    for index in range(counts.size()):
        if counts[index]:
            name = names[index]
            named[name] = named.get(name, 0) + counts[index]
    return named


cdef dict _named(tuple names, const vector[uint64_t]& counts):
    """Return counts by rule name; rules of one name (a preset may have several) add up."""
    cdef dict named = {}
    cdef size_t index
    for index in range(counts.size()):
        name = names[index]
        named[name] = named.get(name, 0) + counts[index]
    return named
