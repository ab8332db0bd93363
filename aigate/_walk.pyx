# distutils: language = c++
# cython: language_level=3, auto_pickle=False, autotestdict=False, freethreading_compatible=True
"""Searches directories for what patterns name. Owns the border between Python and the C++ beside it.

The documentation of the classes is in _walk.pyi.
"""

from cpython.exc cimport PyErr_CheckSignals
from cython.operator cimport dereference as at
from libcpp.memory cimport make_unique, unique_ptr
from libcpp.utility cimport move

import os

cimport cython

cdef extern from "Python.h":
    str PyUnicode_DecodeFSDefaultAndSize(const char* text, Py_ssize_t size)
    bytes PyUnicode_EncodeFSDefault(object text)

cdef double SLICE = 0.1  # seconds without a look at signals
cdef tuple FLAWS = ("", "has a [ that is never closed", "has a range of characters that runs backwards",
                    "has a class of characters that there is not")
cdef tuple REPOSITORY_KINDS = ("directory", "file", "bare")


@cython.final
cdef class Names:
    cdef unique_ptr[CppNames] names

    def __cinit__(self, globs):
        self.names = make_unique[CppNames]()
        for glob in globs:
            encoded = PyUnicode_EncodeFSDefault(glob)
            at(self.names).add(encoded)

    def matched(self, str name not None):
        cdef bytes encoded = PyUnicode_EncodeFSDefault(name)
        return tuple(at(self.names).matched(at(self.names).kind(encoded, len(encoded))))


def flaw(str glob not None):
    cdef bytes encoded = PyUnicode_EncodeFSDefault(glob)
    return FLAWS[<int> CppNames.flaw(encoded)]


@cython.final
cdef class Matcher:
    cdef unique_ptr[CppPatterns] patterns

    def __cinit__(self, patterns):
        cdef vector[CppPattern] compiled
        _compile(patterns, List.Hiding, compiled)
        self.patterns = make_unique[CppPatterns](move(compiled))

    def deciding(self, absolute, int outside, bint directory):
        cdef const State* state = at(self.patterns).root()
        cdef const Step* step = NULL
        cdef bytes name
        cdef int32_t found = -1
        for number, component in enumerate(absolute):
            if number == outside:
                state = at(self.patterns).at_project(state)
            name = PyUnicode_EncodeFSDefault(component)
            step = &at(self.patterns).step(state, name)
            state = step.next
            found = step.decided[<size_t> List.Hiding][directory]
        return found if found >= 0 else None


@cython.final
cdef class Search:
    cdef unique_ptr[CppSearch] search

    def __cinit__(self, hiding, protecting, str project not None):
        cdef vector[CppPattern] compiled
        cdef bytes encoded = PyUnicode_EncodeFSDefault(project)
        _compile(hiding, List.Hiding, compiled)
        _compile(protecting, List.Protecting, compiled)
        self.search = make_unique[CppSearch](move(compiled), <string> encoded)

    def run(self, double seconds):
        cdef double part
        cdef cbool done = False
        while not done and seconds > 0:
            part = min(seconds, SLICE)
            with nogil:
                done = at(self.search).run(part)
            if at(self.search).failure().error:
                error = at(self.search).failure().error
                raise OSError(error, os.strerror(error), _text(at(self.search).failure().path))
            PyErr_CheckSignals()
            seconds -= part
        return done

    @property
    def entries(self):
        return at(self.search).entries()

    @property
    def place(self):
        return _text(at(self.search).place())

    def hits(self):
        cdef size_t index
        cdef const Findings* found = &at(self.search).findings()
        made = []
        for index in range(found.hits.size()):
            made.append(_hit(found.hits[index]))
        return made

    def sockets(self):
        return tuple([_text(path) for path in at(self.search).findings().sockets])

    def repositories(self):
        found = []
        for item in at(self.search).findings().repositories:
            found.append((_text(item.first), REPOSITORY_KINDS[<int> item.second]))
        return tuple(found)

    def links(self):
        return tuple([(_text(item.first), _text(item.second)) for item in at(self.search).findings().links])

    def failures(self):
        return tuple([(_text(item.path), item.error) for item in at(self.search).findings().failures])

    def directories(self):
        cdef vector[string] paths = at(self.search).directories()
        return [_text(path) for path in paths]

    def names_of(self, files):
        cdef vector[Identity] wanted
        cdef vector[Name] found
        for device, inode in files:
            wanted.push_back(Identity(device, inode))
        with nogil:
            found = at(self.search).names_of(wanted)
        return [(_text(item.path), item.file, item.covered) for item in found]


def files_with_more_names(str path not None):
    cdef string encoded = PyUnicode_EncodeFSDefault(path)
    cdef vector[Identity] found
    with nogil:
        found = _files_with_more_names(encoded)
    return [(item.device, item.inode) for item in found]


def ways_from(str directory not None):
    cdef string encoded = PyUnicode_EncodeFSDefault(directory)
    cdef Ways found
    with nogil:
        found = _ways_from(encoded)
    return [_text(name) for name in found.links], [_text(name) for name in found.directories]


cdef tuple _hit(const Hit& hit):
    identity = (hit.identity.device, hit.identity.inode) if hit.resolved else None
    real = _text(hit.real) if hit.real.size() else None
    return (hit.list == List.Protecting, hit.pattern, _text(hit.path), real, hit.directory, hit.anchored, identity,
            hit.links > 1)


cdef int _compile(patterns, List which, vector[CppPattern]& into) except -1:
    cdef CppPattern made
    for pattern in patterns:
        made.list = which
        made.absolute = pattern.absolute
        made.negated = pattern.negated
        made.directory_only = pattern.directory_only
        made.segments.clear()
        for segment in pattern.segments:
            made.segments.push_back(<string> PyUnicode_EncodeFSDefault(segment))
        into.push_back(made)
    return 0


cdef str _text(const string& path):
    return PyUnicode_DecodeFSDefaultAndSize(path.data(), path.size())
