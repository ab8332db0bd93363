# Declares the walk's C++ parts (native/walk/*.h). Declares only.

from libc.stdint cimport int32_t, uint32_t, uint64_t, uint8_t
from libcpp cimport bool as cbool
from libcpp.pair cimport pair
from libcpp.string cimport string
from libcpp.string_view cimport string_view
from libcpp.vector cimport vector


cdef extern from "native/walk/files.h" namespace "aigate::walk" nogil:
    cdef struct Identity:
        uint64_t device
        uint64_t inode


cdef extern from "native/walk/names.h" namespace "aigate::walk" nogil:
    cdef enum Flaw "aigate::walk::Names::Flaw":
        pass

    cdef cppclass CppNames "aigate::walk::Names":
        uint32_t add(string_view glob) except +
        uint32_t kind(const char* name, size_t length) except +
        const vector[uint32_t]& matched(uint32_t kind)

        @staticmethod
        Flaw flaw(string_view glob) except +


cdef extern from "native/walk/patterns.h" namespace "aigate::walk" nogil:
    cdef enum List "aigate::walk::List":
        Hiding "aigate::walk::Hiding"
        Protecting "aigate::walk::Protecting"

    cdef struct CppPattern "aigate::walk::Pattern":
        vector[string] segments
        List list
        cbool absolute
        cbool negated
        cbool directory_only

    cdef cppclass State "aigate::walk::Patterns::State":
        pass

    cdef cppclass Pair "std::array<int32_t, 2>":
        int32_t& operator[](size_t)

    cdef cppclass Decided "std::array<std::array<int32_t, 2>, 2>":
        const Pair& operator[](size_t)

    cdef cppclass Step "aigate::walk::Patterns::Step":
        const State* next
        Decided decided

    cdef cppclass CppPatterns "aigate::walk::Patterns":
        CppPatterns(vector[CppPattern] patterns) except +
        const State* root()
        const State* at_project(const State* state) except +
        const Step& step(const State* state, string_view name) except +


cdef extern from "native/walk/search.h" namespace "aigate::walk" nogil:
    cdef struct Hit:
        List list
        int32_t pattern
        string path
        string real
        cbool resolved
        cbool directory
        cbool anchored
        Identity identity
        uint64_t links

    cdef enum RepositoryKind "aigate::walk::RepositoryKind":
        pass

    cdef struct Failure:
        string path
        int error

    cdef struct Findings:
        vector[Hit] hits
        vector[string] sockets
        vector[pair[string, RepositoryKind]] repositories
        vector[pair[string, string]] links
        vector[Failure] failures

    cdef struct Name:
        string path
        size_t file
        cbool covered

    cdef cppclass CppSearch "aigate::walk::Search":
        CppSearch(vector[CppPattern] patterns, string project) except +
        cbool run(double seconds) except +
        const Failure& failure()
        uint64_t entries()
        string place() except +
        const Findings& findings()
        vector[string] directories() except +
        vector[Name] names_of(const vector[Identity]& files) except +

    vector[Identity] _files_with_more_names "aigate::walk::files_with_more_names"(const string& path) except +


cdef extern from "native/walk/ways.h" namespace "aigate::walk" nogil:
    cdef struct Ways:
        vector[string] links
        vector[string] directories

    Ways _ways_from "aigate::walk::ways_from"(const string& directory) except +
